"""Rates and shares over time."""

from __future__ import annotations

import math

from netc.compiler.settings import Schedule


def rate_at(schedule: Schedule, step: int, epoch: float, progress: float) -> float:
    """The rate (or share) of a step. `step` counts from 0, `epoch` is a real number, `progress` runs from 0 to 1 over the training."""
    if schedule.warmup and step < schedule.warmup:
        return schedule.values[0] * (step + 1) / schedule.warmup
    values = schedule.values
    match schedule.rule:
        case "steps":
            passed = [v for e, v in zip(schedule.epochs, values, strict=True) if epoch >= e]
            return passed[-1] if passed else values[0]
        case "linear":
            return values[0] + (values[1] - values[0]) * min(progress, 1.0)
        case "cosine":
            return values[1] + (values[0] - values[1]) * (1 + math.cos(math.pi * min(progress, 1.0))) / 2
        case "exponential":
            return 1 - values[0] ** step
        case "inverse_sigmoid":
            k = values[0]
            return 1 - k / (k + math.exp(min(step / k, 700.0)))
        case _:
            return values[0]
