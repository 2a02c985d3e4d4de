"""The rows of a table as they are drawn: one problem for all rows that are none, or that have another length than the rest."""

from __future__ import annotations

from collections.abc import Sequence

from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.syntax import BadRow, TableUneven
from netc.compiler.source.text import Span
from netc.compiler.syntax import tree

_SEPARATORS = " \t,;|[]()"
_THERE = "Xx1*+×✓■●█"
_ABSENT = ".0-_·○□"

Row = tuple[bool, ...]


def read_rows(lines: Sequence[Span], axes: Sequence[tree.Expr]) -> tuple[tuple[Row, ...], Problem | None]:
    """The cells of each line, and what is wrong with them; `axes` are the sizes in the header."""
    bad = [line for line in lines if set(line.text) - set("X. \t")]
    if bad:
        drawn = _meant(bad[0].text)
        return (), BadRow(bad[0], _drawn(drawn) if drawn else "", tuple(bad[1:]))
    rows = tuple(tuple(c == "X" for c in line.text if c in "X.") for line in lines)
    columns = axes[1].value if len(axes) == 2 and isinstance(axes[1], tree.Number) else None
    like = next((k for k, row in enumerate(rows) if len(row) == columns), 0)
    uneven = [k for k, row in enumerate(rows) if len(row) != len(rows[like])]
    if not uneven:
        return rows, None
    first, *others = uneven
    return (), TableUneven(lines[first], len(rows[first]), len(rows[like]), lines[like], tuple((lines[k], len(rows[k])) for k in others))


def _meant(text: str) -> Row | None:
    """The cells that other signs stand for: `1 0 1`, `x-x`."""
    cells = [c for c in text if c not in _SEPARATORS]
    return tuple(c in _THERE for c in cells) if all(c in _THERE or c in _ABSENT for c in cells) else None


def _drawn(row: Row) -> str:
    return " ".join("X" if cell else "." for cell in row)
