"""What a net gives back: gradients, the numbers of a step, and where a number went bad."""

from __future__ import annotations

from dataclasses import dataclass, field

from netc.compiler.source.text import Span
from netc.runtime.model.initialise import Array


@dataclass(frozen=True)
class Gradient:
    """What `Net.gradient` gives: the loss, and its derivative with respect to parameters, real inputs and the equations asked for."""

    loss: float
    losses: dict[str, float]
    params: dict[str, Array]
    inputs: dict[str, Array]
    equations: dict[str, Array] = field(default_factory=dict)


@dataclass(frozen=True)
class StepResult:
    """One step: the total loss, its terms, the metrics, and (when evaluating) predictions and outputs."""

    loss: float
    losses: dict[str, float]
    metrics: dict[str, float]
    outputs: dict[str, Array] = field(default_factory=dict)
    count: float = 0.0  # of how many elements (or samples) the loss is a mean
    counts: dict[str, float] = field(default_factory=dict)  # the same of each metric
    terms: dict[str, float] = field(default_factory=dict)  # the same of each loss term
    carried: dict[str, Array] = field(default_factory=dict)  # what the next chunks of the sequences start from


@dataclass(frozen=True)
class BadValue:
    """Where a number first became infinite or undefined."""

    name: str
    place: tuple[int, ...]
    span: Span | None
