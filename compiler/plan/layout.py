"""The order in which a variable's axes lie in memory, slowest first. BATCH_AXIS stands for the batch.

This decides more speed than anything but the choice of products: weights' own axes before the batch where a window is
read or written, so that windows are copied in long runs and products need no transposition; otherwise the batch first.
"""

from __future__ import annotations

from collections.abc import Sequence

from netc.compiler.schedule import Item, Scan, Schedule
from netc.compiler.statements.domains import Length, sample_lengths
from netc.compiler.statements.expressions import Affine, Index, Kind, Read, Variable, free_indices, reads
from netc.compiler.statements.program import Operation, Program, Statement

BATCH_AXIS = -1
Order = tuple[int, ...]


def default_order(variable: Variable) -> Order:
    return ((BATCH_AXIS,) if variable.per_sample else ()) + tuple(range(len(variable.axes)))


def choose_orders(program: Program, schedule: Schedule) -> dict[Variable, Order]:
    """An order for every variable; adjoints lie as their primal does; an axis that a scan runs along comes first."""
    statements = schedule.statements
    scattered = {
        r.variable
        for s in statements
        if s.operation is Operation.MAP and any(isinstance(p, Affine) and len(p.terms) > 1 for p in s.place)
        for r in reads(s.body)
    }
    picked = {s.target for s in statements if s.operation is Operation.GATHER}
    orders: dict[Variable, Order] = {}
    for v in program.variables():
        if v.kind is not Kind.TEMPORARY:
            orders[v] = default_order(v)
    for s in statements:
        if s.target in orders:
            continue
        primal = program.primal.get(s.target)
        orders[s.target] = orders[primal] if primal in orders else _order(s, scattered, picked, orders)
    for v in program.variables():
        orders.setdefault(v, default_order(v))
    axes, lengths = scanned(schedule.items)
    for v, order in orders.items() if axes else ():
        if v.kind not in (Kind.TEMPORARY, Kind.INPUT, Kind.RANDOM):
            continue
        running = axes.get(v) or [k for k, a in enumerate(v.axes) if set(sample_lengths(a.hi)) & lengths][:1]
        orders[v] = (*running, *(k for k in order if k not in running))
    return orders


def scanned(items: Sequence[Item]) -> tuple[dict[Variable, list[int]], set[Length]]:
    """The axes along which each variable is scanned, outermost first, and the lengths that scans run over."""
    axes: dict[Variable, list[int]] = {}
    lengths: set[Length] = set()
    for item in items:
        if not isinstance(item, Scan):
            continue
        for v, k in item.axis.items():
            axes[v] = [k]
        lengths |= {n for i in item.index.values() for n in sample_lengths(i.domain.hi)}
        inner, more = scanned(item.body)
        for v, ks in inner.items():
            axes[v] = [*axes.get(v, []), *ks]
        lengths |= more
    return axes, lengths


def _order(s: Statement, scattered: set[Variable], picked: set[Variable], orders: dict[Variable, Order]) -> Order:
    if not s.target.per_sample:
        return default_order(s.target)
    operands = reads(s.body)
    plain = [p.plain if isinstance(p, Affine) else None for p in s.place]
    if s.operation is Operation.SUM and len(operands) == 2:
        return _product_order(s, operands, plain, scattered, picked)
    if s.operation is Operation.GATHER and isinstance(s.body, Read):
        return _gathered(s.body, plain)
    return _following(s, orders)


def _gathered(table: Read, plain: list[Index | None]) -> Order:
    """What is picked first, and the axes that a table has behind it last, as they lie there."""
    behind: list[int] = []
    for place in reversed(table.indices):
        if not isinstance(place, Affine) or place.plain is None or place.plain not in plain:
            break
        behind.insert(0, plain.index(place.plain))
    return (BATCH_AXIS, *(k for k in range(len(plain)) if k not in behind), *behind)


def _product_order(
    s: Statement, operands: list[Read], plain: list[Index | None], scattered: set[Variable], picked: set[Variable]
) -> Order:  # fmt: skip
    shared, other = sorted(operands, key=lambda r: r.variable.per_sample)
    in_shared, in_other = set(free_indices(shared)), set(free_indices(other))
    windowed = any(isinstance(p, Affine) and len(p.terms) > 1 for p in other.indices)
    if not shared.variable.per_sample:
        own = [k for k, i in enumerate(plain) if i in in_shared and i not in in_other]
        rest = [k for k in range(len(plain)) if k not in own]
        if s.target in scattered or windowed:
            return (*own, BATCH_AXIS, *rest)
        if other.variable in picked:
            return (BATCH_AXIS, *rest, *own)
        return default_order(s.target)
    both = [k for k, i in enumerate(plain) if i in in_shared and i in in_other]
    in_first = in_shared if operands[0] is shared else in_other
    rows = [k for k, i in enumerate(plain) if i in in_first and k not in both]
    return (BATCH_AXIS, *rows, *both, *(k for k in range(len(plain)) if k not in both and k not in rows))


def _following(s: Statement, orders: dict[Variable, Order]) -> Order:
    """Lie as the largest operand lies."""
    best: Order = default_order(s.target)
    operands = [r for r in s.reads() if r.variable in orders and r.variable.per_sample]
    if not operands:
        return best
    largest = max(operands, key=lambda r: len(orders[r.variable]))
    if len(orders[largest.variable]) < len(best):
        return best
    order: list[int] = []
    for k in orders[largest.variable]:
        if k == BATCH_AXIS:
            order.append(BATCH_AXIS)
            continue
        place = largest.indices[k]
        if not isinstance(place, Affine):
            continue
        for j, p in enumerate(s.place):
            if isinstance(p, Affine) and set(p.indices) & set(place.indices) and j not in order:
                order.append(j)
                break
    return (*order, *(k for k in best if k not in order))
