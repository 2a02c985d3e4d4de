"""Which class was taken for which: at every point that counts, and at no other."""

from __future__ import annotations

import netc
import numpy as np
import pytest
from netc.runtime.data.fields.model import Dataset, Field
from netc.runtime.data.fields.ragged import Ragged
from netc.runtime.train.confusions import most_confused
from netc.runtime.train.evaluation import evaluate, summary

TAGGER = """net N:
    input x: class(5)[1..T]
    input tag: class(3)[1..T]
    input seen: class(2)[1..T]
    h[0] = 0
    h[t] = tanh(Embedding(4)(x[t]) + 0.5 * h[t-1])
    {}
"""
SEQUENCES = {
    "each point": "tag[t] ~ softmax(Dense(3)(h[t]))",
    "where seen": "tag[t] ~ softmax(Dense(3)(h[t])) where seen[t] == 1",
    "the next": "tag[t+1] ~ softmax(Dense(3)(h[t]))",
    "the next where seen": "tag[t+1] ~ categorical(softmax(Dense(3)(h[t]))) where seen[t] == 1",
    "the last": "tag[T] ~ softmax(Dense(3)(h[T]))",
}


def _data(rng: np.random.Generator) -> Dataset:
    sizes = rng.integers(2, 9, 30)
    return Dataset(tuple(Field(n, Ragged.of([rng.integers(0, k, s) for s in sizes]), k) for n, k in (("x", 5), ("tag", 3), ("seen", 2))))


@pytest.mark.parametrize("likelihood", SEQUENCES.values(), ids=SEQUENCES)
@pytest.mark.parametrize("batch", [1, 7, 100])
def test_the_table_of_a_sequence_counts_what_the_error_counts(likelihood: str, batch: int) -> None:
    net = netc.parse(TAGGER.format(likelihood)).build(dtype="float64", seed=4)
    found = evaluate(net, _data(np.random.default_rng(5)), batch)
    table = found.confusions["tag"]
    assert table.sum() == found.counts.get("error", found.count)
    assert np.isclose(1 - np.trace(table) / table.sum(), found.metrics["error"])


def test_rows_are_what_was_observed() -> None:
    net = netc.parse(TAGGER.format(SEQUENCES["each point"])).build(seed=4)
    data = _data(np.random.default_rng(6))
    values = data.fields[1].values
    assert isinstance(values, Ragged)
    assert evaluate(net, data).confusions["tag"].sum(1).tolist() == np.bincount(values.flat, minlength=3).tolist()


def test_several_classes_of_one_sample_are_counted_each() -> None:
    net = netc.parse(
        "net N:\n    input x: real[2]\n    input y: class(3)[4]\n    param W[4, 3, 2] init normal(0, 1)\n    y[i] ~ softmax(W[i] @ x)\n"
    ).build(seed=1)
    rng = np.random.default_rng(2)
    found = evaluate(net, Dataset((Field("x", rng.standard_normal((9, 2)).astype("f")), Field("y", rng.integers(0, 3, (9, 4)), 3))), 4)
    assert found.confusions["y"].sum() == 36
    assert np.isclose(1 - np.trace(found.confusions["y"]) / 36, found.metrics["error"])


def test_a_text_that_is_read_as_well_has_no_table() -> None:
    net = netc.parse("net N:\n    input x: class(4)[1..T]\n    param W[4, 4] init normal(0, 1)\n    x[t+1] ~ softmax(W @ x[t])\n").build()
    assert evaluate(net, Dataset((Field("x", Ragged.of([[0, 1, 2], [3, 1]]), 4),))).confusions == {}


def test_the_direction_of_a_confusion_is_said() -> None:
    table = np.array([[5, 1, 0], [0, 5, 9], [0, 0, 5]])
    assert most_confused(table, None) == "1 taken for 2 (9 times), 0 for 1 (once)"
    assert most_confused(table, ("a", "b")) == "b taken for 2 (9 times), a for b (once)"
    assert most_confused(np.diag([3, 2]), None) == ""


def test_the_summary_names_what_a_tagger_confuses() -> None:
    net = netc.parse(TAGGER.format(SEQUENCES["each point"])).build(seed=4)
    found = evaluate(net, _data(np.random.default_rng(7)))
    assert " · most often B taken for A (" in summary(found, {"tag": ("A", "B", "C")}) or " taken for " in summary(found, {})
