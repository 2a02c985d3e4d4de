"""What looks for the largest: maxima and minima, where they are, the softmax, and the gradient of a maximum."""

from __future__ import annotations

from collections.abc import Sequence

from netc.compiler.plan.contract import fold, offsets
from netc.compiler.plan.model import Operand, Reduction
from netc.compiler.plan.pointwise import evaluate, index_values
from netc.compiler.plan.workspace import Workspace
from netc.compiler.statements.expressions import Affine, Index, Read
from netc.compiler.statements.program import Operation, Statement

_LOOPED = 64  # windows up to this many points are walked point by point
_LOWEST = -1e30  # stands for what a condition excludes


def _masked(w: Workspace, s: Statement, read: Read, order: Sequence[Index], excluded: float) -> Operand:
    """What is reduced, with the points that fail the condition replaced."""
    source = w.read(read, {}).operand(order)
    if s.condition is None:
        return source
    masked = w.register([w.size(i) for i in order])
    condition = evaluate(w, s.condition, order, {}, None)
    w.elementwise("where", (condition, source, excluded), masked)
    return masked


def bind_extreme(w: Workspace, s: Statement) -> None:
    """A maximum or minimum: over small windows as views taken two at a time, else along axes."""
    maximum = s.operation is Operation.MAX
    order = w.stored_order(s.target, s.place, {})
    out = w.access(s.target, s.place, {}).operand(order)
    windowed = any(isinstance(p, Affine) and len(p.terms) > 1 for p in s.read.indices)
    if windowed and s.condition is None and w.points(s.over) <= _LOOPED:
        views = [w.read(s.read, at).operand(order) for at in offsets(w, s.over)]
        fold(w, "max" if maximum else "min", views, out)
        return
    full = [*order, *s.over]
    operand = _masked(w, s, s.read, full, _LOWEST if maximum else -_LOWEST)
    axes = tuple(range(len(order), len(full)))
    w.emit(Reduction("maximum" if maximum else "minimum", operand, out, axes, origin=w.origin))


def bind_best(w: Workspace, s: Statement) -> None:
    """The point at which the largest or smallest stands: the first of them, counted as the index counts."""
    order = w.stored_order(s.target, s.place, {})
    excluded = _LOWEST if s.operation is Operation.ARGMAX else -_LOWEST
    operand = _masked(w, s, s.read, [*order, *s.over], excluded)
    out = w.access(s.target, s.place, {}).operand(order)
    w.emit(Reduction(s.operation.value, operand, out, (len(order),), origin=w.origin))
    low = w.low(s.over[0])
    if low:
        w.elementwise("+", (out, float(low)), out)


def bind_softmax(w: Workspace, s: Statement) -> None:
    """exp(z - max z) over its sum. Where a condition leaves no point, all are 0."""
    order = [i for i in w.stored_order(s.target, s.place, {}) if i not in s.over] + list(s.over)
    out = w.access(s.target, s.place, {}).operand(order)
    z = _masked(w, s, s.read, order, _LOWEST)
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


# ---- the gradient of a maximum -----------------------------------------------------------------------------------


def bind_select(w: Workspace, s: Statement) -> None:
    """Point by point: what is equal to the maximum and comes first takes what arrives."""
    x, top = s.source
    order = w.stored_order(top.variable, top.indices, {})
    shape = [w.size(i) for i in order]
    y = w.read(top, {}).operand(order)
    g = w.read(s.read, {}).operand(order)
    if w.points(s.over) > _LOOPED and len(s.over) == 1:
        _select_wide(w, s, order)
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


def _select_wide(w: Workspace, s: Statement, order: Sequence[Index]) -> None:
    """The same along one long axis, by the number of the point that was the largest."""
    x, top = s.source
    (k,) = s.over
    full = [*order, k]
    smallest = any(p.operation is Operation.MIN for p in w.statements if p.target is top.variable)
    best = w.register([w.size(i) for i in order], integer=True)
    values = _masked(w, s, x, full, -_LOWEST if smallest else _LOWEST)
    w.emit(Reduction("argmin" if smallest else "argmax", values, best, (len(order),), origin=w.origin))
    positions = index_values(w, Affine(-w.low(k), ((k, 1),)), full, {})
    hit = w.register([w.size(i) for i in full])
    spread = Operand(best.buffer, best.offset, (*best.shape, 1), (*best.strides, 0), best.moves)
    w.elementwise("==", (positions, spread), hit)
    w.elementwise("*", (hit, w.read(s.read, {}).operand(full)), hit)
    target = w.access(s.target, s.place, {}).operand(full)
    w.elementwise("+", (target, hit), target)
