"""Folders of images: what they give, and what is said of those that do not fit."""

import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from netc.compiler.diagnostics.error import MissingError, NetcError
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.source.text import Source
from netc.compiler.syntax import tree
from netc.compiler.syntax.parser import parse
from netc.runtime.data.fields.model import Splits
from netc.runtime.data.pipeline.resolve import resolve

Image = pytest.importorskip("PIL.Image")


def data(text: str, folder: Path, replace: str | None = None) -> Splits:
    block = parse(Source("spec.net", f"train:\n    data = {text}\n"), Reporter()).items[0]
    assert isinstance(block, tree.Block) and isinstance(block.body[0], tree.Equation)
    return resolve(block.body[0].value, folder=folder, seed=1, replace=replace)


def save(file: Path, array: np.ndarray) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(file)


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for label in ("cat", "dog"):
        for k in range(10):
            save(tmp_path / "pets" / label / f"{k}.png", rng.integers(0, 256, (6, 5), dtype=np.uint8))
    return tmp_path


def test_a_sub_folder_is_a_class(pets: Path) -> None:
    found = data('images("pets")', pets)
    image, label = found.train.fields
    assert (image.name, image.sort, label.name, label.sort, label.labels) == ("image", "real[6, 5]", "label", "class(2)", ("cat", "dog"))
    assert found.statement == "pets 16 + 2 + 2 · seed 1"
    assert image.values.min() >= 0 and image.values.max() <= 1


def test_pixels_are_as_in_the_files(pets: Path) -> None:
    part = data('images("pets", train=1.0, validation=0.0)', pets).train
    first = np.asarray(Image.open(pets / "pets" / "cat" / "0.png"), np.float32) / np.float32(255)
    assert np.array_equal(part.fields[0].values[0], first)
    assert part.fields[1].values.tolist() == [0] * 10 + [1] * 10


def test_numbers_as_class_names_stand_in_their_order(tmp_path: Path) -> None:
    for label in ("10", "9", "a"):
        save(tmp_path / "d" / label / "x.png", np.zeros((2, 2), np.uint8))
    assert data('images("d", train=1.0, validation=0.0)', tmp_path).train.fields[1].labels == ("9", "10", "a")


def test_one_colour_image_makes_all_of_them_colour(pets: Path) -> None:
    save(pets / "pets" / "dog" / "red.png", np.full((6, 5, 3), (255, 0, 0), np.uint8))
    image = data('images("pets", train=1.0, validation=0.0)', pets).train.fields[0]
    assert image.sort == "real[3, 6, 5]" and image.values[-1, :, 0, 0].tolist() == [1, 0, 0]
    assert data('images("pets", grey=true)', pets).train.fields[0].sort == "real[6, 5]"


def test_deep_grey_keeps_its_depth(tmp_path: Path) -> None:
    for label in ("a", "b"):
        save(tmp_path / "d" / label / "x.png", np.full((2, 2), 257 * 100, np.uint16))
    image = data('images("d", train=1.0, validation=0.0)', tmp_path).train.fields[0]
    assert image.sort == "real[2, 2]" and np.allclose(image.values, 100 / 255, rtol=0, atol=1e-6)


def test_sizes_that_differ_are_named_and_a_resize_mends_them(pets: Path) -> None:
    save(pets / "pets" / "dog" / "wide.png", np.zeros((6, 9), np.uint8))
    with pytest.raises(NetcError, match=r"sizes of its images differ \(0.png has 6×5, wide.png has 6×9 pixels\)") as caught:
        data('images("pets")', pets)
    assert caught.value.problems[0].diagnose().help == "put `-> resize(5)` right behind the source"
    assert data('images("pets") -> resize(5)', pets).train.fields[0].sort == "real[5, 5]"


def test_resizing_while_reading_is_resizing_afterwards(pets: Path) -> None:
    one = data('images("pets") -> resize(4)', pets).train.fields[0].values
    other = data('images("pets") -> scale(1.0) -> resize(4)', pets).train.fields[0].values
    assert np.allclose(one, other, rtol=0, atol=1e-6)


