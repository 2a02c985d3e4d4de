"""Problems with names: unknown, defined twice, or of something else."""

from __future__ import annotations

from dataclasses import replace

from netc.compiler.diagnostics.model import Diagnostic, Edit, Label, Problem
from netc.compiler.diagnostics.suggest import suggest
from netc.compiler.diagnostics.wording import quoted
from netc.compiler.source.text import Span

_SHOWN = 3  # of the further places where a name is used
_LISTED = 6  # of the names that are known; more are no help


class UnknownName(Problem):
    """A name is used that nothing defines.

    Names come from the net itself, its layers' headers, the indices of the equation, the file and the prelude. No name
    becomes an index by accident: an index stands on the left side or in the bracket of a reduction.

    Wrong:
        net N:
            input x: real[3]
            y = tanh(z)
    Right:
        net N:
            input x: real[3]
            y = tanh(x)
    """

    code = "E0201"
    name: str
    guess: str | None
    indexed: str = ""  # what it stands in the brackets of
    fitting: tuple[str, ...] = ()  # that with what could stand there
    left: str = ""  # the name on the left, where that has no index
    last: str = ""  # of a sequence: its last element
    observed: str = ""  # what is observed, where this stands behind `~`
    again: tuple[Span, ...] = ()  # further places where nothing is called so
    known: tuple[str, ...] = ()  # what has values here, where the name is too short to be near another
    instead: str = ""  # how it is written here, where other languages have the name
    reduction: str = ""  # the one around it, with the bracket that it lacks: `sum[i](x[i])`

    def joined(self, other: Problem) -> Problem | None:
        """A name that is missing is one mistake, however often it is used; an index is bound anew in each equation."""
        index = len(self.name) == 1 and self.name.islower()
        if not isinstance(other, UnknownName) or self.name != other.name or self.span.source is not other.span.source or index or self.applied:
            return None
        first, second = sorted((self, other), key=lambda p: p.span.start)
        return replace(first, again=tuple(sorted({*self.again, *other.again, second.span}, key=lambda s: s.start)))

    @property
    def places(self) -> tuple[Span, ...]:
        return (self.shown_at, *self.again)

    def diagnose(self) -> Diagnostic:
        if self.reduction:
            return self.worded(f"nothing is called `{self.name}` here", label="not bound as an index", help=f"a reduction has its index in brackets: write `{self.reduction}`")
        if self.indexed and (len(self.name) == 1 or self.fitting and not self.guess):
            fitting = " or ".join(f"`{f}`" for f in self.fitting)
            left = f"{self.observed}[{self.name}] ~" if self.observed else f"{self.left or 'y'}[{self.name}] ="
            if self.last and not fitting:
                outside = "" if self.observed else f", or on the left side `{left} ...`"
                return self.worded(
                    f"nothing is called `{self.name}` here", label="not bound as an index",
                    help=f"the last is `{self.last}`; or bind it: in a reduction `sum[{self.name}](...)`{outside}",
                )  # fmt: skip
            return self.worded(
                f"nothing is called `{self.name}` here", label="not bound as an index",
                help=(f"did you mean {fitting}? Else bind" if fitting else "bind")
                + f" it: on the left side `{left} ...` or in a reduction `sum[{self.name}](...)`"
                + ("" if fitting else f"; or write which element of `{self.indexed}` is meant"),
            )  # fmt: skip
        if self.instead:
            return self.worded(f"nothing is called `{self.name}` here", label="unknown name", labels=self._again(), help=self.instead)
        if self.guess:
            return self.worded(
                f"nothing is called `{self.name}` here", label="unknown name", help=f"did you mean `{self.guess}`?",
                edit=Edit(self.span, self.guess), labels=self._again(),
            )  # fmt: skip
        help = "define it, or bind it as an index: on the left side `y[i] = ...` or in a reduction `sum[i](...)`"
        if 0 < len(self.known) <= _LISTED:
            help = f"known here {'is' if len(self.known) == 1 else 'are'} {quoted(self.known)}; else {help}"
        return self.worded(f"nothing is called `{self.name}` here", label="unknown name", labels=self._again(), help=help)

    def _again(self) -> tuple[Label, ...]:
        shown = self.again[:_SHOWN]
        left = len(self.again) - len(shown)
        more = f", and {left} times more" if left > 1 else ", and once more" if left else ""
        return tuple(Label(span, "and here" + (more if span is shown[-1] else "")) for span in shown)


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
    updated: str = ""  # of a state: the left side that says what it becomes
    observed: str = ""  # of an input whose equation says a distribution: the line that observes it

    def diagnose(self) -> Diagnostic:
        if self.updated:
            return self.worded(
                f"`{self.name}` is a state, and an equation cannot define it", label="defined here", labels=(Label(self.first, "`state` declares it"),),
                help=f"write `next {self.updated} = ...` for what it becomes after a step of training",
            )  # fmt: skip
        if self.observed:
            return self.worded(
                f"`{self.name}` is an input, and an equation cannot define it", label="defined here", labels=(Label(self.first, "given from outside"),),
                help=f"what an input is foretold to be is observed with `~`: `{self.observed}`",
            )  # fmt: skip
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


class UnknownPart(Problem):
    """`a.b` asks for a part that `a` does not have.

    `.T` transposes a matrix; `.name` picks one of the outputs of a layer.
    """

    code = "E0210"
    name: str
    known: tuple[str, ...]
    instead: str = ""  # how it is written here, where other languages have it

    def diagnose(self) -> Diagnostic:
        listed = ", ".join(f"`.{k}`" for k in self.known)
        if self.instead:
            return self.worded(f"there is no part `.{self.name}` here", label="unknown part", help=f"here it is `{self.instead}`")
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
    file: str = ""  # where another place asks for it: the command line, Python

    def diagnose(self) -> Diagnostic:
        listed = ", ".join(f"`{k}`" for k in self.known)
        if not self.name:
            return self.worded("the file has no net", help="a net begins with `net Name:` at the left margin")
        guess = suggest(self.name, self.known)
        hint = f"did you mean `{guess}`? " if guess else ""
        has = f"{self.file or 'it'} has {listed or 'no net at all'}"
        return self.worded(f"the file has no net `{self.name}`", label="no such net", help=f"{hint}{has}")


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


class NothingToExplain(Problem):
    """`netc explain FILE:NAME` was asked for a name that the net does not have.

    Names are those of the net's equations, inputs and parameters; parts of layers are named by their path, as checkpoints
    name them: `c3.Conv.K`, `y.Block[0].m`.
    """

    code = "E0213"
    name: str
    net: str
    listed: tuple[str, ...]
    guesses: tuple[str, ...]

    def diagnose(self) -> Diagnostic:
        known = ", ".join(f"`{n}`" for n in self.listed[:12]) + (f" and {len(self.listed) - 12} more" if len(self.listed) > 12 else "")
        head, last = self.name.partition(".")[0], self.name.rpartition(".")[2]
        holds = f"`{head}` holds" if self.listed and self.listed[0].startswith(f"{head}.") else "it has"
        *others, final = (f"`{n}`" for n in self.guesses[:3] or ("",))
        more = f" ({len(self.guesses) - 3} more are called so)" if len(self.guesses) > 3 else ""
        found = f"{', '.join(others)}{' or ' * bool(others)}{final}{more}"
        message = f"the net {self.net} has nothing called `{self.name}`"
        if self.guesses and all(g.rpartition(".")[2] == last for g in self.guesses):
            return self.worded(message, help=f"write its path: {found}")
        return self.worded(message, help=(f"did you mean {found}? " if self.guesses else "") + f"{holds} {known}")
