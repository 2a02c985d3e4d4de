"""How long a training step takes, and where the time goes."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from netc.compiler.statements.domains import sample_lengths
from netc.runtime.model.made_inputs import random_input
from netc.runtime.model.net import Net

_LEAST = 5  # steps, however long one takes


@dataclass(frozen=True)
class Timing:
    """Seconds: the first step, with all that is prepared and compiled for it; then the steps measured."""

    backend: str
    first: float
    steps: tuple[float, ...]

    @property
    def quick(self) -> float:
        """Nine of ten steps take longer: what the machine can do when nothing disturbs it."""
        return float(np.quantile(self.steps, 0.1))

    @property
    def median(self) -> float:
        return float(np.median(self.steps))


def time_steps(net: Net, batch: int, lengths: Mapping[str, int], seconds: float = 3.0, most: int = 1000) -> Timing:
    """Training steps (loss, gradients, states; no optimiser) on random samples, all of the same lengths.

    Raises NetcError where the net has no loss.
    """
    rng = np.random.default_rng(0)
    wide = {n for v in net.inputs if v.tree for n in sample_lengths(v.axes[1].hi)}
    sizes = {n: np.full(batch, 2 if n in wide else lengths.get(n.name, 50)) for n in net.lengths}
    inputs = {v.name: random_input(v, batch, sizes, rng) for v in net.inputs}
    begun = time.perf_counter()
    net.steps.train(inputs, seed=1, step=0)
    first = time.perf_counter() - begun
    found: list[float] = []
    while len(found) < _LEAST or len(found) < most and sum(found) < seconds:
        begun = time.perf_counter()
        net.steps.train(inputs, seed=1, step=len(found) + 1)
        found.append(time.perf_counter() - begun)
    return Timing(net.backend.name, first, tuple(found))
