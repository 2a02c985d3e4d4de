"""What a net gives back: gradients, the numbers of a step, and where a number went bad."""

from __future__ import annotations

from dataclasses import dataclass, field

from netc.compiler.source.text import Span
from netc.compiler.statements.domains import value
from netc.compiler.statements.expressions import Variable
from netc.runtime.model.initialise import Array


@dataclass(frozen=True)
class Gradient:
    """What `Net.gradient` gives, in float64: the loss, and its derivative with respect to parameters, real inputs and the equations asked for.

    Each derivative has the sizes of what it is taken by. Of inputs, and of equations that depend on the sample, the samples are the
    first axis; as the loss is a mean over them, so is each sample's share in its derivative.
    """

    loss: float  # the sum of the terms; of likelihoods in nats
    losses: dict[str, float]  # the terms by name
    params: dict[str, Array]  # by path
    inputs: dict[str, Array]  # those of real numbers
    equations: dict[str, Array] = field(default_factory=dict)


@dataclass(frozen=True)
class StepResult:
    """One step: the total loss, its terms, and (when evaluating) metrics, predictions and outputs."""

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

    variable: Variable
    place: tuple[int, ...]  # in the variable, the sample first where it has one; empty where that is not known
    span: Span | None

    @property
    def name(self) -> str:
        """As the spec calls it: a temporary stands inside the equation that it is named after."""
        return self.variable.name.split("'")[0]

    def where(self) -> str:
        """` at [3], sample 11`: the point of an equation in the indices of the spec, and the sample of the batch, from 0."""
        sample, point = (self.place[:1], self.place[1:]) if self.variable.per_sample else ((), self.place)
        whole = self.name == self.variable.name and all(isinstance(axis.lo, int) for axis in self.variable.axes)
        at = [str(k + value(axis.lo, {})) for k, axis in zip(point, self.variable.axes, strict=True)] if point and whole else []
        return (f" at [{', '.join(at)}]" if at else "") + "".join(f", sample {k} of the batch" for k in sample)
