"""Commands on the backend that the caller asks for, and what happens where it does not work."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
from netc.runtime.cli import root

Netc = Callable[..., subprocess.CompletedProcess[str]]
compiles = pytest.mark.compiler

SPEC = """net Small:
    input x: real[2]
    input y: class(2)
    y ~ softmax(x -> Dense(4, act=tanh) -> Dense(2))

train:
    data = xor()
    optimizer = adam(0.03)
    epochs = 2
    seed = 4
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "small.net").write_text(SPEC)
    monkeypatch.delenv("NETC_BACKEND", raising=False)
    return tmp_path


def broken(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A compiler that says what it is and then makes nothing."""
    path = folder / "broken-cc"
    path.write_text('#!/bin/sh\ncase "$*" in *--version*) echo "broken cc 1.0";; *-dM*) ;; *) echo "<stdin>:1: error: no room on disk" >&2; exit 1;; esac\n')
    path.chmod(0o755)
    monkeypatch.setenv("CC", str(path))


@compiles
def test_training_compiles_where_it_can_and_learns_what_numpy_learns(netc: Netc, folder: Path) -> None:
    told = netc("train", "small.net", "--out", "quick", "--threads", "2").stderr
    assert "cpu, native (" in told and ", 2 threads)" in told
    assert "cpu, numpy (as asked)" in netc("train", "small.net", "--out", "plain", "--backend", "numpy").stderr
    losses = [json.loads(netc("eval", run, "--json", "--backend", backend).stdout)["loss"] for run, backend in (("quick", "native"), ("plain", "numpy"))]
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


def test_without_a_compiler_training_runs_on_numpy_and_says_so(netc: Netc, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "./no-such-cc")
    assert "cpu, numpy (no C compiler works: `netc doctor` says why)" in netc("train", "small.net", "--out", "run").stderr
    assert "error[R420]: there is no C compiler that works" in netc("train", "small.net", "--backend", "native", code=3).stderr


def test_where_the_compiler_fails_training_goes_on_with_numpy(netc: Netc, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken(folder, monkeypatch)
    told = netc("train", "small.net", "--out", "run").stderr
    assert "the C compiler failed: <stdin>:1: error: no room on disk; this runs on NumPy" in told
    assert "done in" in told
    assert "error[R419]: the C compiler failed" in netc("train", "small.net", "--backend", "native", "--out", "other", code=1).stderr


@compiles
def test_gradients_of_machine_code_are_checked(netc: Netc, folder: Path) -> None:
    (folder / "one.net").write_text("net N:\n    input x: real[3]\n    loss l = sum(Dense(2, act=tanh)(x))\n")
    report = json.loads(netc("gradcheck", "one.net", "--backend", "native", "--json").stdout)
    assert report["worst"] < 1e-6


@compiles
def test_a_step_is_timed_on_each_backend(netc: Netc, folder: Path) -> None:
    report = json.loads(netc("bench", "small.net", "--seconds", "0", "--batch", "8", "--json").stdout)
    assert {b["backend"] for b in report["backends"]} >= {"numpy", "native"}
    assert all(0 < b["p10"] <= b["median"] and b["steps"] == 5 for b in report["backends"])
    assert all(b["of_peak"] == b["gflops"] / report["peak_gflops"] for b in report["backends"])
    assert sum(s["share"] for s in report["shares"]) == pytest.approx(1)
    strict = json.loads(netc("bench", "small.net", "--seconds", "0", "--backend", "native", "--strict", "--json").stdout)
    assert [b["device"].endswith(", strict)") for b in strict["backends"]] == [True]
    assert "batch 8, float32" in netc("bench", "small.net", "--seconds", "0", "--batch", "8", "--backend", "numpy").stdout


def test_each_command_that_takes_a_backend_takes_threads_and_strict() -> None:
    context = click.Context(root)
    given = {n: {o for p in root.get_command(context, n).params for o in p.opts} for n in root.list_commands(context)}
    taking = {name: options for name, options in given.items() if "--backend" in options}
    assert {"train", "eval", "predict", "sample", "gradcheck", "bench"} <= {*taking}
    assert [name for name, options in taking.items() if not {"--threads", "--strict"} <= options] == []


@pytest.mark.skipif(find_spec("torch") is None, reason="PyTorch is not installed")
def test_a_net_that_nobody_wrote_for_pytorch_is_not_compared(netc: Netc, folder: Path) -> None:
    said = netc("bench", "small.net", "--seconds", "0", "--backend", "numpy", "--compare", "torch", code=2).stderr
    assert "nobody wrote small.net for torch" in said or "needs a checkout of netc" in said


@pytest.mark.skipif(find_spec("torch") is not None, reason="PyTorch is installed")
def test_a_comparison_needs_what_is_compared_with(netc: Netc, folder: Path) -> None:
    assert "not installed: pip install torch" in netc("bench", "small.net", "--seconds", "0", "--backend", "numpy", "--compare", "torch", code=2).stderr


def test_a_step_without_a_loss_is_not_timed(netc: Netc, folder: Path) -> None:
    (folder / "n.net").write_text("net N:\n    input x: real[3]\n    y = 2 * x\n")
    assert "has no loss" in netc("bench", "n.net", "--backend", "numpy", code=1).stderr


def test_the_c_text_of_a_step_is_shown(netc: Netc, folder: Path) -> None:
    text = netc("dump", "small.net", "--stage", "c").stdout
    assert text.startswith("struct step {") and "void step(" in text and "static inline" not in text
    whole = netc("dump", "small.net", "--stage", "c", "--runtime").stdout
    assert text in whole and not whole.endswith(text)  # the header before it, the products behind it
