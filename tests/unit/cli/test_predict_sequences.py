"""Answers for sequences: arrays of any length, and texts line by line."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import netc as api
import numpy as np
import pytest

Netc = Callable[..., CompletedProcess[str]]
HELLO = """net Hello:
    dim V = 4, H = 8
    input x: class(V)[1..T]
    param Wxh[H, V], Whh[H, H], Why[V, H] init glorot
    h[0] = 0
    h[t] = tanh(Wxh @ x[t] + Whh @ h[t-1])
    x[t+1] ~ softmax(Why @ h[t])
train:
    data = hello()
    optimizer = adam(0.05)
    batch = 1
    steps = 200
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("predict")
    api.train(api.parse(HELLO), out=folder / "run")
    return folder / "run"


def test_a_word_is_told_letter_by_letter(run: Path, netc: Netc) -> None:
    (run.parent / "words.txt").write_text("hell\nhel\n", encoding="utf-8")
    np.save(run.parent / "word.npy", np.array([0, 1, 2, 2, 3]))
    told = json.loads(netc("predict", "run", "words.txt", "word.npy", "--json", cwd=run.parent).stdout)
    assert [a["answer"] for a in told] == ["ell", "el", "ello"]


def test_a_symbol_that_the_run_never_saw_is_named(run: Path, netc: Netc) -> None:
    (run.parent / "help.txt").write_text("help\n", encoding="utf-8")
    result = netc("predict", "run", "help.txt", code=1, cwd=run.parent)
    assert "R111" in result.stderr and "'p'" in result.stderr
