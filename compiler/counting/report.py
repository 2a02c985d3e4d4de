"""The table of `check`: one row for each name of the net."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from netc.compiler.counting.count import connections, multiply_adds, parameters
from netc.compiler.counting.describe import describe
from netc.compiler.counting.model import Memory, Report, ReportRow
from netc.compiler.elaborate.model import Elaborated, Equation, Row
from netc.compiler.statements.domains import BATCH_LENGTH, Length
from netc.compiler.statements.expressions import Kind, Variable

USUAL_LENGTH = 50  # at which sequences are counted where the caller does not say
_REAL = 4  # bytes of a float32


class Tally:
    """Counts of a net by row and by path; what asserts ask."""

    def __init__(self, elaborated: Elaborated, lengths: Mapping[Length, int]) -> None:
        self.elaborated, self.lengths = elaborated, lengths
        self.held = {v.name: parameters(v, lengths) for v in elaborated.leaves(Kind.PARAMETER)}
        self.equations: dict[str, list[Equation]] = {}
        for equation in elaborated.equations:
            self.equations.setdefault(equation.row, []).append(equation)
        self.owner = self._owners()

    def _owners(self) -> dict[str, str]:
        """Each parameter belongs to the first row that reads it."""
        found: dict[str, str] = {}
        for equation in self.elaborated.equations:
            for read in equation.reads:
                if read.variable.kind is Kind.PARAMETER:
                    found.setdefault(read.variable.name, equation.row)
        return found

    def parameters(self, path: str) -> int:
        """Of a row or of a layer in it by its path; of the whole net for an empty path."""
        below = sum(n for name, n in self.held.items() if not path or name == path or name.startswith(path + "."))
        return below or sum(n for name, n in self.held.items() if self.owner.get(name) == path)

    def known(self, path: str) -> bool:
        """Whether nothing that is missing because of a mistake would count here.

        Parameters below a path are its own. Of others the first reader has all: that may be what is missing.
        """
        lost = self.elaborated.lost
        if lost is None or path and any(name == path or name.startswith(path + ".") for name in self.held):
            return True
        return bool(path) and not any(name.partition(".")[0] in lost for name, row in self.owner.items() if row == path)

    def connections(self, path: str) -> int:
        return sum(connections(e, self.lengths) for row, es in self.equations.items() for e in es if not path or row == path)


def make_report(elaborated: Elaborated, batch: int, lengths: Mapping[str, int]) -> tuple[Report, Tally]:
    """The report, and the counts for the asserts."""
    tally = make_tally(elaborated, batch, lengths)
    rows = tuple(_row(r, tally) for r in elaborated.rows)
    total = sum(tally.held.values())
    all_connections = sum(r.connections or 0 for r in rows)
    macs = sum(r.macs or 0 for r in rows)
    memory = Memory(total * _REAL, _estimate(elaborated, tally.lengths, total), batch)
    sizes = {n.name: tally.lengths[n] for n in elaborated.lengths}
    return Report(elaborated.name, rows, total, all_connections, macs, memory, lengths=sizes), tally


def make_tally(elaborated: Elaborated, batch: int, lengths: Mapping[str, int]) -> Tally:
    """The counts alone, at these lengths or the usual one."""
    return Tally(elaborated, {BATCH_LENGTH: batch, **{Length(n.name): lengths.get(n.name, USUAL_LENGTH) for n in elaborated.lengths}})


def _row(row: Row, tally: Tally) -> ReportRow:
    equations = tally.equations.get(row.name, []) if row.kind in ("equation", "likelihood") else []
    owned = [n for n, owner in tally.owner.items() if owner == row.name] if row.kind != "input" else []
    links = sum(connections(e, tally.lengths) for e in equations)
    what = "input" if row.kind == "input" else row.kind if row.kind != "equation" else _described(row, equations)
    if row.kind == "likelihood" and describe(equations):
        what = f"{describe(equations)}, likelihood"
    return ReportRow(
        row.name, what, shape_text(row.variable), sum(tally.held[n] for n in owned) if links or owned else None,
        links or None, sum(multiply_adds(e, tally.lengths) for e in equations) if links else None, row.span.line,
    )  # fmt: skip


def _described(row: Row, equations: Sequence[Equation]) -> str:
    """The forms of its equations and the role they have; of a cell of one's own, which is more than those, first its name."""
    forms = describe(equations)
    cells = " → ".join(dict.fromkeys(a.layer for a in row.layers if a.own)) if row.recurrent else ""
    what = ": ".join(filter(None, (cells, forms))) or _layers(row)
    role = next((e.role for e in equations if e.target is row.variable and e.role), "")  # declared, and proved
    return ", ".join(filter(None, (what, role)))


def _layers(row: Row) -> str:
    return " → ".join(a.layer for a in row.layers[:4]) + (" …" if len(row.layers) > 4 else "")


def shape_text(variable: Variable | None) -> str:
    """`6×28×28`, `class 10`."""
    if variable is None:
        return ""
    sizes = "×".join(str(a) for a in variable.axes)
    if variable.classes is not None:
        return f"class {variable.classes.size}" + (f" {sizes}" if sizes else "")
    return sizes or "1"


def _estimate(elaborated: Elaborated, lengths: Mapping[Length, int], total: int) -> int:
    """Weights, gradients, two optimiser slots, and each stored value with its adjoint: an estimate without a plan."""
    values = 0
    for equation in elaborated.equations:
        size = 1
        for axis in equation.target.axes:
            size *= axis.points(lengths)
        values += size * (lengths[BATCH_LENGTH] if equation.target.per_sample else 1)
    return (4 * total + 2 * values) * _REAL
