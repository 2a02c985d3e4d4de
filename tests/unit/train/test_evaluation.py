"""Means over a part of the data: every observed element counts once, however the part is cut into batches."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import netc
import numpy as np
import pytest
from netc.runtime.data.model import Dataset, Field
from netc.runtime.data.ragged import Ragged
from netc.runtime.train.evaluation import evaluate, summary


class MeanOfPoints:
    """Stands for a net whose loss is the mean over all points of a batch of sequences."""

    inputs: tuple[()] = ()
    observed: tuple[()] = ()

    def evaluate_step(self, part: dict[str, Any]) -> SimpleNamespace:
        points = part["x"].flat[part["x"].points]
        count = float(len(points))
        return SimpleNamespace(
            losses={"x": points.mean()}, terms={"x": count}, metrics={"error": (points > 5).mean()}, counts={}, outputs={}, count=count
        )


@pytest.mark.parametrize("batch", [1, 7, 100])
def test_long_sequences_count_by_their_length(batch: int) -> None:
    rng = np.random.default_rng(1)
    samples = [rng.uniform(0, 10, n) for n in rng.integers(1, 40, 50)]
    found = evaluate(MeanOfPoints(), Dataset((Field("x", Ragged.of(samples)),)), batch)  # type: ignore[arg-type]
    points = np.concatenate(samples)
    assert np.isclose(found.loss, points.mean()) and np.isclose(found.metrics["error"], (points > 5).mean())
    assert (found.size, found.count) == (50, len(points))
    assert summary(found, {}) == f"error {100 * (points > 5).mean():.2f}% ({(points > 5).sum():,} of {len(points):,})"


def test_each_term_and_metric_counts_by_what_it_observes() -> None:
    net = netc.parse(
        "net N:\n    input x: class(4)[1..T]\n    input tag: class(3)[1..T]\n    input seen: class(2)[1..T]\n    input whole: real\n"
        "    h[0] = 0\n    h[t] = tanh(Dense(4)(onehot[t]) + 0.5 * h[t-1])\n    onehot[t] = Embedding(4)(x[t])\n"
        "    x[t+1] ~ softmax(Dense(4)(h[t]))\n    tag[t] ~ softmax(Dense(3)(h[t])) where seen[t] == 1\n"
        "    whole ~ normal(sum(h[T]), 1)\n"
    ).build(dtype="float64", seed=2)
    rng = np.random.default_rng(3)
    sizes = rng.integers(2, 9, 12)
    fields = [Field(n, Ragged.of([rng.integers(0, k, s) for s in sizes]), k) for n, k in (("x", 4), ("tag", 3), ("seen", 2))]
    data = Dataset((*fields, Field("whole", rng.standard_normal(12))))
    at_once = net.evaluate_step(data.arrays())
    observed = fields[2].values
    assert isinstance(observed, Ragged)
    for batch in (1, 5, 12):
        found = evaluate(net, data, batch)
        assert abs(found.loss - at_once.loss) < 1e-12
        assert found.metrics.keys() == at_once.metrics.keys()
        assert all(abs(found.metrics[n] - v) < 1e-12 for n, v in at_once.metrics.items())
        assert found.counts == {"error": sizes.sum() - 12, "error tag": observed.flat.sum()}
        assert found.text is None, "the loss is not of a text alone"
