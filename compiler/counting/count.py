"""Parameters, connections and multiply-adds of an equation, counted as LeCun et al. 1998 count them.

A connection is a data value that a unit reads, or its bias; only equations that hold parameters or fixed constants
count. A multiply-add is a product of two values that are not literals, at each point where it can be non-zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from netc.compiler.counting.points import count_points, holds_constants, supports
from netc.compiler.elaborate.model import Equation
from netc.compiler.statements.domains import Length
from netc.compiler.statements.expressions import (
    Affine,
    Apply,
    Expr,
    Index,
    Kind,
    Normalise,
    Number,
    Read,
    Reduce,
    Variable,
    walk,
)

_DATA = (Kind.INPUT, Kind.TEMPORARY, Kind.STATE, Kind.RANDOM)
Lengths = Mapping[Length, int]


def parameters(variable: Variable, lengths: Lengths | None = None) -> int:
    """How many numbers the variable holds inside its support."""
    if variable.support is None:
        total = 1
        for axis in variable.axes:
            total *= axis.points(lengths)
        return total
    return count_points(variable.support.indices, [variable.support.condition], lengths)


def connections(equation: Equation, lengths: Lengths | None = None) -> int:
    """Data values read by all units of the equation, plus their biases."""
    if not holds_constants(equation):
        return 0
    places = list(equation.indices)
    return _reads(equation.value, places, [], lengths) + _biases(equation.value, places, lengths)


def multiply_adds(equation: Equation, lengths: Lengths | None = None) -> int:
    """Products of two values over all points of the equation."""
    if not holds_constants(equation):
        return 0
    return _products(equation.value, list(equation.indices), [], lengths)


def _inside(e: Reduce | Normalise, indices: Sequence[Index], conditions: Sequence[Expr]) -> tuple[list[Index], list[Expr]]:
    inner = [*indices, *(i for i in e.indices if i not in indices)]
    return inner, [*conditions, *([] if e.condition is None else [e.condition]), *supports(e.body)]


def _reads(e: Expr, indices: list[Index], conditions: list[Expr], lengths: Lengths | None) -> int:
    match e:
        case Read():
            if e.variable.kind in _DATA:
                return count_points(indices, conditions, lengths)
            return sum(_reads(i, indices, conditions, lengths) for i in e.indices if not isinstance(i, Affine))
        case Apply():
            return sum(_reads(a, indices, conditions, lengths) for a in e.arguments)
        case Reduce() | Normalise():
            return _reads(e.body, *_inside(e, indices, conditions), lengths)
        case _:
            return 0


def _biases(e: Expr, indices: list[Index], lengths: Lengths | None) -> int:
    """Terms of the outermost sum (below functions of one argument, and below max) that are parameters alone."""
    match e:
        case Read() if e.variable.kind in (Kind.PARAMETER, Kind.CONSTANT):
            return count_points(indices, supports(e), lengths)
        case Apply(function="+" | "-") if _mixed(e):
            return sum(_biases(a, indices, lengths) for a in e.arguments)
        case Apply(function="*" | "/") if any(isinstance(a, Number) for a in e.arguments):
            return sum(_biases(a, indices, lengths) for a in e.arguments)
        case Apply(arguments=(a,)):
            return _biases(a, indices, lengths) if _mixed(a) else 0
        case Reduce(operation="max" | "min") if _mixed(e.body):
            return _biases(e.body, _inside(e, indices, [])[0], lengths)
        case _:
            return 0


def _mixed(e: Expr) -> bool:
    return any(isinstance(x, Read) and x.variable.kind in _DATA for x in walk(e))


def _products(e: Expr, indices: list[Index], conditions: list[Expr], lengths: Lengths | None) -> int:
    match e:
        case Apply():
            below = sum(_products(a, indices, conditions, lengths) for a in e.arguments)
            if e.function == "*" and all(_valued(a) for a in e.arguments) or e.function == "^" and _valued(e.arguments[0]):
                return below + count_points(indices, conditions, lengths)
            return below
        case Reduce() | Normalise():
            return _products(e.body, *_inside(e, indices, conditions), lengths)
        case _:
            return 0


def _valued(e: Expr) -> bool:
    """Whether the expression reads any value at all (a literal factor is no multiply-add of its own)."""
    return any(isinstance(x, Read) for x in walk(e))
