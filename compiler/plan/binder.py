"""A schedule bound to sizes: each statement becomes steps on views."""

from __future__ import annotations

from collections.abc import Sequence

from netc.compiler.plan.access import Access
from netc.compiler.plan.contract import Contractions, fold, offsets
from netc.compiler.plan.model import Gather, Operand, Reduction, Scatter
from netc.compiler.plan.pieces import decide, read_ahead
from netc.compiler.plan.pointwise import apply, evaluate, index_values
from netc.compiler.plan.windows import window_indices
from netc.compiler.plan.workspace import Fixed, Workspace
from netc.compiler.schedule import Item, Scan, leaves
from netc.compiler.statements.domains import value
from netc.compiler.statements.expressions import BATCH, Affine, Expr, Index, Kind, Read, Variable
from netc.compiler.statements.program import Operation, Statement

_LOOPED = 64  # windows up to this many points are walked point by point
_LOWEST = -1e30  # stands for what a condition excludes


class Binder:
    """Turns the statements of a workspace into steps."""

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

    def _item(self, item: Item, active: set[Statement] | None) -> None:
        if isinstance(item, Scan):
            self._scan(item, active)
        elif active is None or item in active:
            self.w.origin = item.target
            with self.w.running_only(self._running(item)):
                self._statement(item)

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
        i, shift = scan.index[s], self._shift(scan, s)
        return self.w.low(i) + shift, self.w.low(i) + self.w.size(i) - 1 + shift

    def _statement(self, s: Statement) -> None:
        adds = s in self.writing.adds
        match s.operation:
            case Operation.MAP:
                self._map(s, adds)
            case Operation.SUM:
                self._sum(s, adds)
            case Operation.MAX | Operation.MIN:
                self._extreme(s)
            case Operation.ARGMAX | Operation.ARGMIN:
                self._best(s)
            case Operation.SOFTMAX:
                self._softmax(s)
            case Operation.GATHER:
                self._gather(s)
            case Operation.SCATTER:
                self._scatter(s)
            case Operation.SELECT:
                self._select(s)
            case Operation.CUMSUM:
                raise ValueError("a cumulative sum is lowered to a sum")

    def _clear(self, v: Variable, fill: float) -> None:
        storage = self.w.storage(v)
        self.w.elementwise("fill", (fill,), Operand(storage.buffer, 0, (storage.elements,), (1,)))

    # ---- maps ----------------------------------------------------------------------------------------------------

    def _map(self, s: Statement, adds: bool) -> None:
        small = window_indices(self.w, s)
        if not small:
            self._map_at(s, s.body, {}, adds)
            return
        body: Expr = s.body
        if not isinstance(body, Read) and self.w.present(body).isdisjoint(small):
            held = self._held(s, body)
            for at in offsets(self.w, small):
                self._write(s, held.operand(self._order(s, at)), at, adds)
            return
        for at in offsets(self.w, small):
            self._map_at(s, body, at, adds)

    def _held(self, s: Statement, body: Expr) -> Access:
        """The value of a body computed once, for several writes."""
        present = self.w.present(body)
        order = [i for i in self._order(s, {}) if i is BATCH or i in present]
        held = self.w.scratch(order)
        out = held.operand(order)
        result = evaluate(self.w, body, order, {}, out)
        if result is not out:
            apply(self.w, "copy", [result], out) if isinstance(result, Operand) else apply(self.w, "fill", [result], out)
        return held

    def _order(self, s: Statement, fixed: Fixed) -> list[Index]:
        return self.w.stored_order(s.target, s.place, fixed)

    def _map_at(self, s: Statement, body: Expr, fixed: Fixed, adds: bool) -> None:
        order = self._order(s, fixed)
        out = self.w.access(s.target, s.place, fixed).operand(order)
        if adds:
            self.w.elementwise("+", (out, evaluate(self.w, body, order, fixed, None)), out)
            return
        result = evaluate(self.w, body, order, fixed, out)
        if isinstance(result, float):
            self.w.elementwise("fill", (result,), out)
        elif result is not out:
            self.w.elementwise("copy", (result,), out)

    def _write(self, s: Statement, operand: Operand, fixed: Fixed, adds: bool) -> None:
        out = self.w.access(s.target, s.place, fixed).operand(self._order(s, fixed))
        if adds:
            self.w.elementwise("+", (out, operand), out)
        else:
            self.w.elementwise("copy", (operand,), out)

    # ---- reductions ----------------------------------------------------------------------------------------------

    def _sum(self, s: Statement, adds: bool) -> None:
        order = self._order(s, {})
        out = self.w.access(s.target, s.place, {})
        if not adds:
            self.contractions.total(s, order, out, {})
            return
        scratch = self.w.scratch(order)
        self.contractions.total(s, order, scratch, {})
        target = out.operand(order)
        self.w.elementwise("+", (target, scratch.operand(order)), target)

    def _read(self, s: Statement) -> Read:
        assert isinstance(s.body, Read)
        return s.body

    def _masked(self, s: Statement, read: Read, order: list[Index], excluded: float) -> Operand:
        """What is reduced, with the points that fail the condition replaced."""
        source = self.w.read(read, {}).operand(order)
        if s.condition is None:
            return source
        masked = self.w.register([self.w.size(i) for i in order])
        condition = evaluate(self.w, s.condition, order, {}, None)
        self.w.elementwise("where", (condition, source, excluded), masked)
        return masked

    def _extreme(self, s: Statement) -> None:
        maximum = s.operation is Operation.MAX
        function = "max" if maximum else "min"
        order = self._order(s, {})
        out = self.w.access(s.target, s.place, {})
        read = self._read(s)
        windowed = any(isinstance(p, Affine) and len(p.terms) > 1 for p in read.indices)
        if windowed and s.condition is None and self.w.points(s.over) <= _LOOPED:
            views = [self.w.read(read, at).operand(order) for at in offsets(self.w, s.over)]
            fold(self.w, function, views, out.operand(order))
            return
        full = [*order, *s.over]
        operand = self._masked(s, self._read(s), full, _LOWEST if maximum else -_LOWEST)
        axes = tuple(range(len(order), len(full)))
        self.w.emit(Reduction("maximum" if maximum else "minimum", operand, out.operand(order), axes, origin=self.w.origin))

    def _best(self, s: Statement) -> None:
        maximum = s.operation is Operation.ARGMAX
        order = self._order(s, {})
        full = [*order, *s.over]
        operand = self._masked(s, self._read(s), full, _LOWEST if maximum else -_LOWEST)
        out = self.w.access(s.target, s.place, {}).operand(order)
        self.w.emit(Reduction(s.operation.value, operand, out, (len(order),), origin=self.w.origin))
        low = self.w.low(s.over[0])
        if low:
            self.w.elementwise("+", (out, float(low)), out)

    def _softmax(self, s: Statement) -> None:
        w = self.w
        order = [i for i in self._order(s, {}) if i not in s.over] + list(s.over)
        out = w.access(s.target, s.place, {}).operand(order)
        z = self._masked(s, self._read(s), order, _LOWEST)
        axes = tuple(range(len(order) - len(s.over), len(order)))
        kept = tuple(1 if k in axes else n for k, n in enumerate(out.shape))
        top = w.register(kept)
        w.emit(Reduction("maximum", z, top, axes, True, w.origin))
        w.elementwise("-", (z, top), out)
        w.elementwise("exp", (out,), out)
        if s.condition is not None:
            w.elementwise("*", (out, evaluate(w, s.condition, order, {}, None)), out)
        w.emit(Reduction("add", out, top, axes, True, w.origin))
        if s.condition is not None:
            w.elementwise("max", (top, 1e-30), top)
        w.elementwise("/", (out, top), out)

    # ---- data indices --------------------------------------------------------------------------------------------

    def _places(
        self, variable: Variable, indices: Sequence[Affine | Expr], order: list[Index]
    ) -> tuple[tuple[Operand | range | int, ...], tuple[int, ...], tuple[int, ...]]:
        """For each stored axis of a table: what picks from it, what to subtract, and along which axis a range runs."""
        places: list[Operand | range | int] = []
        lows: list[int] = []
        axes: list[int] = []
        storage = self.w.storage(variable)
        for k in storage.order:
            low = 0 if k < 0 else storage.lows[k]
            lows.append(low)
            place = affine_batch() if k < 0 else indices[k]
            if isinstance(place, Affine):
                const = value(place.const, self.w.lengths)
                if k >= 0 and self._runs(place):  # the table itself moves
                    places.append(0)
                    lows[-1] = 0
                    axes.append(-1)
                elif place.plain is not None:
                    start = const + self.w.low(place.plain) - low
                    places.append(range(start, start + self.w.size(place.plain)))
                    axes.append(order.index(place.plain))
                elif not place.terms:
                    places.append(const - low)
                    axes.append(-1)
                else:
                    operand = index_values(self.w, Affine(const, place.terms), order, {}, integer=True)
                    assert isinstance(operand, Operand)
                    places.append(operand)
                    axes.append(-1)
            else:
                assert isinstance(place, Read)
                places.append(self.w.read(place, {}).operand(order))
                axes.append(-1)
        return tuple(places), tuple(lows), tuple(axes)

    def _runs(self, place: Affine | Expr) -> bool:
        return isinstance(place, Affine) and bool(place.terms) and all(i in self.w.running for i in place.indices)

    def _table(self, variable: Variable, indices: Sequence[Affine | Expr]) -> Operand:
        storage = self.w.storage(variable)
        along = storage.strides
        sizes: list[int] = []
        offset, moves = 0, [0] * len(self.w.turns)
        for k in storage.order:
            place = indices[k] if k >= 0 else None
            if place is None or not self._runs(place):
                sizes.append(self.w.batch if k < 0 else storage.sizes[k])
                continue
            assert isinstance(place, Affine)
            sizes.append(1)
            at = value(place.const, self.w.lengths) + sum(c * self.w.running[i] for i, c in place.terms)
            offset += (at - storage.lows[k]) * along[k]
            for level, turn in enumerate(self.w.turns):
                moves[level] += sum(c * turn.get(i, 0) for i, c in place.terms) * along[k]
        return Operand(storage.buffer, offset, tuple(sizes), tuple(along[k] for k in storage.order), tuple(moves) if any(moves) else ())

    def _runs_last(self, variable: Variable, places: Sequence[Affine | Expr], order: list[Index]) -> list[Index]:
        """The order with the axes last that a table has last and that nothing picks from: its numbers are moved in runs."""
        last: list[Index] = []
        for k in reversed(self.w.storage(variable).order):
            place = affine_batch() if k < 0 else places[k]
            if not isinstance(place, Affine) or place.plain not in order:
                break
            last.insert(0, place.plain)
        return [i for i in order if i not in last] + last

    def _gather(self, s: Statement) -> None:
        read = self._read(s)
        order = self._order(s, {})
        if read.variable.per_sample and BATCH not in order:
            order = [BATCH, *order]
        order = self._runs_last(read.variable, read.indices, order)
        out = self.w.access(s.target, s.place, {}).operand(order)
        places, lows, axes = self._places(read.variable, read.indices, order)
        self.w.emit(Gather(self._table(read.variable, read.indices), places, lows, axes, out, self.w.origin))

    def _scatter(self, s: Statement) -> None:
        read = self._read(s)
        source = self.w.read(read, {})
        batched = read.variable.per_sample or any(isinstance(p, Read) and p.variable.per_sample for p in s.place)
        order = [BATCH] * batched + [i for i in s.indices if i is not BATCH and i not in self.w.running]
        order = self._runs_last(s.target, s.place, order)
        places, lows, axes = self._places(s.target, s.place, order)
        shape = tuple(self.w.size(i) for i in order)
        operand = source.operand(order)
        picked = [p for p in s.place if isinstance(p, Read)]
        held = all(any(_holds(p, i) for p in s.place) for i in s.indices if i not in self.w.running)
        unique = s.target.per_sample and held and len(picked) == 1
        broadcast = Operand(operand.buffer, operand.offset, shape, operand.strides, operand.moves)
        self.w.emit(Scatter(self._table(s.target, s.place), places, lows, axes, broadcast, unique, self.w.origin))

    # ---- the gradient of a maximum -------------------------------------------------------------------------------

    def _select(self, s: Statement) -> None:
        """Point by point: what is equal to the maximum and comes first takes what arrives."""
        w, (x, top) = self.w, s.source
        order = w.stored_order(top.variable, top.indices, {})
        shape = [w.size(i) for i in order]
        y = w.read(top, {}).operand(order)
        g = w.read(self._read(s), {}).operand(order)
        if w.points(s.over) > _LOOPED and len(s.over) == 1:
            self._select_wide(s, order)
            return
        left, hit, part = w.register(shape), w.register(shape), w.register(shape)
        w.elementwise("fill", (1.0,), left)
        for at in offsets(w, s.over):
            target = w.access(s.target, s.place, at).operand(order)
            w.elementwise("==", (w.read(x, at).operand(order), y), hit)
            if s.condition is not None:
                w.elementwise("*", (hit, evaluate(w, s.condition, order, at, None)), hit)
            w.elementwise("*", (hit, left), hit)
            w.elementwise("*", (hit, g), part)
            w.elementwise("+", (target, part), target)
            w.elementwise("-", (left, hit), left)

    def _select_wide(self, s: Statement, order: list[Index]) -> None:
        w, (x, top) = self.w, s.source
        (k,) = s.over
        full = [*order, k]
        smallest = any(p.operation is Operation.MIN for p in w.statements if p.target is top.variable)
        best = w.register([w.size(i) for i in order], integer=True)
        values = self._masked(s, x, full, -_LOWEST if smallest else _LOWEST)
        w.emit(Reduction("argmin" if smallest else "argmax", values, best, (len(order),), origin=w.origin))
        positions = index_values(w, Affine(-w.low(k), ((k, 1),)), full, {})
        hit = w.register([w.size(i) for i in full])
        spread = Operand(best.buffer, best.offset, (*best.shape, 1), (*best.strides, 0), best.moves)
        w.elementwise("==", (positions, spread), hit)
        w.elementwise("*", (hit, w.read(self._read(s), {}).operand(full)), hit)
        target = w.access(s.target, s.place, {}).operand(full)
        w.elementwise("+", (target, hit), target)


def affine_batch() -> Affine:
    return Affine(0, ((BATCH, 1),))


def _holds(place: Affine | Read, i: Index) -> bool:
    """Whether different points of an index give different places; no two nodes of a tree have the same child."""
    if isinstance(place, Read):
        return place.variable.tree and any(isinstance(p, Affine) and p.plain is i for p in place.indices)
    return place.plain is i
