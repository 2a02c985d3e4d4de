"""Fine-tuning from the command line: what is loaded is shown, and `netc weights` goes the other way."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
from safetensors.numpy import load_file

Netc = Callable[..., CompletedProcess[str]]
SPEC = """net First:
    input x: real[1, 8, 8]
    input y: class(10)
    f = x -> flatten -> Dense(4, act=tanh)
    y ~ softmax(Dense(10)(f))

net Second:
    input x: real[1, 8, 8]
    input y: class(10)
    f = x -> flatten -> Dense(4, act=tanh)
    head = Dense(10)(f)
    y ~ softmax(head)

train First:
    data = digits(); steps = 2

train Second:
    data = digits(); steps = 2
    load = weights("first.safetensors", names="map.txt", skip=["out.*", "head.*"])
    freeze = ["f.*"]
    rates = [group("head.*.b", 2)]
"""
TABLE = """first.safetensors: loaded 2 · left in the file 2 · fresh head.Dense.W, head.Dense.b
 layer       holds  numbers  from the file     rate
 f.Dense     W, b       260  in.{weight, bias}  frozen
 head.Dense  W           40  fresh             × 1
 head.Dense  b           10  fresh             × 2
 left in the file: out.bias, out.weight
"""


def test_weights_leave_under_other_names_and_come_back(netc: Netc, tmp_path: Path) -> None:
    (tmp_path / "two.net").write_text(SPEC)
    (tmp_path / "map.txt").write_text("in.{weight,bias}  f.Dense.{W,b}\nout.{weight,bias}  y.Dense.{W,b}\n")
    netc("train", "two.net", "--net", "First", "--out", "first", "--plain")
    listed = netc("weights", "first").stdout
    assert " f.Dense.W  parameter  4×64       256 " in listed
    assert netc("weights", "first", "-o", "first.safetensors", "--names", "map.txt").stderr == "wrote first.safetensors: 4 tensors\n"
    assert sorted(load_file(tmp_path / "first.safetensors")) == ["in.bias", "in.weight", "out.bias", "out.weight"]
    dry = netc("train", "two.net", "--net", "Second", "--dry-run")
    assert [" ".join(line.split()) for line in dry.stderr.splitlines()] == [" ".join(line.split()) for line in TABLE.splitlines()]
    netc("train", "two.net", "--net", "Second", "--out", "second", "--plain")
    netc("weights", "second", "-o", "second.safetensors", "--below", "f")
    assert np.array_equal(load_file(tmp_path / "second.safetensors")["Dense.W"], load_file(tmp_path / "first.safetensors")["in.weight"])


def test_what_cannot_be_written_is_said(netc: Netc, tmp_path: Path) -> None:
    (tmp_path / "two.net").write_text(SPEC)
    netc("train", "two.net", "--net", "First", "--out", "first", "--plain")
    (tmp_path / "map.txt").write_text("in.*  f.Dense.*\nin.*.*  y\n")
    assert "line 2 of `map.txt` is no pair of names: `in.*.*  y`" in netc("weights", "first", "-o", "w.safetensors", "--names", "map.txt", code=1).stderr
    assert "no parameter matches `g.*`" in netc("weights", "first", "-o", "w.safetensors", "--below", "g", code=1).stderr
    assert not (tmp_path / "w.safetensors").exists()
