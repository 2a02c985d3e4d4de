"""A schedule bound to sizes: each statement becomes steps on views."""

from __future__ import annotations

import math
from collections.abc import Sequence

from netc.compiler.plan.access import Access
from netc.compiler.plan.contract import Contractions, fold, offsets
from netc.compiler.plan.model import Gather, Operand, Reduction, Scatter
from netc.compiler.plan.pointwise import apply, evaluate, index_values
from netc.compiler.plan.workspace import Fixed, Workspace
from netc.compiler.statements.domains import value
from netc.compiler.statements.expressions import BATCH, Affine, Expr, Index, Read, Variable, free_indices
from netc.compiler.statements.program import Operation, Statement

_LOOPED = 64  # windows up to this many points are walked point by point
_LOWEST = -1e30  # stands for what a condition excludes


class Binder:
    """Turns the statements of a workspace into steps."""

    def __init__(self, w: Workspace) -> None:
        self.w = w
        self.contractions = Contractions(w)
        self.begun: set[Variable] = set()
        self.pieces: dict[Variable, int] = {}
        for s in w.statements:
            self.pieces[s.target] = self.pieces.get(s.target, 0) + 1

    def run(self) -> None:
        for s in self.w.statements:
            self.w.origin = s.target
            self._statement(s)

    def _statement(self, s: Statement) -> None:
        adds = self._begin(s)
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

    def _begin(self, s: Statement) -> bool:
        """Prepare the target at its first piece; whether this piece must add to what is there.

        The first piece that adds may write instead if it reaches everything; else the target is cleared in front of it.
        """
        v = s.target
        first = v not in self.begun
        self.begun.add(v)
        if not s.accumulate:
            if first and v.fill is not None:
                self._clear(v, v.fill)
            return False
        writes = s.operation in (Operation.MAP, Operation.SUM) and self._covers(s)
        if first and writes:
            return False
        if first:
            self._clear(v, 0.0)
        return True

    def _clear(self, v: Variable, fill: float) -> None:
        storage = self.w.storage(v)
        self.w.elementwise("fill", (fill,), Operand(storage.buffer, 0, (storage.elements,), (1,)))

    def _covers(self, s: Statement) -> bool:
        """Whether the left side reaches every stored element."""
        storage = self.w.storage(s.target)
        for place, low, size in zip(s.place, storage.lows, storage.sizes, strict=True):
            if not isinstance(place, Affine):
                return False
            lo, hi = (value(b, self.w.lengths) for b in place.range())
            if lo != low or hi != low + size - 1 or len(place.terms) > 1 and self.w.points(place.indices) != size:
                return False
        seen = [i for p in s.place if isinstance(p, Affine) for i in p.indices]
        return len(seen) == len(set(seen))

    # ---- maps ----------------------------------------------------------------------------------------------------

    def _map(self, s: Statement, adds: bool) -> None:
        small = _window_indices(self.w, s)
        if not small:
            self._map_at(s, s.body, {}, adds)
            return
        body: Expr = s.body
        if not isinstance(body, Read) and not any(i in free_indices(body) for i in small):
            held = self._held(s, body)
            for at in offsets(self.w, small):
                self._write(s, held.operand(self._order(s, at)), at, adds)
            return
        for at in offsets(self.w, small):
            self._map_at(s, body, at, adds)

    def _held(self, s: Statement, body: Expr) -> Access:
        """The value of a body computed once, for several writes."""
        order = [i for i in self._order(s, {}) if i is BATCH or i in free_indices(body)]
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

    def _masked(self, s: Statement, order: list[Index], excluded: float) -> Operand:
        """What is reduced, with the points that fail the condition replaced."""
        source = self.w.read(self._read(s), {}).operand(order)
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
        operand = self._masked(s, full, _LOWEST if maximum else -_LOWEST)
        axes = tuple(range(len(order), len(full)))
        self.w.emit(Reduction("maximum" if maximum else "minimum", operand, out.operand(order), axes, origin=self.w.origin))

    def _best(self, s: Statement) -> None:
        maximum = s.operation is Operation.ARGMAX
        order = self._order(s, {})
        full = [*order, *s.over]
        operand = self._masked(s, full, _LOWEST if maximum else -_LOWEST)
        out = self.w.access(s.target, s.place, {}).operand(order)
        self.w.emit(Reduction(s.operation.value, operand, out, (len(order),), origin=self.w.origin))
        low = self.w.low(s.over[0])
        if low:
            self.w.elementwise("+", (out, float(low)), out)

    def _softmax(self, s: Statement) -> None:
        w = self.w
        order = [i for i in self._order(s, {}) if i not in s.over] + list(s.over)
        out = w.access(s.target, s.place, {}).operand(order)
        z = self._masked(s, order, _LOWEST)
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
                if place.plain is not None:
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

    def _table(self, variable: Variable) -> Operand:
        storage = self.w.storage(variable)
        sizes = tuple(self.w.batch if k < 0 else storage.sizes[k] for k in storage.order)
        along = storage.strides()
        return Operand(storage.buffer, 0, sizes, tuple(along[k] for k in storage.order))

    def _gather(self, s: Statement) -> None:
        read = self._read(s)
        order = self._order(s, {})
        if read.variable.per_sample and BATCH not in order:
            order = [BATCH, *order]
        out = self.w.access(s.target, s.place, {}).operand(order)
        places, lows, axes = self._places(read.variable, read.indices, order)
        self.w.emit(Gather(self._table(read.variable), places, lows, axes, out, self.w.origin))

    def _scatter(self, s: Statement) -> None:
        read = self._read(s)
        source = self.w.read(read, {})
        batched = read.variable.per_sample or any(isinstance(p, Read) and p.variable.per_sample for p in s.place)
        order = [BATCH] * batched + [i for i in s.indices if i is not BATCH]
        places, lows, axes = self._places(s.target, s.place, order)
        shape = tuple(self.w.size(i) for i in order)
        operand = source.operand(order)
        strides = tuple(operand.strides)
        unique = s.target.per_sample and not [i for i in s.indices if not any(_holds(p, i) for p in s.place)]
        unique = unique and sum(1 for p in s.place if isinstance(p, Read)) == 1 and not _data_indices(s)
        broadcast = Operand(operand.buffer, operand.offset, shape, strides)
        self.w.emit(Scatter(self._table(s.target), places, lows, axes, broadcast, unique, self.w.origin))

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
        w, (x, _) = self.w, s.source
        (k,) = s.over
        full = [*order, k]
        best = w.register([w.size(i) for i in order], integer=True)
        w.emit(Reduction("argmax" if _is_max(s) else "argmin", w.read(x, {}).operand(full), best, (len(order),), origin=w.origin))
        positions = index_values(w, Affine(-w.low(k), ((k, 1),)), full, {})
        hit = w.register([w.size(i) for i in full])
        spread = Operand(best.buffer, 0, (*best.shape, 1), (*best.strides, 0))
        w.elementwise("==", (positions, spread), hit)
        w.elementwise("*", (hit, w.read(self._read(s), {}).operand(full)), hit)
        target = w.access(s.target, s.place, {}).operand(full)
        w.elementwise("+", (target, hit), target)


