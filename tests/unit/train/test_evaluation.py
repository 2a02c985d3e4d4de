"""Means over a part of the data: every observed element counts once, however the part is cut into batches."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

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
