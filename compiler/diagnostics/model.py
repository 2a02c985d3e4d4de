"""What a problem is: a dataclass of facts that knows how to word itself."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from enum import Enum
from typing import ClassVar, Self, dataclass_transform

from netc.compiler.source.text import Span

LIBRARY = "prelude.net"  # the name of the standard library's source


class Severity(Enum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Label:
    """A second place that the message speaks of, with what stands there."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Edit:
    """A certain mend: replace the span by this text."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A worded problem, ready for any renderer."""

    code: str
    severity: Severity
    message: str  # one plain line that stands alone
    span: Span  # the exact place; an empty span at 0 for a whole file
    label: str = ""  # under the carets of the primary span
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()  # the rule behind
    help: str = ""  # the way out
    edit: Edit | None = None


_making = threading.Lock()


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Facts:
    """What derives from this is a frozen dataclass, made one when its first instance is.

    There are over a hundred kinds of problems and a run meets few: to make dataclasses of them all takes a quarter of the
    time in which `netc check` starts.
    """

    def __new__(cls, *_: object, **__: object) -> Self:
        with _making:
            for kind in reversed(cls.__mro__):
                if issubclass(kind, Facts) and kind is not Facts and "__dataclass_fields__" not in vars(kind):
                    dataclass(frozen=True)(kind)
        return super().__new__(cls)


class Problem(Facts, ABC):
    """Facts of one finding. A subclass has a `code`; its docstring is what `netc explain` prints."""

    span: Span
    applied: tuple[tuple[str, Span], ...] = field(default=(), kw_only=True)  # layers around the place, outermost first

    code: ClassVar[str]
    severity: ClassVar[Severity] = Severity.ERROR
    beside_errors: ClassVar[bool] = True  # whether it is told where there are errors, too

    @abstractmethod
    def diagnose(self) -> Diagnostic:
        """The wording. Only here."""

    def joined(self, other: Problem) -> Problem | None:
        """One problem that tells this one and another, later one: the same mistake, met again."""
        return None

    @property
    def meets(self) -> tuple[Span, ...]:
        """The parts of an expression that do not fit each other, where this is such a problem."""
        return ()

    @property
    def places(self) -> tuple[Span, ...]:
        """Every place that this tells of."""
        return (self.shown_at,)

    @property
    def shown_at(self) -> Span:
        """Where the user finds it: in the spec, not in the standard library."""
        return self._own_call[1] if self.applied and self.span.source.name == LIBRARY else self.span

    @property
    def _own_call(self) -> tuple[str, Span]:
        """The layer whose application, in the user's own text, led to the place."""
        return next((x for x in reversed(self.applied) if x[1].source.name != LIBRARY), self.applied[0])

    def worded(
        self,
        message: str,
        *,
        label: str = "",
        labels: tuple[Label, ...] = (),
        notes: tuple[str, ...] = (),
        help: str = "",
        edit: Edit | None = None,
        outside: str = "",
    ) -> Diagnostic:
        """A diagnostic with this problem's code, severity and place.

        Inside a layer of the standard library the place is the user's own line, where the layer was applied. `outside` says there
        all that the user needs; without it the library's line is shown too.
        """
        span = self.span
        if self.applied and span.source.name == LIBRARY:
            if not outside:
                labels = (Label(span, label or "here, in the layer"), *labels)
            layer, span = self._own_call
            label, edit = outside.format(layer=layer) or f"in `{layer}`, applied here", None
        elif self.applied:
            layer, call = self.applied[-1]
            labels = (*labels, Label(call, f"`{layer}` is applied here"))
        return Diagnostic(self.code, self.severity, message, span, label, labels, notes, help, edit)
