"""NumPy, IDX and table files: what they give, and what is refused before anything is made of it."""

import gzip
import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from netc.compiler.diagnostics.error import NetcError
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.source.text import Source
from netc.compiler.syntax import tree
from netc.compiler.syntax.parser import parse
from netc.runtime.data.fields.model import Splits
from netc.runtime.data.formats import npy
from netc.runtime.data.pipeline.resolve import resolve


def data(text: str, folder: Path = Path("."), replace: str | None = None) -> Splits:
    block = parse(Source("spec.net", f"train:\n    data = {text}\n"), Reporter()).items[0]
    assert isinstance(block, tree.Block) and isinstance(block.body[0], tree.Equation)
    return resolve(block.body[0].value, folder=folder, seed=1, replace=replace)


def idx_file(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape) + array.tobytes()


# ---- NumPy -----------------------------------------------------------------------------------------------------------


def test_two_files_give_two_fields_with_their_names(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.arange(40.0).reshape(10, 4))
    np.save(tmp_path / "kind.npy", np.arange(10) % 3)
    found = data('arrays("x.npy", "kind.npy", train=1.0, validation=0.0)', tmp_path).train.fields
    assert [(f.name, f.sort) for f in found] == [("x", "real[4]"), ("kind", "class(3)")]
    assert found[0].values[2].tolist() == [8, 9, 10, 11]


def test_arrays_of_any_order_and_byte_order(tmp_path: Path) -> None:
    x = np.arange(6.0).reshape(3, 2)
    for k, array in enumerate((np.asfortranarray(x), x.astype(">f8"), x.astype(np.float16))):
        np.save(tmp_path / f"x{k}.npy", array)
        assert np.array_equal(data(f'arrays("x{k}.npy", train=1.0, validation=0.0)', tmp_path).train.fields[0].values, x)


def test_one_name_from_both_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    for folder in (tmp_path, tmp_path / "a"):
        np.save(folder / "x.npy", np.ones(3))
    with pytest.raises(NetcError, match="both files give a field `x`"):
        data('arrays("x.npy", "a/x.npy")', tmp_path)


def lying(shape: tuple[int, ...]) -> bytes:
    out = io.BytesIO()
    np.lib.format.write_array_header_1_0(out, {"descr": "<f8", "fortran_order": False, "shape": shape})
    return out.getvalue() + b"12345678"


def test_a_lying_header_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    said = r"its header says 1,000,000×1,000,000 \(8,000,000,000,000 bytes\), and 8 bytes follow"
    (tmp_path / "x.npy").write_bytes(lying((10**6, 10**6)))
    with pytest.raises(NetcError, match=said):
        data('arrays("x.npy")', tmp_path)
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("x.npy", lying((10**6, 10**6)))
    with pytest.raises(NetcError, match=said):
        data('arrays("x.npz")', tmp_path)


def test_a_constant_with_a_lying_header_is_refused(tmp_path: Path) -> None:
    import netc

    (tmp_path / "w.npy").write_bytes(lying((10**6, 10**6)))
    (tmp_path / "n.net").write_text('net N:\n    input x: real[2]\n    const w[2] = load("w.npy")\n    output y = sum(w * x)\n')
    with pytest.raises(NetcError, match="its header says"):
        netc.load(tmp_path / "n.net").build()


@given(st.binary(max_size=200), st.integers(0, 90), st.integers(0, 255))
@example(b"", 62, ord("L"))  # a size as Python 2 wrote it
def test_any_bytes_are_an_array_or_a_reason(tail: bytes, place: int, byte: int) -> None:
    whole = bytearray(lying((1,)) + tail)
    whole[place] = byte
    try:
        npy.decode(bytes(whole), len(whole))
    except ValueError as error:
        assert str(error)


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x03\x04 no archive", b"text"])
def test_what_is_no_numpy_file_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.npz").write_bytes(content)
    with pytest.raises(NetcError, match=r"R104.*`x.npz` cannot be used: .+"):
        data('arrays("x.npz")', tmp_path)


# ---- IDX -------------------------------------------------------------------------------------------------------------


