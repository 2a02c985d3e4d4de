"""Problems with tables that are drawn, and with constants that a declaration reads as a table."""

from __future__ import annotations

from typing import ClassVar

from netc.compiler.diagnostics.model import Diagnostic, Label, Problem, Severity
from netc.compiler.diagnostics.wording import ordinal
from netc.compiler.source.text import Span


class TableSizeDiffers(Problem):
    """A table is drawn with another size than it is declared with.

    Wrong:
        table C[2, 3]:
            X X X
        net N:
            input x: real[3]
            y = 2 * x
    Right:
        table C[1, 3]:
            X X X
        net N:
            input x: real[3]
            y = 2 * x
    """

    code = "E0306"
    name: str
    declared: str
    drawn: str
    rows: Span

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"the table `{self.name}` is declared as {self.declared} and drawn as {self.drawn}",
            label=f"declared as {self.declared}",
            labels=(Label(self.rows, f"drawn as {self.drawn}"),),
            help="correct one of them",
        )


class EmptyLine(Problem):
    """A row or a column of a connection table has no X.

    A table behind `where` says which weights there are; one that is read as numbers, such as the picture of a digit, may have
    empty lines. In the `links` of a `Conv` a row is an input map and a column a map that is made: a row without an X is an
    input that nothing reads, a column without one a map that reads nothing.

    Wrong:
        table C[2, 2]:
            X X
            . .
        net N:
            input x: real[2, 6, 6]
            y = Conv(2, 3, links=C)(x)
    Right:
        table C[2, 2]:
            X X
            . X
        net N:
            input x: real[2, 6, 6]
            y = Conv(2, 3, links=C)(x)
    """

    code = "W0306"
    severity: ClassVar[Severity] = Severity.WARNING
    table: str
    kind: str
    at: int

    def diagnose(self) -> Diagnostic:
        meaning = {"row": "an input that nothing reads", "column": "a map that reads nothing"}[self.kind]
        return self.worded(
            f"{self.kind} {self.at} of the table `{self.table}` has no X", label=f"as `links` of a layer: {meaning}",
            help="draw an X where it is joined, or leave it out of the table",
        )  # fmt: skip


class ReadInPart(Problem):
    """A declaration reads a table over other sizes than the table has.

    The axes of a declaration are read whole: `param K[o: n, c: C] where links[c, o]` needs a table of C rows and n columns.
    A larger one is not cut, and beyond a smaller one nothing is assumed.

    Wrong:
        table Half[2, 4]:
            X X . .
            . . X X
        net N:
            input x: real[2, 6, 6]
            y = Conv(3, 5, links=Half)(x)
    Right:
        table Half[2, 4]:
            X X . .
            . . X X
        net N:
            input x: real[2, 6, 6]
            y = Conv(4, 5, links=Half)(x)
    """

    code = "E0322"
    table: str
    reader: str
    found: str
    wanted: str
    given: tuple[str, ...]  # the sizes of the reader by name: `n = 12`
    unlike: tuple[tuple[int, str, str, str], ...]  # axis, wanted, found, the size as the reader writes it
    drawn: bool  # whether it has rows and columns
    declaration: Span | None

    def diagnose(self) -> Diagnostic:
        here = f"needs {self.wanted}: {', '.join(self.given)}" if self.given else f"needs {self.wanted}"
        mends = [
            f"give it {wanted} {('rows', 'columns')[k] if self.drawn else f'points along its {ordinal(k)} axis'}" + (f", or make {size} = {found}" if size else "")
            for k, wanted, found, size in self.unlike
        ]
        return self.worded(
            f"{self.table} is {self.found}, and {self.reader} needs {self.wanted}",
            label=here,
            labels=(Label(self.declaration, f"{self.found} here"),) if self.declaration else (),
            outside=f"`{{layer}}` {here}",
            help="; ".join(mends) or "let both count from the same number",
        )
