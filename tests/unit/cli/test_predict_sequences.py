"""Answers for sequences: arrays of any length, and texts line by line."""

import json
from pathlib import Path

import netc
import numpy as np
from click.testing import CliRunner
from netc.runtime.cli import main

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


def test_a_word_is_told_letter_by_letter(tmp_path: Path) -> None:
    netc.train(netc.parse(HELLO), out=tmp_path / "run")
    text, array = tmp_path / "words.txt", tmp_path / "word.npy"
    text.write_text("hell\nhel\n", encoding="utf-8")
    np.save(array, np.array([1, 0, 2, 2, 3]))  # e h l o: the vocabulary is sorted
    result = CliRunner().invoke(main, ["predict", str(tmp_path / "run"), str(text), str(array), "--json"])
    assert result.exit_code == 0, result.output
    assert [a["answer"] for a in json.loads(result.output)] == ["ell", "el", "ello"]


def test_a_symbol_that_the_run_never_saw_is_named(tmp_path: Path) -> None:
    netc.train(netc.parse(HELLO), out=tmp_path / "run", steps=1)
    text = tmp_path / "words.txt"
    text.write_text("help\n", encoding="utf-8")
    result = CliRunner().invoke(main, ["predict", str(tmp_path / "run"), str(text)])
    assert result.exit_code != 0 and "R111" in result.output and "'p'" in result.output