def test_shrinking_takes_every_pixel_into_account() -> None:
    from netc.runtime.data.formats.pictures import resized

    x = np.random.default_rng(0).random((30, 30)).astype(np.float32)
    small = resized(x, 3, 3)
    for row, column in np.ndindex(30, 30):
        changed = x.copy()
        changed[row, column] += 1
        assert (resized(changed, 3, 3) != small).any()
    assert np.allclose(resized(np.full((30, 20), 0.3, np.float32), 7, 3), 0.3, rtol=0, atol=1e-6)
    as_pillow = Image.fromarray(x).resize((3, 3), Image.Resampling.BILINEAR)
    assert np.allclose(small, np.asarray(as_pillow), rtol=0, atol=1e-5)


def test_parts_may_have_folders_of_their_own(pets: Path) -> None:
    for part in ("train", "test"):
        (pets / "parted").mkdir(exist_ok=True)
        for label in ("cat", "dog"):
            save(pets / "parted" / part / label / "x.png", np.zeros((2, 2), np.uint8))
    found = data('images("parted", validation=0.5)', pets)
    assert {k: d.size for k, d in found.parts().items()} == {"train": 1, "validation": 1, "test": 2}
    save(pets / "parted" / "val" / "dog" / "x.png", np.zeros((2, 2), np.uint8))
    assert {k: d.size for k, d in data('images("parted")', pets).parts().items()} == {"train": 2, "validation": 1, "test": 2}
    save(pets / "parted" / "val" / "cow" / "x.png", np.zeros((2, 2), np.uint8))
    with pytest.raises(NetcError, match="there is no class `cow` among the training images"):
        data('images("parted")', pets)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("cat/note.txt", b"hi", "cat/note.txt` cannot be used: it is no image"),
        ("cat/x.png", b"hi", "x.png` cannot be used: it is no image that Pillow knows"),
        ("cow/.hidden", b"", "the folder of this class is empty"),
    ],
)
def test_a_bad_file_is_named(name: str, content: bytes, said: str, pets: Path) -> None:
    (pets / "pets" / name).parent.mkdir(exist_ok=True)
    (pets / "pets" / name).write_bytes(content)
    with pytest.raises(NetcError, match=said):
        data('images("pets")', pets)


def test_a_cut_off_image_is_named(pets: Path) -> None:
    file = pets / "pets" / "cat" / "3.png"
    file.write_bytes(file.read_bytes()[:50])
    with pytest.raises(NetcError, match="3.png` cannot be used"):
        data('images("pets")', pets)


def test_a_header_that_claims_too_much_is_refused_before_anything_is_made(pets: Path) -> None:
    head = b"IHDR" + struct.pack(">IIBBBBB", 100_000, 100_000, 8, 0, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head)) + struct.pack(">I", 8) + b"IDATxxxxxxxxxxxx"
    (pets / "pets" / "cat" / "bomb.png").write_bytes(bomb)
    with pytest.raises(NetcError, match="bomb.png` cannot be used: it has more than 67,108,864 pixels"):
        data('images("pets")', pets)


def test_what_is_no_folder_of_classes_is_told_so(pets: Path) -> None:
    with pytest.raises(NetcError, match="it has no sub-folders"):
        data('images("pets/cat")', pets)
    with pytest.raises(NetcError, match="it is a file"):
        data('images("pets/cat/0.png")', pets)
    save(pets / "one" / "cat" / "x.png", np.zeros((2, 2), np.uint8))
    with pytest.raises(NetcError, match="it has the one class `cat`"):
        data('images("one")', pets)
    with pytest.raises(MissingError, match="R103"):
        data('images("nowhere")', pets)


def test_a_link_does_not_leave_the_folder(pets: Path) -> None:
    (pets / "inside" / "a").mkdir(parents=True)
    (pets / "inside" / "a" / "x.png").symlink_to(pets / "pets" / "cat" / "0.png")
    with pytest.raises(NetcError, match="R105"):
        data('images(".")', pets / "inside")


def test_a_folder_on_the_command_line_is_a_folder_of_images(pets: Path) -> None:
    assert data("digits() -> resize(3)", pets, replace=str(pets / "pets")).train.fields[0].sort == "real[3, 3]"


def test_without_pillow_what_to_install_is_said(pets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(MissingError, match="reading images needs the package Pillow") as caught:
        data('images("pets")', pets)
    assert caught.value.exit_code == 3
    assert caught.value.problems[0].diagnose().help == 'pip install "netc[images]"'
