"""Problems with likelihoods, losses and metrics."""

from __future__ import annotations

from typing import ClassVar

from netc.compiler.diagnostics.model import Diagnostic, Label, Problem, Severity
from netc.compiler.source.text import Span


class TargetUnfit(Problem):
    """The left side of `~` is not an input.

    `y ~ D(...)` says that y is observed with the distribution D: y is an input (or its shift by one).

    Wrong:
        net N:
            input x: real[3]
            z = Dense(4)(x)
            z ~ normal(0, 1)
    Right:
        net N:
            input x: real[3]
            input t: real[4]
            z = Dense(4)(x)
            t ~ normal(z, 1)
    """

    code = "E0601"
    name: str
    drawn: str = ""  # the distribution, where equations read the name: it is meant as a draw

    def diagnose(self) -> Diagnostic:
        mend = f"what is drawn is an equation: `{self.name} = draw({self.drawn})`" if self.drawn else "put the observed input on the left of `~`"
        return self.worded(f"`{self.name}` is not an input, and only inputs are observed", label="must be an input", help=mend)


class DistributionUnfit(Problem):
    """A class is observed with a distribution of real numbers, or the reverse.

    `softmax` and `categorical` are for classes; `sigmoid` and `bernoulli` for numbers that are 0 or 1; `normal` for real
    numbers; `poisson` for counts.

    Wrong:
        net N:
            input x: real[3]
            input t: class(4)
            t ~ normal(sum(x), 1)
    Right:
        net N:
            input x: real[3]
            input t: class(4)
            t ~ softmax(Dense(4)(x))
    """

    code = "E0602"
    distribution: str
    target: Span
    sort: str
    wanted: str

    def diagnose(self) -> Diagnostic:
        help = "use `softmax(logits)` for classes" if "class" in self.sort else "declare the target as `class(n)`, or use `normal(mean, sd)`"
        return self.worded(
            f"`{self.distribution}` describes {self.wanted}, and the target is {self.sort}",
            label=f"describes {self.wanted}",
            labels=(Label(self.target, f"this is {self.sort}"),),
            help=help,
        )


class UnknownDistribution(Problem):
    """The right side of `~` is not a distribution that the language knows.

    Wrong:
        net N:
            input x: real[3]
            input t: class(4)
            t ~ Dense(4)(x)
    Right:
        net N:
            input x: real[3]
            input t: class(4)
            t ~ softmax(Dense(4)(x))
    """

    code = "E0603"
    known: tuple[str, ...]
    guess: str | None = None
    instead: str = ""  # how it is written here, where other libraries have the name

    def diagnose(self) -> Diagnostic:
        listed = ", ".join(f"`{k}(...)`" for k in self.known)
        hint = f"did you mean `{self.guess}`? " if self.guess else f"{self.instead}; " if self.instead else ""
        return self.worded("the right side of `~` is not a distribution", label="not a distribution", help=f"{hint}the distributions are {listed}")


class SoftmaxTwice(Problem):
    """Softmax is applied to probabilities that are a softmax already, or a sigmoid to those of a sigmoid.

    `t ~ softmax(z)` and `t ~ sigmoid(z)` take logits and compute the loss stably; a softmax, or a sigmoid, before it flattens
    the answer and starves the gradient.

    Wrong:
        net N:
            input x: real[3]
            input t: class(4)
            p = softmax(Dense(4)(x))
            t ~ softmax(p)
    Right:
        net N:
            input x: real[3]
            input t: class(4)
            z = Dense(4)(x)
            t ~ softmax(z)
    """

    code = "E0604"
    inner: Span
    function: str = "softmax"
    setting: str = ""  # the argument that makes a layer end in it: `act=softmax`

    def diagnose(self) -> Diagnostic:
        without = f"leave `{self.setting}` out" if self.setting else f"remove the first {self.function}"
        instead = {"softmax": "categorical(p)", "sigmoid": "bernoulli(p)"}[self.function]
        return self.worded(
            f"{self.function} is applied twice",
            label="takes logits",
            labels=(Label(self.inner, f"this is a {self.function} already"),),
            help=f"give it the logits: {without} (or use `{instead}` for probabilities)",
        )


class LogitsUnfit(Problem):
    """The values given to a distribution do not have the size that the target needs.

    Wrong:
        net N:
            input x: real[3]
            input t: class(4)
            t ~ softmax(Dense(5)(x))
    Right:
        net N:
            input x: real[3]
            input t: class(4)
            t ~ softmax(Dense(4)(x))
    """

    code = "E0605"
    target: Span
    wanted: str
    found: str
    classes: bool = True
    parameter: str = ""  # as it is written

    def _element(self) -> str:
        if self.wanted == "a single number" and self.parameter.isidentifier():
            return f"the target is one number, and so is its mean: take an element, `{self.parameter}[0]`, or make `{self.parameter}` one number"
        return "give one number for each element of the target, or one for all"

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"the target needs {self.wanted}, and this is {self.found}",
            label=f"this is {self.found}",
            labels=(Label(self.target, f"needs {self.wanted}"),),
            help="make the last layer as large as there are classes" if self.classes else self._element(),
        )


