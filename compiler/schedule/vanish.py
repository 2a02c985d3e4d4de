"""Where a value is zero because of a condition: in `sum[s](a[t, s] * v[s])` with `a` a softmax over `s <= t`, no later v counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from netc.compiler.statements.expressions import Affine, Apply, Expr, Index, IndexValue, Number, Read, Variable
from netc.compiler.statements.program import Operation, Statement

Pieces = Mapping[Variable, Sequence[Statement]]
_SIGNS = {"<": -2, "<=": -1, ">=": 1, ">": 2}


def condition_side(condition: Expr | None, free: Index, scan: Index) -> int | None:
    """-2, -1, 1, 2 for a condition `free < scan`, `<=`, `>=`, `>` among those joined by `and`."""
    if not isinstance(condition, Apply):
        return None
    if condition.function == "and":
        found = [condition_side(a, free, scan) for a in condition.arguments]
        return next((f for f in found if f is not None), None)
    if condition.function not in _SIGNS:
        return None
    sign = _SIGNS[condition.function]
    left, right = condition.arguments
    if not isinstance(left, IndexValue) or not isinstance(right, IndexValue):
        return None
    a, b = left.affine, right.affine
    if a.plain is free and b.plain is scan and a.const == b.const:
        return sign
    if a.plain is scan and b.plain is free and a.const == b.const:
        return -sign
    return None


def support_side(pieces: Pieces, e: Expr, free: Index, scan: Index) -> int | None:
    """On which side of `scan` the index `free` must lie for a value not to be zero, as `condition_side` says it."""
    match e:
        case Apply("*", arguments):
            found = [support_side(pieces, a, free, scan) for a in arguments]
            return next((f for f in found if f is not None), None)
        case Apply("neg" | "/", arguments):
            return support_side(pieces, arguments[0], free, scan)
        case Apply("where", (condition, _, Number(0))):
            return condition_side(condition, free, scan)
        case Apply():
            return condition_side(e, free, scan)
        case Read():
            return _of_read(pieces, e, free, scan)
        case _:
            return None


def _of_read(pieces: Pieces, read: Read, free: Index, scan: Index) -> int | None:
    """By the one statement that defines what is read."""
    group = pieces.get(read.variable, ())
    at = {p.plain: k for k, p in enumerate(read.indices) if isinstance(p, Affine) and p.const == 0 and p.plain in (free, scan)}
    if len(group) != 1 or len(at) != 2 or read.variable.fill:
        return None
    (s,) = group
    f, t = (p.plain if isinstance(p := s.place[at[i]], Affine) and p.const == 0 else None for i in (free, scan))
    if f is None or t is None:
        return None
    if s.operation is Operation.SOFTMAX:
        return condition_side(s.condition, f, t)
    return support_side(pieces, s.body, f, t) if s.operation in (Operation.MAP, Operation.SUM) and f not in s.over else None
