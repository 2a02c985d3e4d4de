"""Problems in `train` and `sample` blocks, and in settings given from outside."""

from __future__ import annotations

from netc.compiler.diagnostics.model import Diagnostic, Label, Problem
from netc.compiler.source.text import Span


class UnknownTrainSetting(Problem):
    """A `train` block has a line that is no setting.

    Wrong:
        net N:
            input x: real[3]
            loss l = sum(x)
        train:
            batchsize = 10
    Right:
        net N:
            input x: real[3]
            loss l = sum(x)
        train:
            batch = 10
    """

    code = "E0701"
    name: str
    known: tuple[str, ...]
    guess: str | None

    def diagnose(self) -> Diagnostic:
        hint = f"did you mean `{self.guess}`? " if self.guess else ""
        return self.worded(
            f"there is no setting `{self.name}`", label="unknown setting", help=f"{hint}the settings are {', '.join(f'`{k}`' for k in self.known)}"
        )


class UnknownOptimiser(Problem):
    """The optimiser is not one that netc has.

    Wrong:
        net N:
            input x: real[3]
            loss l = sum(x)
        train:
            optimizer = adamm(0.1)
    Right:
        net N:
            input x: real[3]
            loss l = sum(x)
        train:
            optimizer = adam(0.1)
    """

    code = "E0702"
    name: str
    known: tuple[str, ...]
    guess: str | None

    def diagnose(self) -> Diagnostic:
        hint = f"did you mean `{self.guess}`? " if self.guess else ""
        return self.worded(
            f"there is no optimiser `{self.name}`", label="unknown optimiser", help=f"{hint}netc has {', '.join(f'`{k}`' for k in self.known)}"
        )


class SettingUnfit(Problem):
    """A setting has a value that makes no sense for it: a rate that is not positive, a batch of half a sample.

    Wrong:
        net N:
            input x: real[3]
            loss l = sum(x)
        train:
            optimizer = sgd(-0.1)
    Right:
        net N:
            input x: real[3]
            loss l = sum(x)
        train:
            optimizer = sgd(0.1)
    """

    code = "E0703"
    name: str
    found: str
    wanted: str
    guess: str | None = None

    def diagnose(self) -> Diagnostic:
        if self.guess is not None:
            return self.worded(
                f"`{self.name}` cannot be {self.found}", label="unknown here", help=f"did you mean `{self.guess}(...)`? it is {self.wanted}"
            )
        return self.worded(f"`{self.name}` must be {self.wanted}, and this is {self.found}", label=f"this is {self.found}", help="")


class SettingsClash(Problem):
    """Two settings contradict each other.

    The length of a training is given by `epochs` or by `steps`.
    """

    code = "E0704"
    first: str
    second: str

    def diagnose(self) -> Diagnostic:
        return self.worded(f"`{self.first}` and `{self.second}` contradict each other", label="one of them is enough", help="remove one")


class BlockTwice(Problem):
    """Two `train` blocks, or two `sample` blocks, speak of the same net.

    A block names its net, `train Small:`; one without a name speaks of each net of the file that has none of its own.

    Wrong:
        net N:
            input x: real[3]
            loss l = sum(x)
        train:
            epochs = 10
        train:
            batch = 10
    Right:
        net N:
            input x: real[3]
            loss l = sum(x)
        train:
            epochs = 10
            batch = 10
    """

    code = "E0706"
    kind: str
    net: str | None
    first: Span

    def diagnose(self) -> Diagnostic:
        whose = f"of `{self.net}`" if self.net else "without a name"
        return self.worded(
            f"there are two `{self.kind}` blocks {whose}",
            label="the second",
            labels=(Label(self.first, "the first"),),
            help=f"join them, or name a net: `{self.kind} Name:`",
        )


class PatternUnmatched(Problem):
    """A pattern matches no parameter.

    Parameters are named by paths such as `c1.Conv.K`; in `freeze`, `rates` and `max_norm` a `*` matches anything.
    """

    code = "E0705"
    pattern: str
    guess: str | None

    def diagnose(self) -> Diagnostic:
        hint = f"did you mean `{self.guess}`?" if self.guess else "parameters are named by paths such as `c1.Conv.K`; `*` matches anything"
        return self.worded(f"no parameter matches `{self.pattern}`", label="matches nothing", help=hint)
