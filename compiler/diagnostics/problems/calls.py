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

    def diagnose(self) -> Diagnostic:
        listed = ", ".join(f"`{k}`" for k in self.known) or "none"
        help = f"did you mean `{self.guess}`? " if self.guess else ""
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

    def diagnose(self) -> Diagnostic:
        labels = (Label(self.header, "declared here"),) if self.header else ()
        return self.worded(f"{self.what} needs `{self.missing}`", label=f"`{self.missing}` is missing", labels=labels, help="give it a value")


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

    def diagnose(self) -> Diagnostic:
        plural = "value" if self.takes == 1 else "values"
        return self.worded(f"{self.what} takes {self.takes} {plural}, and {self.found} are given", label="one too many", help="remove what is too much")


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

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"`{self.name}` is a layer that was not made yet", label="`()` is missing", help=f"write `{self.name}()` with its settings in the bracket",
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

    def diagnose(self) -> Diagnostic:
        return self.worded(f"{self.sort} cannot be {self.what}", label=self.sort, help=self.hint)