class ParameterOutside(Problem):
    """A parameter of a distribution has a value that it cannot have, whatever is learnt.

    The spread of `normal` and the rate of `poisson` are above 0; the probabilities of `bernoulli` and `categorical` lie
    between 0 and 1.

    Wrong:
        net N:
            input x: real[3]
            input t: real[3]
            t ~ normal(x, 0)
    Right:
        net N:
            input x: real[3]
            input t: real[3]
            t ~ normal(x, 1)
    """

    code = "E0608"
    rule: str
    found: str  # `0`, `in [2, 3]`

    def diagnose(self) -> Diagnostic:
        what, mend = _PARAMETERS[self.rule]
        return self.worded(f"`{self.rule}` needs {what}, and this is {self.found}", label=f"this is {self.found}", help=mend)


class ParameterInDoubt(Problem):
    """A parameter of a distribution may come to a value that it cannot have: below 0.

    The spread of `normal` and the rate of `poisson` are above 0, the probabilities of `bernoulli` and `categorical` between 0
    and 1. The logarithm of a negative number is none, and a loss that is none ends the training. `exp` and `softplus`
    of any number are above 0.

    Wrong:
        net N:
            input x: real[3]
            input t: real
            rate = Dense(1)(x)
            t ~ poisson(rate[0])
    Right:
        net N:
            input x: real[3]
            input t: real
            rate = Dense(1, act=exp)(x)
            t ~ poisson(rate[0])
    """

    code = "W0608"
    severity: ClassVar[Severity] = Severity.WARNING
    rule: str

    def diagnose(self) -> Diagnostic:
        what, mend = _PARAMETERS[self.rule]
        return self.worded(f"`{self.rule}` needs {what}, and this can be below 0", label="nothing keeps this above 0", help=mend)


_PARAMETERS = {  # what a distribution wants, and how to come by it
    "normal": ("a spread above 0", "give a number above 0, or `exp(s)` where the spread is learnt or computed"),
    "poisson": ("a rate above 0", "give `exp(z)` or `softplus(z)` where the rate is learnt or computed"),
    "bernoulli": ("a probability from 0 to 1", "use `sigmoid(z)` for scores"),
    "categorical": ("probabilities from 0 to 1", "use `softmax(z)` for scores"),
}


class NotScalar(Problem):
    """A loss is not a single number.

    Wrong:
        net N:
            input x: real[3]
            param w[3] init 1
            loss l = (w * x)^2
    Right:
        net N:
            input x: real[3]
            param w[3] init 1
            loss l = sum((w * x)^2)
    """

    code = "E0606"
    what: str
    shape: str

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"a {self.what} is one number for each sample, and this is {self.shape}", label=f"this is {self.shape}", help="reduce it: `sum(...)` or `mean(...)`"
        )


class NoLoss(Problem):
    """A net without a likelihood or a loss is asked for a gradient or to be trained.

    `y ~ softmax(z)` or `loss name = ...` says what to make small.
    """

    code = "E0607"
    net: str
    target: str = ""  # an input that no equation reads, as `~` would observe it

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"the net `{self.net}` has no loss: nothing can be trained from it", label="nothing to make small", help=_observing(self.target)
        )


class NothingToTrain(Problem):
    """A file has settings for the training of a net that has no likelihood and no loss.

    `netc train` refuses such a net. An input that no equation reads is often the one that `~` was to observe.

    Wrong:
        net N:
            input x: real[3]
            input t: class(4)
            z = Dense(4)(x)
            output z
        train:
            data = digits()
    Right:
        net N:
            input x: real[3]
            input t: class(4)
            z = Dense(4)(x)
            t ~ softmax(z)
        train:
            data = digits()
    """

    code = "W0607"
    severity: ClassVar[Severity] = Severity.WARNING
    net: str
    name: Span
    target: str = ""

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"`{self.net}` is to be trained, and it has no loss", label="settings of a training",
            labels=(Label(self.name, "neither `~` nor `loss` in this net"),), help=_observing(self.target),
        )  # fmt: skip


def _observing(target: str) -> str:
    if target:
        return f"no equation reads `{target.split(' ')[0]}`: say what it is observed as, `{target}`; or write `loss name = ...`"
    return "add a likelihood, `y ~ softmax(z)` for an input y, or `loss name = ...`"