def test_idx_files_by_name(tmp_path: Path) -> None:
    images = np.arange(20 * 6, dtype=np.uint8).reshape(20, 2, 3)
    (tmp_path / "i.gz").write_bytes(gzip.compress(idx_file(images)))
    (tmp_path / "l").write_bytes(idx_file(np.arange(20, dtype=np.uint8) % 4))
    image, label = data('idx("i.gz", "l", train=1.0, validation=0.0)', tmp_path).train.fields
    assert (image.name, image.sort, label.name, label.sort) == ("image", "real[2, 3]", "label", "class(4)")
    assert np.allclose(image.values[3], images[3] / 255, rtol=0, atol=1e-7)


@pytest.mark.parametrize(
    ("images", "labels", "said"),
    [
        (idx_file(np.zeros((3, 2, 2), np.uint8)), idx_file(np.zeros(4, np.uint8)), "it has 4 labels, and `i` has 3 images"),
        (idx_file(np.zeros(3, np.uint8)), idx_file(np.zeros((3, 2), np.uint8)), "images have at least two"),
        (idx_file(np.zeros((3, 2), np.uint8)), idx_file(np.zeros((3, 2), np.uint8)), "labels are whole numbers from 0 along one axis"),
        (idx_file(np.zeros((0, 2), np.uint8)), idx_file(np.zeros(0, np.uint8)), "it has no samples"),
        (b"\x89PNG", idx_file(np.zeros(3, np.uint8)), "it does not begin as an IDX file does"),
    ],
)
def test_idx_files_that_do_not_fit(images: bytes, labels: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "i").write_bytes(images)
    (tmp_path / "l").write_bytes(labels)
    with pytest.raises(NetcError, match=said):
        data('idx("i", "l")', tmp_path)


def test_a_broken_packed_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "i.gz").write_bytes(gzip.compress(idx_file(np.zeros((3, 2), np.uint8)))[:-9])
    (tmp_path / "l").write_bytes(idx_file(np.zeros(3, np.uint8)))
    with pytest.raises(NetcError, match="`i.gz`|i.gz` cannot be used"):
        data('idx("i.gz", "l")', tmp_path)


# ---- tables ----------------------------------------------------------------------------------------------------------


def test_tabs_numbers_as_targets_and_blank_lines(tmp_path: Path) -> None:
    (tmp_path / "d.tsv").write_text("\ufeffa\tb\ty\n" + "1\t2\t0.5\n\n3\t4\t1.5\n" * 3, encoding="utf-8")
    x, y = data('csv("d.tsv", target="y", train=1.0, validation=0.0)', tmp_path).train.fields
    assert (x.sort, y.sort) == ("real[2]", "real") and y.values.tolist() == [0.5, 1.5] * 3


