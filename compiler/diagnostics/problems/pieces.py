"""Problems with what an equation gives: its left side, the pieces of a variable, and its boundaries."""

from __future__ import annotations

from typing import ClassVar

from netc.compiler.diagnostics.model import Diagnostic, Label, Problem, Severity
from netc.compiler.source.text import Span


class LeftSideUnfit(Problem):
    """The left side of an equation is not a form that defines points.

    It has a name with indices, an affine form of them, constants for boundary points, or `t <= 0` for what lies outside.
    """

    code = "E0317"
    reason: str
    hint: str = ""

    def diagnose(self) -> Diagnostic:
        return self.worded(self.reason, label="on the left side", help=self.hint)


class PointGivenTwice(Problem):
    """Two equations give the same point of a variable.

    A variable may be given in pieces: a boundary beside the equation for the rest, or ranges that lie beside each other.
    Each point has one value; only the same number may be given to it twice.

    Wrong:
        net N:
            input x: real[1..T]
            h[1] = 0
            h[t] = 2 * x[t]
            output h
    Right:
        net N:
            input x: real[1..T]
            h[1] = 0
            h[t in 2..T]: real[1..T] = 2 * x[t]
            output h
    """

    code = "E0319"
    variable: str
    point: str
    first: Span
    always: bool = True
    rest: str = ""  # the left side of the wider one without the points of the other: `h[t in 2..T]: real[1..T, 3]`

    def diagnose(self) -> Diagnostic:
        some = "" if self.always else " for some lengths"
        return self.worded(
            f"`{self.point}` is given twice{some}",
            label="given here" if self.first == self.span else "given again",
            labels=() if self.first == self.span else (Label(self.first, "given here"),),
            help=f"remove one of them; or give the other the rest alone: `{self.rest} = ...`" if self.rest else "remove one of them",
        )


class PointsMissing(Problem):
    """The pieces of a variable leave some of its points without a value.

    Pieces cover the whole of what the type declares, and end where the next begins.

    Wrong:
        net N:
            input x: real[1..T]
            h[1] = x[1]
            h[t in 3..T]: real[1..T] = x[t] - x[t-1]
            output h
    Right:
        net N:
            input x: real[1..T]
            h[1] = x[1]
            h[t in 2..T]: real[1..T] = x[t] - x[t-1]
            output h
    """

    code = "E0320"
    variable: str
    axes: str
    point: str

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"`{self.variable}` is {self.axes}, and no equation gives `{self.point}`",
            label="the pieces leave it out",
            help=f"write the missing piece, `{self.point} = ...`, or let a range begin there",
        )


class BoundaryUnread(Problem):
    """A boundary equation is never read.

    Wrong:
        net N:
            input x: real[5]
            x[i < 0] = 0
            y[i] = 2 * x[i]
    Right:
        net N:
            input x: real[5]
            x[i < 0] = 0
            y[i] = sum[k in 0..2](x[i - k])
    """

    code = "W0313"
    severity: ClassVar[Severity] = Severity.WARNING
    beside_errors: ClassVar[bool] = False  # what is wrong elsewhere may be what should read it
    variable: str

    def diagnose(self) -> Diagnostic:
        return self.worded(f"this boundary of `{self.variable}` is never read", label="no read goes there", help="remove it")
