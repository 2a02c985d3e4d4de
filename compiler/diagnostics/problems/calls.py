"""Problems of layers and functions, made and applied: their settings and their arguments."""

from __future__ import annotations

from netc.compiler.diagnostics.model import Diagnostic, Label, Problem
from netc.compiler.source.text import Span


class UnknownSetting(Problem):
    """A layer is given a setting that it does not have.

    Wrong:
        net N:
            input x: real[3]
            y = Dense(4, activation=tanh)(x)
    Right:
        net N:
            input x: real[3]
            y = Dense(4, act=tanh)(x)
    """

    code = "E0204"
    layer: str
    setting: str
    known: tuple[str, ...]
    guess: str | None
    instead: str = ""  # what is done here, where other libraries have the setting

    def diagnose(self) -> Diagnostic:
        listed = ", ".join(f"`{k}`" for k in self.known) or "none"
        help = f"{self.instead}; " if self.instead else f"did you mean `{self.guess}`? " if self.guess else ""
        return self.worded(
            f"`{self.layer}` has no setting `{self.setting}`", label="unknown setting", help=f"{help}its settings are {listed}"
        )


class MissingArgument(Problem):
    """A layer or a function is not given all it needs.

    Wrong:
        net N:
            input x: real[3]
            y = Dense()(x)
    Right:
        net N:
            input x: real[3]
            y = Dense(4)(x)
    """

    code = "E0205"
    what: str
    missing: str
    header: Span | None
    hint: str = ""

    def diagnose(self) -> Diagnostic:
        labels = (Label(self.header, "declared here"),) if self.header else ()
        missing = f"`{self.missing}`" if self.missing.isidentifier() else self.missing
        return self.worded(f"{self.what} needs {missing}", label=f"{missing} is missing", labels=labels, help=self.hint or "give it a value")


class ExtraArgument(Problem):
    """A layer or a function is given more than it takes.

    Wrong:
        net N:
            input x: real[3]
            y = tanh(x, x)
    Right:
        net N:
            input x: real[3]
            y = tanh(x)
    """

    code = "E0206"
    what: str
    takes: int
    found: int
    hint: str = ""

    def diagnose(self) -> Diagnostic:
        plural = "value" if self.takes == 1 else "values"
        return self.worded(f"{self.what} takes {self.takes} {plural}, and {self.found} are given", label="one too many", help=self.hint or "remove what is too much")


class LayerNotMade(Problem):
    """A layer is applied without its settings.

    `Name(...)` makes a layer and a second bracket applies it, also when it has no settings.

    Wrong:
        net N:
            input x: real[2, 3, 3]
            y = x -> GlobalAvgPool
    Right:
        net N:
            input x: real[2, 3, 3]
            y = x -> GlobalAvgPool()
    """

    code = "E0207"
    name: str
    settings: tuple[str, ...] = ()  # those that it needs

    def diagnose(self) -> Diagnostic:
        made = f"{self.name}({', '.join(self.settings)})"
        return self.worded(
            f"`{self.name}` is a layer that was not made yet", label="its settings are missing" if self.settings else "`()` is missing",
            help=f"write `{made}`" + (", with its settings in the bracket" if self.settings else ""),
        )  # fmt: skip


class NotApplicable(Problem):
    """Something is called, indexed or computed with that cannot be.

    Wrong:
        net N:
            input x: real[3]
            dim H = 4
            y = H(x)
    Right:
        net N:
            input x: real[3]
            dim H = 4
            y = Dense(H)(x)
    """

    code = "E0209"
    what: str
    sort: str
    hint: str = ""

    @property
    def meets(self) -> tuple[Span, ...]:
        return (self.span,)

    def diagnose(self) -> Diagnostic:
        return self.worded(f"{self.sort} cannot be {self.what}", label=self.sort, help=self.hint)


class LayerNotApplied(Problem):
    """A layer is made and applied to nothing, where its value is needed.

    `Name(...)` makes a layer: the first bracket holds its settings. A second bracket, or `->`, applies it to values.

    Wrong:
        net N:
            input x: real[3]
            y = Dense(4)
            z = 2 * y
    Right:
        net N:
            input x: real[3]
            y = Dense(4)(x)
            z = 2 * y
    """

    code = "E0214"
    layer: str
    call: str  # the call as it should be
    swapped: bool = False  # whether values stand where the settings belong
    use: Span | None = None  # where its value is needed
    name: str = ""  # under which that is

    def diagnose(self) -> Diagnostic:
        labels = (Label(self.use, "its value is needed here"),) if self.use is not None and self.use != self.span else ()
        if self.swapped:
            return self.worded(
                f"values stand where the settings of `{self.layer}` belong", label="the first bracket holds the settings", labels=labels,
                help=f"a second bracket holds the values: `{self.call}`",
            )  # fmt: skip
        later = f", or `{self.name}(...)` where its value is needed" if self.name else ""
        return self.worded(
            f"the layer `{self.layer}` is made and applied to nothing", label="a second bracket is missing", labels=labels,
            help=f"a second bracket applies it: `{self.call}`{later}",
        )  # fmt: skip
