"""A schedule bound to sizes: each statement becomes steps on views, each scan a loop of steps.

The rooms beside this one plan one kind of statement each: `maps`, `contract` (sums), `extremes`, `picking`.
"""

from __future__ import annotations

from collections.abc import Sequence

from netc.compiler.plan.contract import Contractions
from netc.compiler.plan.extremes import bind_best, bind_extreme, bind_select, bind_softmax
from netc.compiler.plan.maps import bind_map
from netc.compiler.plan.model import Operand
from netc.compiler.plan.picking import bind_gather, bind_scatter
from netc.compiler.plan.pieces import decide, read_ahead
from netc.compiler.plan.workspace import Workspace
from netc.compiler.schedule import Item, Scan, leaves
from netc.compiler.statements.domains import value
from netc.compiler.statements.expressions import Affine, Index, Kind, Variable
from netc.compiler.statements.program import Operation, Statement


class Binder:
    """Goes over a schedule and turns the statements of a workspace into steps."""

    def __init__(self, w: Workspace) -> None:
        self.w = w
        self.contractions = Contractions(w)
        self.writing = decide(w.statements, w.hulls, w.lengths)
        self.begun: set[Variable] = set()
        self.scans: list[tuple[Scan, int, int]] = []  # the loops around: each scan, the point where it begins, +1 or -1

    def run(self, items: Sequence[Item]) -> None:
        self.writing.clears = dict.fromkeys(read_ahead(items), 0.0) | self.writing.clears
        for item in items:
            self._prepare(item)
            self._item(item, None)

    def _prepare(self, item: Item) -> None:
        """What must stand before an item runs: draws, and clear space for what only adds."""
        for s in leaves([item]):
            for read in s.reads():
                if read.variable.kind is Kind.RANDOM:
                    self.w.storage(read.variable)
            if s.target not in self.begun:
                self.begun.add(s.target)
                if s.target in self.writing.clears:
                    self.w.origin = s.target
                    self._clear(s.target, self.writing.clears[s.target])

    def _clear(self, v: Variable, fill: float) -> None:
        storage = self.w.storage(v)
        self.w.elementwise("fill", (fill,), Operand(storage.buffer, 0, (storage.elements,), (1,)))

    def _item(self, item: Item, active: set[Statement] | None) -> None:
        if isinstance(item, Scan):
            self._scan(item, active)
        elif active is None or item in active:
            self.w.origin = item.target
            with self.w.running_only(self._running(item)):
                self._statement(item)

    def _statement(self, s: Statement) -> None:
        adds = s in self.writing.adds
        match s.operation:
            case Operation.MAP:
                bind_map(self.w, s, adds)
            case Operation.SUM:
                self.contractions.bind_sum(s, adds)
            case Operation.MAX | Operation.MIN:
                bind_extreme(self.w, s)
            case Operation.ARGMAX | Operation.ARGMIN:
                bind_best(self.w, s)
            case Operation.SOFTMAX:
                bind_softmax(self.w, s)
            case Operation.GATHER:
                bind_gather(self.w, s)
            case Operation.SCATTER:
                bind_scatter(self.w, s)
            case Operation.SELECT:
                bind_select(self.w, s)
            case Operation.CUMSUM:
                raise ValueError("a cumulative sum is lowered to a sum")

    # ---- scans ---------------------------------------------------------------------------------------------------

    def _scan(self, scan: Scan, active: set[Statement] | None) -> None:
        """A loop for each stretch of points at which the same statements run."""
        w = self.w
        times = {s: self._times(scan, s) for s in scan.statements() if active is None or s in active}
        times = {s: (a, b) for s, (a, b) in times.items() if a <= b}
        edges = sorted({a for a, _ in times.values()} | {b + 1 for _, b in times.values()})
        stretches = [(a, b - 1) for a, b in zip(edges, edges[1:], strict=False)]
        for first, last in stretches if scan.forward else reversed(stretches):
            inside = {s for s, (a, b) in times.items() if a <= first and last <= b}
            if not inside:
                continue
            together = scan.tree if len(stretches) == 1 and not self.scans and not any(isinstance(i, Scan) for i in scan.body) else None
            self.scans.append((scan, first, 1) if scan.forward else (scan, last, -1))
            with w.loop(last - first + 1, {s.target for s in inside}, together, scan.forward):
                kept = dict(self.contractions.copies)
                for item in scan.body:
                    self._item(item, inside)
                self.contractions.copies = {**kept, **self.contractions.invariant}
            self.scans.pop()

    def _running(self, s: Statement) -> list[tuple[Index, int, int]]:
        """For each loop around, the statement's own index (which may be an ordinary one of another), where it begins, how it moves."""
        return [(scan.index[s], start - self._shift(scan, s), turn) for scan, start, turn in self.scans]

    def _shift(self, scan: Scan, s: Statement) -> int:
        place = s.place[scan.axis[s.target]]
        return value(place.const, self.w.lengths) if isinstance(place, Affine) else 0

    def _times(self, scan: Scan, s: Statement) -> tuple[int, int]:
        """The first and the last point of a scan at which a statement runs."""
        i, shift = scan.index[s], self._shift(scan, s)
        return self.w.low(i) + shift, self.w.low(i) + self.w.size(i) - 1 + shift
