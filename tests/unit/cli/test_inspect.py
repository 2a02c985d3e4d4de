"""`netc inspect`: what it writes, what it is given, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from subprocess import CompletedProcess

import netc as api
import numpy as np
import pytest

Netc = Callable[..., CompletedProcess[str]]
DIGITS = """net Digits:
    input image: real[1, 8, 8]
    input digit: class(10)
    c = image -> Conv(3, 3) -> relu
    digit ~ softmax(c -> flatten -> Dense(10))

train:
    data = digits()
    epochs = 1
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inspect")
    api.train(api.load(files("netc.specs") / "sequence" / "hello.net"), steps=20, out=folder / "hello")
    (folder / "d.net").write_text(DIGITS)
    api.train(api.load(folder / "d.net"), out=folder / "digits")
    return folder


def test_a_text_goes_through_the_vocabulary_of_the_run(runs: Path, netc: Netc) -> None:
    done = netc("inspect", "hello", "--input", "hell", cwd=runs)
    assert done.stdout == "" and done.stderr == "wrote hello/inspect.html: gradients through time, recurrent matrices, layers, states\n"
    text = (runs / "hello" / "inspect.html").read_text(encoding="utf-8")
    assert "Looked at with “hell”" in text and ">h</text>" in text and ">o</text>" not in text
    (runs / "texts").mkdir()
    (runs / "texts" / "hell.txt").write_text("hell\n")
    netc("inspect", "hello", "--input", "texts/hell.txt", "-o", "x.html", cwd=runs)
    assert "Looked at with “texts/hell.txt”" in (runs / "x.html").read_text(encoding="utf-8")


def test_without_an_input_the_data_of_the_run_are_taken(runs: Path, netc: Netc) -> None:
    netc("inspect", "digits", "--samples", "3", "-o", "x.html", cwd=runs)
    text = (runs / "x.html").read_text(encoding="utf-8")
    assert "the first 3 samples of the validation part of digits" in text
    assert all(f"<h2>{title}</h2>" in text for title in ("Filters", "Feature maps", "Layers"))


def test_arrays_and_pictures_are_taken(runs: Path, netc: Netc) -> None:
    image = pytest.importorskip("PIL.Image")
    image.fromarray(np.eye(20, dtype=np.uint8) * 255).save(runs / "p.png")
    np.savez(runs / "both.npz", image=np.zeros((2, 1, 8, 8)), digit=np.array([1, 2]))
    netc("inspect", "digits", "--input", "p.png", "-o", "x.html", cwd=runs)
    assert "Gradients need `digit`" in (runs / "x.html").read_text(encoding="utf-8")
    for given in (["both.npz"], ["p.png", "digit=7"], ["digit=7", "p.png"]):
        netc("inspect", "digits", *(w for g in given for w in ("--input", g)), "-o", "x.html", cwd=runs)
        assert "Gradients are those of the mean loss" in (runs / "x.html").read_text(encoding="utf-8")


def test_a_png_is_written_where_the_name_says_so(runs: Path, netc: Netc) -> None:
    pytest.importorskip("matplotlib")
    netc("inspect", "hello", "-o", "x.png", cwd=runs)
    assert (runs / "x.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "arguments, code, message",
    [
        (["hello", "--input", "help"], 1, "error[R111]: 'p' (position 4) is not among the 4 symbols of the vocabulary"),
        (["digits", "--input", "1 2"], 1, "error[R430]: `1 2` cannot be taken as the input `image`: it holds 2 numbers, and a sample takes 1×8×8"),
        (["digits", "--input", "image=abc"], 1, "error[R430]: `abc` cannot be taken as the input `image`: it is neither a file that netc reads nor numbers"),
        (["digits", "--input", "digit=12"], 1, "error[R430]: `12` cannot be taken as the input `digit`: it is none of its 10 classes"),
        (["hello", "--input", "h", "--input", "e"], 2, "error[R430]: `e` cannot be taken: every input has a value already"),
        (["digits", "--input", "none.png"], 3, "error[R401]: cannot read `none.png`: no such file"),
        (["none"], 3, "error[R201]: `none` is no run: run.json is not there"),
        (["hello", "-o", "x.pdf"], 2, "Usage: netc inspect [OPTIONS] RUN"),
        (["hello", "-o", "no/x.html"], 1, "error[R408]: cannot write `no/x.html`: no such file or directory"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_said(arguments: list[str], code: int, message: str, runs: Path, netc: Netc) -> None:
    done = netc("inspect", *arguments, code=code, cwd=runs)
    assert done.stderr.splitlines()[0] == message


def test_a_net_that_writes_answers_to_is_looked_at_with_its_own_answer(tmp_path: Path, netc: Netc) -> None:
    text = (files("netc.specs") / "text" / "seq2seq_attention.net").read_text(encoding="utf-8")
    api.train(api.parse(text, name="t.net"), data="dates(samples=200)", steps=60, out=tmp_path / "dates")
    done = netc("inspect", "dates", "--input", "3 May 1979")
    assert done.stderr.startswith("wrote dates/inspect.html: gates, attention, ")
    answer = netc("sample", "dates", "--input", "3 May 1979").stdout.strip().removeprefix("3 May 1979  →  ")
    assert f"Looked at with “3 May 1979” and the net's own answer “{answer}”" in (tmp_path / "dates" / "inspect.html").read_text(encoding="utf-8")
