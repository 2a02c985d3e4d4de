"""Problems with declared roles: gates and attention."""

from __future__ import annotations

from typing import ClassVar

from netc.compiler.diagnostics.model import Diagnostic, Label, Problem, Severity
from netc.compiler.source.text import Span


class GateOutside(Problem):
    """A gate can leave the interval from 0 to 1.

    `gate z = ...` declares how open something is. netc proves by interval arithmetic that the value stays in [0, 1]; a
    sigmoid, a product of gates, or `1 - z` of a gate does. A gate that reads its own earlier values is proved by induction,
    from its boundaries on.

    Wrong:
        net N:
            input x: real[3]
            gate z = tanh(x)
    Right:
        net N:
            input x: real[3]
            gate z = sigmoid(x)
    """

    code = "E0401"
    name: str
    low: float
    high: float
    part: Span | None = None
    part_text: str = ""

    def diagnose(self) -> Diagnostic:
        labels = (Label(self.part, self.part_text),) if self.part is not None else ()
        return self.worded(
            f"the gate `{self.name}` is not proved to stay between 0 and 1: its value lies in {_interval(self.low, self.high)}",
            label=f"in {_interval(self.low, self.high)}",
            labels=labels,
            notes=("the proof takes each read for any number of its range, by itself: it may miss a gate that is one",),
            help="use `sigmoid(...)`, a product of gates or `1 - z` of one; hold it with `min(max(z, 0), 1)`; or drop the word `gate`",
        )


def _interval(low: float, high: float) -> str:
    return f"[{low:g}, {high:g}]"


class NotNormalised(Problem):
    """Attention weights are not normalised.

    `attention a[t, s] = softmax[s](score[t, s])` declares weights that are at least 0 and sum to 1 over one index (or
    several). Only a softmax is known to do that. A point for which a condition in the bracket (`softmax[s < t]`) leaves no `s`
    attends to nothing: its weights are all 0.

    Wrong:
        net N:
            input x: real[3]
            attention a[i] = sigmoid(x[i])
    Right:
        net N:
            input x: real[3]
            attention a[i] = softmax[i](x[i])
    """

    code = "E0402"
    name: str
    softmax: str = "softmax[s]"  # over the index that it has itself

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"the attention weights `{self.name}` are not normalised",
            label="no softmax here",
            help=f"normalise them over the index that they attend to: `{self.softmax}(...)`",
        )


class SummedOtherwise(Problem):
    """Attention weights sum to 1 over one index, and what they weigh is summed over another.

    In attention the weights of one reader sum to 1 over what is read, so that the sum is a mean of it: the index of the
    softmax is the one that is summed over. Where each thing read is to be shared out among the readers, the weights are
    written without the word `attention`.

    Wrong:
        net N:
            input s: real[3, 3]
            input x: real[3, 2]
            attention a[i, j] = softmax[i](s[i, j])
            z[i] = sum[j](a[i, j] * x[j])
            output z
    Right:
        net N:
            input s: real[3, 3]
            input x: real[3, 2]
            attention a[i, j] = softmax[j](s[i, j])
            z[i] = sum[j](a[i, j] * x[j])
            output z
    """

    code = "W0402"
    severity: ClassVar[Severity] = Severity.WARNING
    beside_errors: ClassVar[bool] = False
    name: str
    normalised: str  # the index over which the weights sum to 1
    summed: str  # the index of the sum
    own: str  # what the weights call the axis of that
    weights: Span

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"`{self.name}` sums to 1 over `{self.normalised}`, and is summed over `{self.summed}`",
            label=f"summed over `{self.summed}`",
            labels=(Label(self.weights, f"sums to 1 over `{self.normalised}`"),),
            help=f"write `softmax[{self.own}]`, so that the sum is a mean of what is read; if this is meant, drop the word `attention`",
        )
