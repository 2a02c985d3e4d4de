"""Gathers and scatters: what picks from each stored axis of a table, and the table as it lies in memory."""

from __future__ import annotations

from collections.abc import Sequence

from netc.compiler.plan.layout import BATCH_AXIS
from netc.compiler.plan.model import Gather, Operand, Pick, Scatter
from netc.compiler.plan.pointwise import index_values
from netc.compiler.plan.workspace import Workspace
from netc.compiler.statements.domains import value
from netc.compiler.statements.expressions import BATCH, Affine, Expr, Index, Read, Variable, affine
from netc.compiler.statements.program import Statement


def bind_gather(w: Workspace, s: Statement) -> None:
    """target = table[picks]."""
    read = s.read
    order = w.stored_order(s.target, s.place, {})
    if read.variable.per_sample and BATCH not in order:
        order = [BATCH, *order]
    order = _runs_last(w, read.variable, read.indices, order)
    out = w.access(s.target, s.place, {}).operand(order)
    picks = _picks(w, read.variable, read.indices, order)
    w.emit(Gather(_table(w, read.variable, read.indices), picks, out, w.origin))


def bind_scatter(w: Workspace, s: Statement) -> None:
    """table[picks] += source."""
    read = s.read
    source = w.read(read, {})
    batched = read.variable.per_sample or any(isinstance(p, Read) and p.variable.per_sample for p in s.place)
    order = [BATCH] * batched + [i for i in s.indices if i is not BATCH and i not in w.running]
    order = _runs_last(w, s.target, s.place, order)
    picks = _picks(w, s.target, s.place, order)
    shape = tuple(w.size(i) for i in order)
    operand = source.operand(order)
    broadcast = Operand(operand.buffer, operand.offset, shape, operand.strides, operand.moves)
    picked = [p for p in s.place if isinstance(p, Read)]
    held = all(any(_holds(p, i) for p in s.place) for i in s.indices if i not in w.running)
    unique = s.target.per_sample and held and len(picked) == 1
    w.emit(Scatter(_table(w, s.target, s.place), picks, broadcast, unique, w.origin))


def _picks(w: Workspace, table: Variable, indices: Sequence[Affine | Expr], order: Sequence[Index]) -> tuple[Pick, ...]:
    """What picks from each stored axis of a table."""
    return tuple(_pick(w, table, indices, k, order) for k in w.storage(table).order)


def _pick(w: Workspace, table: Variable, indices: Sequence[Affine | Expr], k: int, order: Sequence[Index]) -> Pick:
    low = 0 if k == BATCH_AXIS else w.storage(table).lows[k]
    place = _at(indices, k)
    if isinstance(place, Read):
        return Pick(w.read(place, {}).operand(order), low)
    assert isinstance(place, Affine)
    if k != BATCH_AXIS and _runs(w, place):  # the table itself moves
        return Pick(0)
    const = value(place.const, w.lengths)
    if place.plain is not None:
        start = const + w.low(place.plain) - low
        return Pick(range(start, start + w.size(place.plain)), axis=order.index(place.plain))
    if not place.terms:
        return Pick(const - low)
    operand = index_values(w, Affine(const, place.terms), order, {}, integer=True)
    assert isinstance(operand, Operand)
    return Pick(operand, low)


def _table(w: Workspace, variable: Variable, indices: Sequence[Affine | Expr]) -> Operand:
    """A table whole but for the axes along which the loops around go: there it is one point, which moves."""
    storage = w.storage(variable)
    along = storage.strides
    sizes: list[int] = []
    offset, moves = 0, [0] * len(w.turns)
    for k in storage.order:
        place = _at(indices, k)
        if k == BATCH_AXIS or not isinstance(place, Affine) or not _runs(w, place):
            sizes.append(w.batch if k == BATCH_AXIS else storage.sizes[k])
            continue
        sizes.append(1)
        at = value(place.const, w.lengths) + sum(c * w.running[i] for i, c in place.terms)
        offset += (at - storage.lows[k]) * along[k]
        for level, turn in enumerate(w.turns):
            moves[level] += sum(c * turn.get(i, 0) for i, c in place.terms) * along[k]
    return Operand(storage.buffer, offset, tuple(sizes), tuple(along[k] for k in storage.order), tuple(moves) if any(moves) else ())


def _at(indices: Sequence[Affine | Expr], k: int) -> Affine | Expr:
    """The place on a stored axis."""
    return affine(BATCH) if k == BATCH_AXIS else indices[k]


def _runs(w: Workspace, place: Affine) -> bool:
    """Whether the loops around settle a place."""
    return bool(place.terms) and all(i in w.running for i in place.indices)


def _runs_last(w: Workspace, table: Variable, indices: Sequence[Affine | Expr], order: list[Index]) -> list[Index]:
    """The order with the axes last that a table has last and that nothing picks from: its numbers are moved in runs."""
    last: list[Index] = []
    for k in reversed(w.storage(table).order):
        place = _at(indices, k)
        if not isinstance(place, Affine) or place.plain not in order:
            break
        last.insert(0, place.plain)
    return [i for i in order if i not in last] + last


def _holds(place: Affine | Read, i: Index) -> bool:
    """Whether different points of an index give different places; no two nodes of a tree have the same child."""
    if isinstance(place, Read):
        return place.variable.tree and any(isinstance(p, Affine) and p.plain is i for p in place.indices)
    return place.plain is i