def test_a_target_by_its_place(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("0,1.5,2.5\n1,3.5,4.5\n")
    x, y = data('csv("d.csv", target=0, train=1.0, validation=0.0)', tmp_path).train.fields
    assert x.values.tolist() == [[1.5, 2.5], [3.5, 4.5]] and y.classes == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is empty"),
        ("\n\n", "it is empty"),
        (" , \n,\n", "it is empty"),
        ("1,2\n\n3\n", "line 3 has 1 cell, and the first has 2"),
        ("a,b\n1,x\n2,nan\n", None),
        ("a,b\n1,2.5\n\nnan,3.5\n", "line 4, `a`: `nan` is not a finite number"),
        ("a,b\n1,2.5\n1,inf\n", "line 3, `b`: `inf` is not a finite number"),
        ('"' + "x" * 200_000 + '",1\n', "field larger than field limit"),
    ],
)
def test_tables_that_do_not_fit(text: str, said: str | None, tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text(text)
    if said is None:
        assert data('csv("d.csv")', tmp_path).train.fields[1].labels == ("nan", "x")
        return
    with pytest.raises(NetcError, match=said):
        data('csv("d.csv")', tmp_path)


def test_an_unknown_column_is_answered_with_those_there_are(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("a,b\n1,2\n")
    with pytest.raises(NetcError, match="it has no column `kind`; its columns are a, b"):
        data('csv("d.csv", target="kind")', tmp_path)
    with pytest.raises(NetcError, match="it has 2 columns, and column 2 is asked for"):
        data('csv("d.csv", target=2)', tmp_path)


@pytest.mark.parametrize(
    ("text", "reason", "mend"),
    [
        ("a;b\n1,5;2,5\n", "line 2, `a`: `1,5` is not a finite number", "write a decimal point: `1.5`"),
        ("a,b\nx,1\n", "line 2, `a`: `x` is not a finite number", "only the target of `csv` may be words"),
        ("a;b;c\n1;2,5;2\n", "line 2, `b`: `2,5` is not a finite number", "write a decimal point: `2.5`"),
        ("a,b,c\n1,,2\n", "line 2, `b`: this cell is empty", "netc fills no gaps"),
    ],
)
def test_a_table_of_a_spreadsheet_says_what_to_write(text: str, reason: str, mend: str, tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text(text)
    with pytest.raises(NetcError) as raised:
        data('csv("d.csv")', tmp_path)
    diagnosis = raised.value.problems[0].diagnose()
    assert reason in diagnosis.message and diagnosis.help is not None and mend in diagnosis.help


def test_semicolons_part_cells(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("a;b;kind\n1;2.5;cat\n3;4.5;dog\n")
    x, y = data('csv("d.csv", train=1.0, validation=0.0)', tmp_path).train.fields
    assert x.values.tolist() == [[1.0, 2.5], [3.0, 4.5]] and y.labels == ("cat", "dog")


# ---- settings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["sine", "spirals", "xor"])
def test_generators_follow_their_seed(name: str) -> None:
    one, again = (data(f"{name}(samples=50)").train.fields for _ in range(2))
    assert all(np.array_equal(a.values, b.values) for a, b in zip(one, again, strict=True))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sine(samples=1000000000)", "`samples` must be a whole number from 1 to 10,000,000"),
        ("digits() -> resize(100000)", "`size` must be a whole number from 1 to 4,096"),
        ("copy(gap=2000000)", "`gap` must be a whole number from 0 to 1,000,000"),
        ("parity(length=[5, 2000000])", "`length` must be a whole number from 1 to 1,000,000"),
        ("digits() -> border(100000)", "`width` must be a whole number from 0 to 4,096"),
        ('csv("d.csv", train=1.5)', "`train` must be a share above 0"),
        ('csv("d.csv", train=-1)', "`train` must be a share above 0"),
        ('arrays("/etc/passwd")', "R105"),
        ('csv("../d.csv")', "R105"),
        ('idx("../i", "l")', "R105"),
        ('images("..")', "R105"),
    ],
)
def test_wrong_settings_are_refused_before_anything_is_made(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(NetcError, match=said):
        data(text, tmp_path)


def test_a_path_on_the_command_line_may_lie_anywhere_and_hold_brackets(tmp_path: Path) -> None:
    np.savez(tmp_path / "my data (1).npz", x=np.ones((10, 2)))
    assert data("digits()", tmp_path / "elsewhere", replace=str(tmp_path / "my data (1).npz")).train.fields[0].sort == "real[2]"


def test_a_path_on_the_command_line_may_lie_below_the_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data" / "pairs").mkdir(parents=True)
    (tmp_path / "data" / "pairs" / "p.txt").write_text("one\tun\n" * 20)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NETC_DATA", str(tmp_path / "data"))
    assert resolve(None, folder=tmp_path / "specs", seed=1, replace='pairs("pairs/p.txt")').size == 20


def test_a_folder_with_the_files_of_mnist_is_mnist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETC_OFFLINE", "1")
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"not that file")
    with pytest.raises(NetcError, match="its checksum is not that of MNIST"):
        data("digits()", tmp_path / "elsewhere", replace=str(tmp_path))


@pytest.mark.data
def test_mnist_from_a_folder(tmp_path: Path) -> None:
    root = os.environ.get("NETC_DATA")
    if not root or not (Path(root) / "mnist").is_dir():
        pytest.skip("needs NETC_DATA")
    found = data("digits()", tmp_path, replace=str(Path(root) / "mnist"))
    assert found.statement == "mnist 55,000 + 5,000 + 10,000 · seed 1"
