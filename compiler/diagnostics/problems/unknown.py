"""Problems with a name that nothing defines."""

from __future__ import annotations

from dataclasses import replace

from netc.compiler.diagnostics.model import Diagnostic, Edit, Label, Problem
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
    observed: str = ""  # what is observed, where this stands behind `~`
    again: tuple[Span, ...] = ()  # further places where nothing is called so
    known: tuple[str, ...] = ()  # what has values here, where the name is too short to be near another

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
        if self.indexed and (len(self.name) == 1 or self.fitting and not self.guess):
            fitting = " or ".join(f"`{f}`" for f in self.fitting)
            left = f"{self.observed}[{self.name}] ~" if self.observed else f"{self.left or 'y'}[{self.name}] ="
            return self.worded(
                f"nothing is called `{self.name}` here", label="not bound as an index",
                help=(f"did you mean {fitting}? Else bind" if fitting else "bind")
                + f" it: on the left side `{left} ...` or in a reduction `sum[{self.name}](...)`"
                + ("" if fitting else f"; or write which element of `{self.indexed}` is meant"),
            )  # fmt: skip
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
