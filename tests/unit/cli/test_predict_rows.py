"""`netc predict` on rows of numbers: tables and what is typed, on the way of the run's own data."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import netc as api
import numpy as np
import pytest

Netc = Callable[..., CompletedProcess[str]]
SPEC = """net Kinds:
    input x: real[2]
    input y: class(2)
    y ~ softmax(x -> Dense(2))

train:
    data = csv("kinds.csv", target="kind") -> normalise()
    optimizer = adam(0.1)
    epochs = 10
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two kinds far from 0, so that a row that misses `normalise` is all one kind."""
    made = tmp_path_factory.mktemp("rows")
    rng = np.random.default_rng(1)
    lines = [f"{a:.2f},{kind},{b:.2f}" for k, kind in enumerate(("cat", "dog") * 40) for a, b in [rng.normal(100 + 10 * (k % 2), 1, 2)]]
    (made / "kinds.csv").write_text("\n".join(["long,kind,high", *lines]) + "\n")
    (made / "kinds.net").write_text(SPEC)
    api.train(api.load(made / "kinds.net"), out=made / "run")
    return made


def answers(done: CompletedProcess[str]) -> list[str]:
    return [a["answer"] for a in json.loads(done.stdout)]


def test_rows_of_a_table_are_told_with_and_without_their_target(folder: Path, netc: Netc) -> None:
    assert answers(netc("predict", "run", "kinds.csv", "--json", cwd=folder)) == ["cat", "dog"] * 40
    (folder / "new.tsv").write_text("long\thigh\n101\t99\n109\t111\n")
    assert answers(netc("predict", "run", "new.tsv", "--json", cwd=folder)) == ["cat", "dog"]


def test_a_row_may_be_typed(folder: Path, netc: Netc) -> None:
    done = netc("predict", "run", "101 99", "109,111", cwd=folder)
    assert [line.rsplit("  ", 1)[0] for line in done.stdout.splitlines()] == ["101 99: y cat", "109,111: y dog"]
    assert "it holds 1 number, and a sample takes 2" in netc("predict", "run", "101", cwd=folder, code=1).stderr
    assert "neither a file that netc reads nor numbers" in netc("predict", "run", "cat", cwd=folder, code=1).stderr


def test_a_table_of_another_width_is_refused(folder: Path, netc: Netc) -> None:
    (folder / "wide.csv").write_text("1,2,3,4\n")
    assert "its rows have 4 cells, and the net takes 2 numbers" in netc("predict", "run", "wide.csv", cwd=folder, code=1).stderr
    assert "no such file" in netc("predict", "run", "nowhere.csv", cwd=folder, code=3).stderr


def test_a_sequence_of_numbers_may_be_typed(netc: Netc, tmp_path: Path) -> None:
    (tmp_path / "n.net").write_text(
        "net N:\n    input x: real[1..T, 2]\n    input y: real\n    m = RNN(4)(x)\n    y ~ normal(Dense(1)(m[T])[0], 1)\n"
        "\ntrain:\n    data = adding_problem(length=[4, 5], samples=40)\n    epochs = 1\n"
    )
    netc("train", "n.net", "--out", "run")
    assert netc("predict", "run", "0.5 1 0.25 0").stdout.startswith("0.5 1 0.25 0: y ")
    assert "a sample takes any×2" in netc("predict", "run", "0.5 1 0.25", code=1).stderr
