"""Problems with names and arguments."""

from __future__ import annotations

from typing import ClassVar

from netc.compiler.diagnostics.model import Diagnostic, Label, Problem, Severity
from netc.compiler.diagnostics.suggest import suggest
from netc.compiler.source.text import Span


class Duplicate(Problem):
    """A name is defined twice.

    Each name has one definition. A boundary equation may add points beside its range; and where a type says the whole, as in
    `h[t in 1..5]: real[1..T] = ...`, further pieces may give the rest.

    Wrong:
        net N:
            input x: real[3]
            y = 2 * x
            y = 3 * x
    Right:
        net N:
            input x: real[3]
            y = 2 * x
            z = 3 * x
    """

    code = "E0202"
    name: str
    first: Span
    in_part: bool = False  # whether the left side says a part of the axes
    begins: bool = False  # whether one of them may be meant as the boundary of the other

    def diagnose(self) -> Diagnostic:
        pieces = f", or let a type say what both are parts of: `{self.name}[t in a..b]: real[1..T] = ...`" if self.in_part else ""
        return self.worded(
            f"`{self.name}` is defined twice", label="again here", labels=(Label(self.first, "first defined here"),),
            help=f"say where it begins with a point on the left: `{self.name}[0] = ...`" if self.begins else f"give one of them another name{pieces}",
        )  # fmt: skip


class PreludeName(Problem):
    """A file defines a name that the standard library has.

    Redefining it would change what other layers mean, so it is an error and no silent override.

    Wrong:
        def relu(x) = max(x, 0.1 * x)
        net N:
            input x: real[3]
            y = relu(x)
    Right:
        def leaky(x) = max(x, 0.1 * x)
        net N:
            input x: real[3]
            y = leaky(x)
    """

    code = "E0203"
    name: str

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"`{self.name}` is a name of the standard library", label="defined again here", help=f"call it `My{self.name}` or the like"
        )


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


class IndexShadows(Problem):
    """An index has the name of a variable in scope.

    Wrong:
        net N:
            input x: real[3]
            input i: real[3]
            y[i] = 2 * x[i]
    Right:
        net N:
            input x: real[3]
            input i: real[3]
            y[k] = 2 * x[k]
    """

    code = "E0208"
    name: str
    defined: Span | None

    def diagnose(self) -> Diagnostic:
        labels = (Label(self.defined, "the variable"),) if self.defined else ()
        return self.worded(
            f"the index `{self.name}` has the name of a variable", label="used as an index", labels=labels, help="choose another letter for the index"
        )


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


class UnknownPart(Problem):
    """`a.b` asks for a part that `a` does not have.

    `.T` transposes a matrix; `.name` picks one of the outputs of a layer.
    """

    code = "E0210"
    name: str
    known: tuple[str, ...]

    def diagnose(self) -> Diagnostic:
        listed = ", ".join(f"`.{k}`" for k in self.known)
        return self.worded(f"there is no part `.{self.name}` here", label="unknown part", help=f"it has {listed}" if listed else f"it is one value: leave `.{self.name}` away")


class UnknownNet(Problem):
    """A net is asked for that the file does not have.

    Wrong:
        net Small:
            input x: real[3]
            loss l = sum(x)
        train Smal:
            epochs = 10
    Right:
        net Small:
            input x: real[3]
            loss l = sum(x)
        train Small:
            epochs = 10
    """

    code = "E0211"
    name: str
    known: tuple[str, ...]

    def diagnose(self) -> Diagnostic:
        listed = ", ".join(f"`{k}`" for k in self.known)
        guess = suggest(self.name, self.known)
        hint = f"did you mean `{guess}`? " if guess else ""
        return self.worded(f"the file has no net `{self.name}`", help=f"{hint}it has {listed}" if listed else "it has no net at all")


class UnknownSize(Problem):
    """A size is set from outside that the net does not have.

    `-D H=200` sets a size that the net declares with `dim H = ...`.
    """

    code = "E0212"
    name: str
    known: tuple[str, ...]
    guess: str | None

    def diagnose(self) -> Diagnostic:
        sizes = ", ".join(f"`{k}`" for k in self.known)
        help = f"did you mean `{self.guess}`? " if self.guess else ""
        ways = f"the sizes are {sizes}" if sizes else f"a size is one that a net declares, `dim {self.name} = ...`, and there is none"
        return self.worded(f"no net here declares `dim {self.name}`", help=f"{help}{ways}")


class ParameterUnread(Problem):
    """A parameter is declared, and no equation reads it.

    It is counted, drawn and saved, and training never moves it. Often it belongs to a line that was copied and kept its
    neighbour's name.

    Wrong:
        net N:
            input x: real[3]
            param Wi[2, 3], Wf[2, 3] init glorot
            i = sigmoid(Wi @ x)
            f = sigmoid(Wi @ x)
            output y = i * f
    Right:
        net N:
            input x: real[3]
            param Wi[2, 3], Wf[2, 3] init glorot
            i = sigmoid(Wi @ x)
            f = sigmoid(Wf @ x)
            output y = i * f
    """

    code = "W0222"
    severity: ClassVar[Severity] = Severity.WARNING
    name: str

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"the parameter `{self.name}` is never read", label="no equation reads it", help="read it where it is meant, or remove it"
        )


class NothingToExplain(Problem):
    """`netc explain FILE:NAME` was asked for a name that the net does not have.

    Names are those of the net's equations, inputs and parameters; parts of layers are named by their path, as checkpoints
    name them: `c3.Conv.K`, `y.Block[0].m`.
    """

    code = "E0213"
    name: str
    net: str
    rows: tuple[str, ...]
    guesses: tuple[str, ...]

    def diagnose(self) -> Diagnostic:
        listed = ", ".join(f"`{n}`" for n in self.rows[:12]) + (f" and {len(self.rows) - 12} more" if len(self.rows) > 12 else "")
        *others, last = (f"`{n}`" for n in self.guesses[:3] or ("",))
        more = f" ({len(self.guesses) - 3} more are called so)" if len(self.guesses) > 3 else ""
        hint = f"did you mean {', '.join(others)}{' or ' * bool(others)}{last}{more}? " if self.guesses else ""
        return self.worded(f"the net {self.net} has nothing called `{self.name}`", help=f"{hint}it has {listed}")