def _is_max(s: Statement) -> bool:
    return True


def affine_batch() -> Affine:
    return Affine(0, ((BATCH, 1),))


def _holds(place: Affine | Read, i: Index) -> bool:
    return isinstance(place, Affine) and place.plain is i


def _data_indices(s: Statement) -> bool:
    """Whether a data index itself moves along an index that nothing else holds."""
    return any(isinstance(p, Read) and free_indices(p) for p in s.place)


def _window_indices(w: Workspace, s: Statement) -> list[Index]:
    """The smaller index of each axis that two indices share, where the write must or should go window point by point."""
    small: list[Index] = []
    for place in s.place:
        if isinstance(place, Affine) and len(place.terms) > 1:
            small += sorted(place.indices, key=w.size)[: len(place.terms) - 1]
    if not small:
        return []
    overlapping = any(isinstance(p, Affine) and not injective(w, p) for p in s.place)
    if overlapping or s.accumulate and math.prod(w.size(i) for i in small) <= 16:
        return small
    return []


def injective(w: Workspace, place: Affine) -> bool:
    """Whether different indices give different places."""
    reach = 1
    for i, c in sorted(place.terms, key=lambda t: abs(t[1])):
        if w.size(i) == 1:
            continue
        if abs(c) < reach:
            return False
        reach = abs(c) * (w.size(i) - 1) + reach
    return True


