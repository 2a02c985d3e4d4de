"""What a problem is: a dataclass of facts that knows how to word itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from netc.compiler.source.text import Span


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


@dataclass(frozen=True)
class Problem(ABC):
    """Facts of one finding. A subclass is a frozen dataclass with a `code`; its docstring is what `netc explain` prints."""

    span: Span

    code: ClassVar[str]
    severity: ClassVar[Severity] = Severity.ERROR

    @abstractmethod
    def diagnose(self) -> Diagnostic:
        """The wording. Only here."""

    def worded(
        self,
        message: str,
        *,
        label: str = "",
        labels: tuple[Label, ...] = (),
        notes: tuple[str, ...] = (),
        help: str = "",
        edit: Edit | None = None,
    ) -> Diagnostic:
        """A diagnostic with this problem's code, severity and place."""
        return Diagnostic(self.code, self.severity, message, self.span, label, labels, notes, help, edit)
