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
    in_optimiser: str = ""  # the line that it may be a part of

    def diagnose(self) -> Diagnostic:
        if self.in_optimiser and not self.guess:
            return self.worded(f"there is no setting `{self.name}`", label="unknown setting", help=f"it belongs to the optimiser: write `{self.in_optimiser}`")
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
    meant: str | None  # as it would be written
    quoted: bool = False  # whether all that is wrong are its quotation marks

    def diagnose(self) -> Diagnostic:
        if self.quoted:
            return self.worded(
                "an optimiser stands without quotation marks", label="a text", help=f"write `{self.meant}`: the number is the rate"
            )
        hint = f"did you mean `{self.meant}`? " if self.meant else ""
        return self.worded(
            f"there is no optimiser `{self.name}`", label="unknown optimiser", help=f"{hint}netc has {', '.join(f'`{k}`' for k in self.known)}"
        )


class SettingUnfit(Problem):
    """A setting or an argument has a value that makes no sense for it: a rate that is not positive, a batch of half a sample.

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
    found: str  # as it is written
    wanted: str
    instead: str  # what may be written in its place

    def diagnose(self) -> Diagnostic:
        return self.worded(f"`{self.name}` must be {self.wanted}, and this is `{self.found}`", label="cannot be this", help=f"write `{self.instead}`")


class SettingsClash(Problem):
    """Two settings contradict each other, or one is given twice.

    The length of a training is given by `epochs` or by `steps`; a rate by `lr` or in the optimiser. The command line goes before the
    environment, and that before the spec: what they say of the same setting does not clash.

    Wrong:
        net N:
            input x: real[3]
            loss l = sum(x)
        train:
            epochs = 10
            steps = 500
    Right:
        net N:
            input x: real[3]
            loss l = sum(x)
        train:
            steps = 500
    """

    code = "E0704"
    name: str
    other: str
    first: Span

    def diagnose(self) -> Diagnostic:
        if self.name == self.other:
            return self.worded(f"`{self.name}` is set twice", label="again here", labels=(Label(self.first, "first set here"),), help="remove one of the two lines")
        both = f"`{self.other}` and `{self.name}`"
        said = "how long the training is" if self.name == "steps" else "the rate"
        return self.worded(
            f"{both} both say {said}", label="the second", labels=(Label(self.first, "the first"),), help=f"remove one of {both}"
        )


class UnknownSource(Problem):
    """The `data` setting names a source or a step that netc does not have.

    The source comes first, its steps behind it: `digits() -> resize(28)`. `netc data` lists both.

    Wrong:
        net N:
            input image: real[8, 8]
            input digit: class(10)
            digit ~ softmax(image -> flatten -> Dense(10))
        train:
            data = digit()
    Right:
        net N:
            input image: real[8, 8]
            input digit: class(10)
            digit ~ softmax(image -> flatten -> Dense(10))
        train:
            data = digits()
    """

    code = "E0707"
    what: str
    name: str
    known: tuple[str, ...]
    guess: str | None
    misplaced: bool = False  # a step where a source is wanted, or a source behind one

    def diagnose(self) -> Diagnostic:
        if self.misplaced:
            place = "it is a step: a source stands before it" if self.what == "source" else "it is a source, and one is enough: behind it stand steps"
            return self.worded(f"there is no data {self.what} `{self.name}`", label=f"no {self.what}", help=f"{place}, `digits() -> resize(28)`")
        hint = f"did you mean `{self.guess}`? " if self.guess else ""
        return self.worded(
            f"there is no data {self.what} `{self.name}`", label=f"unknown {self.what}", help=f"{hint}netc has {', '.join(f'`{k}`' for k in self.known)}"
        )


class ArgumentUnfit(Problem):
    """A call in a `train` block (an optimiser, a schedule, a source of data, a step) is given what it does not take, or not what it needs.

    Wrong:
        net N:
            input x: real[2]
            input y: class(2)
            y ~ softmax(Dense(2)(x))
        train:
            data = spirals(sample=500)
    Right:
        net N:
            input x: real[2]
            input y: class(2)
            y ~ softmax(Dense(2)(x))
        train:
            data = spirals(samples=500)
    """

    code = "E0708"
    name: str
    reason: str
    mend: str

    def diagnose(self) -> Diagnostic:
        return self.worded(f"`{self.name}` {self.reason}", label="here", help=self.mend)


class UnknownSchedule(Problem):
    """A rate, or a share of draws, changes by a schedule that netc does not have.

    Wrong:
        net N:
            input x: real[3]
            loss l = sum(x)
        train:
            optimizer = sgd(cosin(0.1, 0.001))
    Right:
        net N:
            input x: real[3]
            loss l = sum(x)
        train:
            optimizer = sgd(cosine(0.1, 0.001))
    """

    code = "E0709"
    setting: str
    name: str
    wanted: str
    meant: str  # as it would be written

    def diagnose(self) -> Diagnostic:
        hint = f"did you mean `{self.meant}`? " if self.meant else ""
        return self.worded(
            f"`{self.setting}` has no schedule `{self.name}`", label="unknown schedule", help=f"{hint}`{self.setting}` is {self.wanted}"
        )


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
