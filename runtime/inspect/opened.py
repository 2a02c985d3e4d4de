"""The layers of a net as they are looked at: the rows of `check`, and within a row the layers that it applies one after the other."""

from __future__ import annotations

from dataclasses import dataclass

from netc.compiler.counting.count import parameters
from netc.compiler.counting.describe import describe
from netc.compiler.counting.model import ReportRow
from netc.compiler.counting.report import shape_text
from netc.compiler.elaborate.model import Elaborated, Equation, Row
from netc.compiler.statements.expressions import Kind, Read, Type, Variable, reads

_MOST = 60  # layers of one row


@dataclass(frozen=True, eq=False)
class Layer:
    """A value to look at: a row, or (`within`) the result of a layer in it."""

    name: str
    variable: Variable
    within: str = ""

    def described(self, elaborated: Elaborated, row: ReportRow | None) -> tuple[str, str, str]:
        """What it is, its sizes, and how many parameters it holds."""
        if not self.within and row is not None:
            return row.what, row.output, f"{row.params:,}" if row.params else "–"
        inner = [e for e in elaborated.equations if e.target.name.startswith(f"{self.within}.")]
        held = {r.variable for e in inner for r in reads(e.value) if r.variable.kind is Kind.PARAMETER}
        size = sum(parameters(v) for v in held if v.name.startswith(f"{self.within}."))
        return describe(inner), shape_text(self.variable), f"{size:,}" if size else "–"


def opened(elaborated: Elaborated) -> list[Layer]:
    """Every row of real numbers; before a row the layers in it, where it applies several."""
    found: list[Layer] = []
    for row in elaborated.rows:
        if row.kind == "equation" and row.variable is not None and row.variable.type is Type.REAL:
            found += _inner(elaborated, row)
            found.append(Layer(row.name, row.variable))
    return found


def _inner(elaborated: Elaborated, row: Row) -> list[Layer]:
    """The results of the layers one level down; where there is only one layer, of those in it.

    `v.Features.y.Stem.z` is `z` of a layer `Stem` two levels down: layers and their variables alternate.
    """
    equations = [e for e in elaborated.equations if e.row == row.name and e.target.name.startswith(f"{row.name}.")]
    names = set(elaborated.variables)
    deepest = max((len(e.target.name.split(".")) // 2 for e in equations), default=0)
    for depth in range(1, deepest + 1):
        results: dict[str, Equation] = {}
        for e in equations:
            parts = e.target.name.split(".")
            if len(parts) == 2 * depth + 1 and e.target.name in names and e.target.type is Type.REAL and e.target.per_sample:
                results[".".join(parts[:-1])] = e
        if len(results) > 1:
            kept = {prefix: e for prefix, e in results.items() if not _copies(e) and not _is_row(elaborated, row, e.target)}
            return [Layer(f"{row.name} · {prefix.rsplit('.', 1)[-1]}", e.target, prefix) for prefix, e in list(kept.items())[:_MOST]]
    return []


def _copies(e: Equation) -> bool:
    """Whether the equation only hands on what another one gives: dropout at test time."""
    return isinstance(e.value, Read) and e.value.variable.kind is Kind.TEMPORARY


def _is_row(elaborated: Elaborated, row: Row, inner: Variable) -> bool:
    """Whether the row is this layer's result under its own name."""
    own = [e.value for e in elaborated.equations if e.target is row.variable]
    return len(own) == 1 and isinstance(own[0], Read) and own[0].variable is inner
