"""Scalar functions applied element by element; shapes are equal, or an operand is a single number."""

from __future__ import annotations

from collections.abc import Sequence

from netc.compiler.diagnostics.problems.sizes import ShapesDiffer
from netc.compiler.elaborate.misapplied import unfit
from netc.compiler.elaborate.scope import Broken
from netc.compiler.elaborate.values import Array, Place, Value, lifted, shape_text
from netc.compiler.source.text import Span
from netc.compiler.statements.expressions import Apply, Expr, Number, Type


def pointwise(function: str, operands: list[tuple[Value, Span]], type: Type = Type.REAL, operator: Span | None = None, product: str = "") -> Array:
    """A scalar function applied element by element; shapes are equal, or an operand is a single number."""
    arrays = []
    for value, span in operands:
        one = lifted(value)
        if one is None:
            raise Broken(unfit(span, "computed with", value))
        arrays.append((one, span))
    full, where = max(arrays, key=lambda a: a[0].rank)
    for one, span in arrays:
        if one.axes and one.axes != full.axes:
            left, right = sorted(((one, span), (full, where)), key=lambda a: a[1].start)
            raise Broken(
                ShapesDiffer(
                    operator or left[1].to(right[1]), function, left[1], shape_text(left[0].axes), right[1], shape_text(right[0].axes), product
                )
            )

    def at(places: Sequence[Place]) -> Expr:
        return simplified(function, tuple(one.at(places if one.axes else ()) for one, _ in arrays))

    return Array(full.axes, at, type, open=not full.axes and any(one.open for one, _ in arrays))


def simplified(function: str, parts: tuple[Expr, ...]) -> Expr:
    """Drop a zero term or a unit factor, as an absent bias or a coefficient of one leaves them."""
    if len(parts) == 2:
        left, right = parts
        if function in ("+", "-") and isinstance(right, Number) and right.value == 0:
            return left
        if function == "+" and isinstance(left, Number) and left.value == 0:
            return right
        if function == "*" and isinstance(left, Number) and left.value == 1:
            return right
        if function in ("*", "/") and isinstance(right, Number) and right.value == 1:
            return left
    return Apply(function, parts)
