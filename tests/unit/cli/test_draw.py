"""`netc draw` as a user meets it."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Netc = Callable[..., CompletedProcess[str]]
TWO = "net A:\n    input x: real[3]\n    y = Dense(2)(x)\nnet B:\n    input x: real[3]\n    z = 2 * x\n"


@pytest.fixture(autouse=True)
def spec(tmp_path: Path) -> None:
    (tmp_path / "two.net").write_text(TWO)
    (tmp_path / "bad.net").write_text("net N:\n    input x: real[3]\n    y = z + x\n")


def test_a_picture_is_written_in_the_form_that_its_name_says(netc: Netc, tmp_path: Path) -> None:
    for name, begins in (("a.svg", "<svg "), ("a.mmd", "flowchart TD\n"), ("a.md", "```mermaid\n"), ("a.dot", 'digraph "A" {\n'), ("a.GV", "digraph")):
        done = netc("draw", "two.net", "-o", name, "--net", "A")
        assert (done.stdout, done.stderr) == ("", f"wrote {name}\n")
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(begins)


def test_without_a_file_the_picture_goes_to_standard_output(netc: Netc) -> None:
    assert netc("draw", "two.net", "--net", "B").stdout.startswith("<svg ")
    assert netc("draw", "two.net", "--net", "B", "-o", "-", "--format", "dot").stdout.startswith('digraph "B" {')


def test_of_several_nets_one_is_drawn_and_the_others_are_named(netc: Netc) -> None:
    assert netc("draw", "two.net").stderr == "this is A; the file also has B: choose with --net\n"


def test_what_cannot_be_drawn_is_said(netc: Netc, tmp_path: Path) -> None:
    assert "the file has no net `C`" in netc("draw", "two.net", "--net", "C", code=2).stderr
    assert "the name ends in none of .svg, .mmd" in netc("draw", "two.net", "-o", "a.png", code=2).stderr
    assert "nothing is called `z` here" in netc("draw", "bad.net", "-o", "bad.svg", code=1).stderr
    assert not (tmp_path / "bad.svg").exists()
    assert "cannot read `to.net`" in netc("draw", "to.net", code=3).stderr
    assert "nowhere" in netc("draw", "two.net", "-o", "nowhere/a.svg", code=1).stderr
