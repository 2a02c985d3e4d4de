"""The order of the axes of what a kernel makes for each sample: what multiplies weights lies as the weights do.

In `q[h, t, f] = sum[d] W[h, f, d] * x[t, d]` samples and points t are the rows of one product, and h and f together its columns:
q lies as t, h, f. What is done point by point lies as what it is made of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from netc.compiler.plan.layout import BATCH_AXIS, Order
from netc.compiler.statements.expressions import BATCH, Affine, Expr, Index, Kind, Read, Variable
from netc.compiler.statements.program import Operation, Statement

Place = Sequence[Affine | Expr]


def product_orders(statements: Sequence[Statement], roots: Iterable[Variable]) -> dict[Variable, Order]:
    """Orders of what products with weights, or what is made of these point by point, say something about; the caller sees roots."""
    last: dict[Variable, tuple[int, ...]] = {}
    met = {v for s in statements for v in (s.target, *(r.variable for r in s.reads()))}
    fixed = {*roots, *(v for v in met if v.kind is not Kind.TEMPORARY or not v.per_sample)}
    for s in statements:
        for v, place, inner in _wishes(s):
            axes = _axes(place, inner)
            if axes is None:
                fixed.add(v)
            elif len(axes) > len(last.get(v, ())):
                last[v] = axes
    orders = {v: _behind(v, axes) for v, axes in last.items() if v not in fixed}
    _spread(statements, orders, fixed)
    return orders


def _wishes(s: Statement) -> Sequence[tuple[Variable, Place, Sequence[Index]]]:
    """What a product would have last, in this order: each variable, where it is met, and the indices."""
    reads = s.reads()
    if s.operation is not Operation.SUM or len(reads) != 2 or isinstance(s.body, Read):
        return []
    a, b = sorted(reads, key=lambda r: r.variable.per_sample)
    if not b.variable.per_sample:
        return []
    places = [*a.indices, *b.indices, *s.place]
    if any(not isinstance(p, Affine) or len(p.terms) > 1 for p in places):  # windows, picks
        return [(r.variable, (), (BATCH,)) for r in reads] + [(s.target, (), (BATCH,))]
    inside, other, out = (_indices(p) for p in (a.indices, b.indices, s.place))
    if not a.variable.per_sample:
        return [
            (b.variable, b.indices, [i for i in inside if i in other and i not in out]),
            (s.target, s.place, [i for i in inside if i in out and i not in other]),
        ]
    if BATCH in s.over:  # the gradient of weights
        return [(r.variable, r.indices, [i for i in out if i in own and i not in others]) for r, own, others in ((a, inside, other), (b, other, inside))]
    return []


def _indices(place: Place) -> list[Index]:
    return [i for p in place if isinstance(p, Affine) for i in p.indices]


def _axes(place: Place, indices: Sequence[Index]) -> tuple[int, ...] | None:
    """The axes at which these indices stand; None where one has none of its own."""
    at = {p.plain: k for k, p in enumerate(place) if isinstance(p, Affine) and p.plain is not None}
    return tuple(at[i] for i in indices) if all(i in at for i in indices) else None


def _behind(v: Variable, axes: tuple[int, ...]) -> Order:
    return (BATCH_AXIS, *(k for k in range(len(v.axes)) if k not in axes), *axes)


def _spread(statements: Sequence[Statement], orders: dict[Variable, Order], fixed: set[Variable]) -> None:
    """From what has an order to what is made of it, and back, until nothing changes."""
    pairs = [
        (s, r)
        for s in statements
        if s.operation is not Operation.SUM or isinstance(s.body, Read)
        for r in s.reads()
        if s.target.per_sample and r.variable.per_sample and min(len(s.place), len(r.indices)) > 1
    ]
    changed = True
    while changed:
        changed = False
        for s, r in [*pairs, *reversed(pairs)]:
            for (v, place), (w, where) in (((s.target, s.place), (r.variable, r.indices)), ((r.variable, r.indices), (s.target, s.place))):
                if v in orders and w not in orders and w not in fixed:
                    order = _as(place, orders[v], w, where)
                    if order is not None:
                        orders[w] = order
                        changed = True


def _as(place: Place, order: Order, v: Variable, where: Place) -> Order | None:
    """The order of a variable that lies as another does, as far as they share indices; None where they share but one."""
    at: Mapping[Index | None, int] = {p.plain: k for k, p in enumerate(where) if isinstance(p, Affine)}
    plain = [p.plain if isinstance(p, Affine) else None for p in place]
    shared = [at[plain[k]] for k in order if k != BATCH_AXIS and plain[k] is not None and plain[k] in at]
    if len(shared) < 2 or len(set(shared)) < len(shared):
        return None
    following = iter(shared)
    axes = [next(following) if k in shared else k for k in range(len(v.axes))]
    return (BATCH_AXIS, *axes)

