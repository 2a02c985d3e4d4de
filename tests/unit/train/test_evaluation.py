"""Means over a part of the data: every observed element counts once, however the part is cut into batches."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import netc
import numpy as np
import pytest
from netc.runtime.data.fields.model import Dataset, Field
from netc.runtime.data.fields.ragged import Ragged
from netc.runtime.train.evaluation import evaluate, summary


class MeanOfPoints:
    """Stands for a net whose loss is the mean over all points of a batch of sequences."""

    inputs: tuple[()] = ()
    observed: tuple[()] = ()

    @property
    def steps(self) -> MeanOfPoints:
        return self

    def evaluate(self, part: dict[str, Any]) -> SimpleNamespace:
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
    at_once = net.steps.evaluate(data.arrays())
    observed = fields[2].values
    assert isinstance(observed, Ragged)
    for batch in (1, 5, 12):
        found = evaluate(net, data, batch)
        assert abs(found.loss - at_once.loss) < 1e-12
        assert found.metrics.keys() == at_once.metrics.keys()
        assert all(abs(found.metrics[n] - v) < 1e-12 for n, v in at_once.metrics.items())
        assert found.counts == {"error": sizes.sum() - 12, "error tag": observed.flat.sum()}
        assert found.text is None, "the loss is not of a text alone"


METRICS = """
net N:
    input x: real[1..T]
    input y: real[1..T]
    input k: class(2)
    param w init 0.5
    h[0] = 0
    h[t] = tanh(w * x[t] + 0.3 * h[t-1])
    y[t] ~ normal(h[t], 1)
    d[t] = abs(h[t] - y[t])
    m[t, s] = h[t] * y[s]
    metric off = d
    metric far = max[t](abs(h[t] - y[t]))
    metric middle = mean[t](h[t])
    metric last = h[T] * y[1]
    metric both = m
    metric right = 1 if (h[T] > 0) == (k == 1) else 0
    metric weight = w^2
"""


def told(w: float, samples: list[tuple[np.ndarray, np.ndarray, int]]) -> dict[str, float]:
    """Each metric over a whole set: a mean of its elements where it has axes, else of its samples."""
    elements: dict[str, list[np.ndarray]] = {n: [] for n in ("off", "far", "middle", "last", "both", "right")}
    for x, y, k in samples:
        h = np.zeros(len(x) + 1)
        for t, one in enumerate(x):
            h[t + 1] = np.tanh(w * one + 0.3 * h[t])
        h = h[1:]
        for name, values in (
            ("off", abs(h - y)), ("far", abs(h - y).max()), ("middle", h.mean()), ("last", h[-1] * y[0]), ("both", np.outer(h, y)),
            ("right", float((h[-1] > 0) == (k == 1))),
        ):  # fmt: skip
            elements[name].append(np.ravel(values))
    return {n: float(np.concatenate(parts).mean()) for n, parts in elements.items()} | {"weight": w**2}


@pytest.mark.parametrize("batch", [1, 4, 5, 11, 256])
def test_a_metric_of_the_spec_is_its_mean_over_the_whole_set(batch: int) -> None:
    """Eleven padded sequences; at 4 and 5 the last batch is smaller than the others."""
    net = netc.parse(METRICS).build(dtype="float64")
    rng = np.random.default_rng(6)
    samples = [(rng.normal(size=n), rng.normal(size=n), int(rng.integers(2))) for n in (9, 1, 4, 2, 17, 3, 3, 8, 1, 6, 12)]
    columns = list(zip(*samples, strict=True))
    data = Dataset((Field("x", Ragged.of(columns[0])), Field("y", Ragged.of(columns[1])), Field("k", np.array(columns[2]), 2)))
    found, want = evaluate(net, data, batch), told(0.5, samples)
    assert found.metrics.keys() >= want.keys()
    for name, value in want.items():
        assert found.metrics[name] == pytest.approx(value, rel=1e-12), name
    sizes = np.array([len(x) for x, _, _ in samples])
    assert found.counts["off"] == sizes.sum() and found.counts["both"] == (sizes**2).sum() and found.counts["far"] == 11
    everything = net.steps.evaluate(data.arrays()).metrics
    assert all(found.metrics[n] == pytest.approx(v, rel=1e-12) for n, v in everything.items())


def test_the_metrics_of_a_run_are_those_of_the_whole_set() -> None:
    """As a user sees them: what training logs of its validation part, and what `run.net` says of it at once."""
    rng = np.random.default_rng(8)
    x = [rng.normal(size=n) for n in rng.integers(1, 14, 60)]
    data = {"x": x, "y": [0.4 * a for a in x], "k": rng.integers(0, 2, 60)}
    spec = netc.parse(METRICS + "train:\n    data = arrays(\"given.npz\")\n    optimizer = sgd(0.01)\n    batch = 7\n    epochs = 2\n")
    run = netc.train(spec, data=data)
    w = float(run.net.params.exact("w"))
    found = evaluate(run.net, Dataset((Field("x", Ragged.of(x)), Field("y", Ragged.of(data["y"])), Field("k", data["k"], 2))), 7)
    for name, value in told(w, list(zip(x, data["y"], data["k"], strict=True))).items():
        assert found.metrics[name] == pytest.approx(value, rel=2e-5, abs=2e-6), name
