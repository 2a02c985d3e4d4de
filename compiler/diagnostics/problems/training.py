"""What goes wrong while a net trains."""

from __future__ import annotations

from netc.compiler.diagnostics.model import Diagnostic, Problem


class Diverged(Problem):
    """The loss became infinite or undefined (NaN).

    Training stops at once. The message names the value that went bad first: the equations before it are fine. Most often
    the rate is too high; a logarithm or a division by something that reaches 0 is the next suspect. At step 0 no parameter was
    changed yet, and the rate is not to blame: the equation itself gives no number for these data.
    """

    code = "R301"
    value: str
    step: int
    place: str
    rate: float

    def diagnose(self) -> Diagnostic:
        if self.step == 0:
            return self.worded(
                f"the loss is NaN at step 0, before any update: the first bad value is `{self.value}`{self.place}", label="the first bad value",
                help="no rate mends this: look in this equation for a `log`, a root or a division of what is 0 or below, or a `softmax` with nothing but `-inf`",
            )  # fmt: skip
        return self.worded(
            f"the loss became NaN at step {self.step:,}: the first bad value is `{self.value}`{self.place}",
            label="the first bad value",
            help=f"lower the rate (now {self.rate:g}), or add `clip = 1`",
        )


class TooFewSamples(Problem):
    """The training part of the data holds no sample.

    A split such as `train=0` leaves nothing to learn from.
    """

    code = "R302"

    def diagnose(self) -> Diagnostic:
        return self.worded("the training part of the data is empty", help="check the data and how it is split")
