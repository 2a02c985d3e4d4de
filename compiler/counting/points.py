"""How many points of some indices satisfy some conditions, without building a grid of them all."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

from netc.compiler.elaborate.model import Equation
from netc.compiler.functions.scalar import SCALAR
from netc.compiler.statements.domains import Length, value
from netc.compiler.statements.expressions import (
    Affine,
    Apply,
    Expr,
    Index,
    IndexValue,
    Kind,
    Number,
    Read,
    free_indices,
    reads,
    substitute,
)

_ENUMERATED = 1 << 20  # conditions over more points than this are counted along one axis in closed form


def supports(e: Expr) -> list[Expr]:
    """Conditions under which a product may be non-zero: the supports of the variables it multiplies."""
    found: list[Expr] = []
    stack = [e]
    while stack:
        x = stack.pop()
        if isinstance(x, Apply) and x.function in ("*", "neg", "/"):
            stack.extend(x.arguments[:1] if x.function == "/" else x.arguments)
        elif isinstance(x, Read) and x.variable.support is not None:
            support = x.variable.support
            places = dict(zip(support.indices, x.indices, strict=True))
            if all(isinstance(p, Affine) for p in places.values()):
                found.append(
                    substitute(support.condition, {i: p for i, p in places.items() if isinstance(p, Affine)})
                )
    return found


def count_points(
    indices: Sequence[Index], conditions: Sequence[Expr], lengths: Mapping[Length, int] | None = None
) -> int:
    """Points of the product of the indices' domains where all conditions hold. KeyError for an unknown length.

    A condition that reads data counts as holding everywhere: what it excludes is not known before the data are.
    """
    lengths = lengths or {}
    bound, static = tied(indices, conditions)
    total = math.prod(i.domain.points(lengths) for i in indices if i not in bound)
    if not bound or total == 0:
        return total
    return total * _satisfying(list(bound), static, lengths)


def tied(indices: Sequence[Index], conditions: Sequence[Expr]) -> tuple[dict[Index, None], list[Expr]]:
    """The indices that conditions tie together, and those conditions; what reads data ties nothing."""
    static = [c for c in conditions if all(r.variable.kind is Kind.CONSTANT for r in reads(c))]
    return {i: None for c in static for i in free_indices(c) if i in indices}, static


def _satisfying(indices: list[Index], conditions: Sequence[Expr], lengths: Mapping[Length, int]) -> int:
    ranges = [range(value(i.domain.lo, lengths), value(i.domain.hi, lengths) + 1) for i in indices]
    if math.prod(map(len, ranges)) > _ENUMERATED:
        return _by_interval(indices, ranges, conditions, lengths)
    count = 0
    for point in itertools.product(*ranges):
        at = dict(zip(indices, point, strict=True))
        count += all(evaluate(c, at, lengths) for c in conditions)
    return count


def _by_interval(
    indices: list[Index], ranges: list[range], conditions: Sequence[Expr], lengths: Mapping[Length, int]
) -> int:
    """Along the last index each affine comparison holds on one interval, so only the others are enumerated."""
    *outer, last = indices
    count = 0
    for point in itertools.product(*ranges[:-1]):
        at = dict(zip(outer, point, strict=True))
        lo, hi = ranges[-1].start, ranges[-1].stop - 1
        for c in conditions:
            lo, hi = _narrow(c, last, at, lo, hi, lengths)
        count += max(0, hi - lo + 1)
    return count


def _narrow(
    c: Expr, last: Index, at: dict[Index, int], lo: int, hi: int, lengths: Mapping[Length, int]
) -> tuple[int, int]:
    """Bisect for the ends of the interval on which a monotone comparison holds; an 'and' narrows twice."""
    if isinstance(c, Apply) and c.function == "and":
        for part in c.arguments:
            lo, hi = _narrow(part, last, at, lo, hi, lengths)
        return lo, hi
    if hi < lo:
        return lo, hi

    def holds(x: int) -> bool:
        return bool(evaluate(c, {**at, last: x}, lengths))

    first, end = holds(lo), holds(hi)
    if first and end:
        return lo, hi
    if not first and not end:
        return lo, lo - 1
    a, b = lo, hi  # exactly one change between a and b
    while b - a > 1:
        middle = (a + b) // 2
        a, b = (middle, b) if holds(middle) == first else (a, middle)
    return (lo, a) if first else (b, hi)


def evaluate(e: Expr, at: Mapping[Index, int], lengths: Mapping[Length, int]) -> float | int | bool:
    """The value of an expression over indices and constants with known values."""
    match e:
        case Number():
            return e.value
        case IndexValue():
            return _affine(e.affine, at, lengths)
        case Apply():
            try:
                return SCALAR[e.function].value(*(evaluate(a, at, lengths) for a in e.arguments))
            except (ZeroDivisionError, ValueError, OverflowError):
                return math.nan  # as for arrays: no comparison holds
        case Read():
            offset = 0
            for axis, i in zip(e.variable.axes, e.indices, strict=True):
                x = _affine(i, at, lengths) if isinstance(i, Affine) else int(evaluate(i, at, lengths))
                offset = offset * axis.points(lengths) + x - value(axis.lo, lengths)
            init = e.variable.init
            assert init is not None and init.rule == "values", f"{e.variable} has no known values"
            number = init.arguments[offset]
            assert not isinstance(number, str)
            return number
        case _:
            raise TypeError(f"not a condition: {type(e).__name__}")


def _affine(a: Affine, at: Mapping[Index, int], lengths: Mapping[Length, int]) -> int:
    return value(a.const, lengths) + sum(c * at[i] for i, c in a.terms)


def holds_constants(equation: Equation) -> bool:
    """Whether parameters or fixed constants are read."""
    return any(r.variable.kind in (Kind.PARAMETER, Kind.CONSTANT) for r in equation.reads)
