"""Data: what sources give, and what is said of bad files."""

from pathlib import Path

import numpy as np
import pytest
from netc.compiler.diagnostics.error import NetcError
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.source.text import Source
from netc.compiler.syntax import tree
from netc.compiler.syntax.parser import parse
from netc.runtime.data.fields.model import Splits
from netc.runtime.data.pipeline.resolve import resolve


def data(text: str, folder: Path = Path("."), replace: str | None = None) -> Splits:
    file = parse(Source("spec.net", f"train:\n    data = {text}\n"), Reporter())
    block = file.items[0]
    assert isinstance(block, tree.Block) and isinstance(block.body[0], tree.Equation)
    return resolve(block.body[0].value, folder=folder, seed=1, replace=replace)


def test_digits_are_inside_the_package() -> None:
    found = data("digits()")
    assert {k: d.size for k, d in found.parts().items()} == {"train": 1438, "validation": 180, "test": 179}
    image, digit = found.train.fields
    assert image.values.shape == (1438, 8, 8) and image.values.min() == 0 and image.values.max() == 1
    assert digit.classes == 10


def test_steps_follow_each_other() -> None:
    image = data("digits() -> resize(28) -> border(2) -> range(-0.1, 1.175)").train.fields[0].values
    assert image.shape[1:] == (32, 32)
    assert np.isclose(image.min(), -0.1) and np.isclose(image.max(), 1.175)


def test_the_command_line_replaces_the_source_and_keeps_the_steps() -> None:
    found = data("digits() -> scale(2)", replace="sine")
    assert found.name == "sine" and np.abs(found.train.fields[0].values).max() > 5


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("digit()", "E0707"),
        ("digits() -> resise(3)", "E0707"),
        ("digits() -> resize()", "E0708"),
        ("digits() -> resize(0)", "E0703"),
        ('digits() -> resize("big")', "E0703"),
        ('arrays("../secret.npz")', "R105"),
        ('arrays("nowhere.npz")', "R103"),
    ],
)
def test_wrong_settings(text: str, code: str, tmp_path: Path) -> None:
    with pytest.raises(NetcError, match=code):
        data(text, tmp_path)


def test_a_link_does_not_leave_the_folder(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    np.savez(tmp_path / "secret.npz", x=np.ones(3))
    (tmp_path / "inside" / "link.npz").symlink_to(tmp_path / "secret.npz")
    with pytest.raises(NetcError, match="R105"):
        data('arrays("link.npz")', tmp_path / "inside")


@pytest.mark.parametrize(
    "arrays",
    [
        {"x": np.array([[1.0, np.nan]])},
        {"x": np.ones((3, 2)), "y": np.ones(4)},
        {"x": np.array(5.0)},
    ],
)
def test_bad_arrays_are_refused(arrays: dict[str, np.ndarray], tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", **arrays)
    with pytest.raises(NetcError, match="R104"):
        data('arrays("d.npz")', tmp_path)


def test_pickles_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "d.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(NetcError, match="R104"):
        data('arrays("d.npy")', tmp_path)


def test_a_lying_header_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    from netc.compiler.source.text import Span
    from netc.runtime.data.formats import idx
    from netc.runtime.data.formats.place import Place

    place = Place(tmp_path, Span(Source("spec", "x"), 0, 1))
    lying = bytes([0, 0, 8, 3]) + (1 << 31).to_bytes(4, "big") * 3 + b"abc"
    with pytest.raises(NetcError, match="3 bytes follow"):
        idx.decode(lying, "train", place)
    with pytest.raises(NetcError, match="header is cut off"):
        idx.decode(bytes([0, 0, 8, 3, 0]), "train", place)


def test_csv_with_words_as_classes(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("a,b,kind\n" + "1,2,cat\n3,4,dog\n5,6,cat\n" * 5)
    x, y = data('csv("d.csv", target="kind")', tmp_path).train.fields
    assert x.values.shape[1:] == (2,) and y.classes == 2 and y.labels == ("cat", "dog")


def test_a_bad_cell_is_named(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("a,b,kind\n1,2,cat\n3,x,dog\n")
    with pytest.raises(NetcError, match="line 3, `b`: `x` is not a finite number"):
        data('csv("d.csv")', tmp_path)


def test_absent_data_says_what_was_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "NETC_DATA", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("NETC_OFFLINE", "1")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NetcError, match="`mnist` is not on this machine") as caught:
        data("mnist()", tmp_path)
    notes = caught.value.problems[0].diagnose().notes
    assert "$NETC_DATA" in notes[0] and "NETC_OFFLINE" in notes[0]
    assert "6bbc9ace898e44ae57da46a324031adb" in notes[1]


def test_the_reference_shows_every_source_as_it_is_called() -> None:
    from netc import grammar
    from netc.compiler.settings.sources import SOURCES, STEPS

    page = grammar.source("reference.md")
    assert [s.usage(n) for n, s in SOURCES.items() if f"`{s.usage(n)}`" not in page] == []
    assert [n for n in STEPS if n not in page.partition("\nSteps: ")[2].partition("\n\n")[0].replace("`", " ").split()] == []


def test_a_generator_draws_in_its_own_size_whatever_follows() -> None:
    drawn, small = (data(f"captions(samples=20, noise=0){step}").train.fields[0].array for step in ("", " -> resize(12)"))
    assert small.shape[1:] == (3, 12, 12) and np.allclose(small.mean((2, 3)), drawn.mean((2, 3)), rtol=0, atol=0.02)


def test_normalise_and_scale_serve_sequences(tmp_path: Path) -> None:
    from netc.runtime.data.fields.ragged import Ragged

    (tmp_path / "s.csv").write_text("\n".join(str(k) for k in range(30)))
    values = data('series("s.csv", window=4) -> scale(3) -> normalise()', tmp_path).train.fields[0].values
    assert isinstance(values, Ragged)
    numbers = values.flat[values.points]
    assert np.allclose([numbers.mean(), numbers.std()], [0, 1], atol=1e-6)
    children = data("boolean_trees(samples=50) -> normalise() -> range(0, 1)").train.fields[2].values
    assert isinstance(children, Ragged) and children.flat.min() == -1 and children.flat.dtype == np.int32


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("adding_problem(samples=20) -> resize(4)", "`resize` does not apply to sequences: `x` is real[1..T, 2]"),
        ("adding_problem(samples=20) -> flatten()", "`flatten` does not apply to sequences: `x` is real[1..T, 2]"),
        ("copy(samples=20) -> border(1)", "`border` does not apply to sequences: `x` is class(10)[1..T]"),
        ("copy(samples=20) -> classes(0, 1)", "`classes` does not apply to sequences: `x` is class(10)[1..T]"),
    ],
)
def test_steps_that_sequences_do_not_have(text: str, message: str) -> None:
    with pytest.raises(NetcError) as caught:
        data(text)
    assert str(caught.value).endswith(f"error[R110]: {message}")


def test_steps_serve_what_stands_beside_a_sequence() -> None:
    image, words = data("captions(samples=20) -> resize(8) -> range(0, 1)").train.fields
    assert image.sort == "real[3, 8, 8]" and words.sort == "class(20)[1..T]"
    assert data("parity(samples=50) -> classes(0, 0)").train.fields[1].array.max() == 0
