"""Parameters, connections and multiply-adds of an equation, counted as LeCun et al. 1998 count them.

A connection is a data value that a unit reads, or its bias; only equations that hold parameters or fixed constants
count. A multiply-add is a product of two values that are not literals, at each point where it can be non-zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Term:
    """A part of a count: something is read or multiplied once at each point of the indices where the conditions hold."""

    what: Expr
    indices: tuple[Index, ...]
    conditions: tuple[Expr, ...] = ()

    def points(self, lengths: Lengths | None = None) -> int:
        return count_points(self.indices, self.conditions, lengths)


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
    return sum(t.points(lengths) for t in connection_terms(equation))


def multiply_adds(equation: Equation, lengths: Lengths | None = None) -> int:
    """Products of two values over all points of the equation."""
    return sum(t.points(lengths) for t in product_terms(equation))


def connection_terms(equation: Equation) -> list[Term]:
    """Of what the connections are the sum: the data values that are read, and biases."""
    if not holds_constants(equation):
        return []
    return [*_reads(equation.value, equation.indices, ()), *_biases(equation.value, equation.indices)]


def product_terms(equation: Equation) -> list[Term]:
    """Of what the multiply-adds are the sum: the products."""
    return list(_products(equation.value, equation.indices, ())) if holds_constants(equation) else []


Indices = tuple[Index, ...]
Conditions = tuple[Expr, ...]


def _inside(e: Reduce | Normalise, indices: Indices, conditions: Sequence[Expr]) -> tuple[Indices, Conditions]:
    inner = (*indices, *(i for i in e.indices if i not in indices))
    return inner, (*conditions, *(() if e.condition is None else (e.condition,)), *supports(e.body))


def _reads(e: Expr, indices: Indices, conditions: Conditions) -> Iterator[Term]:
    match e:
        case Read():
            if e.variable.kind in _DATA:
                yield Term(e, indices, conditions)
                return
            for place in e.indices:
                if not isinstance(place, Affine):
                    yield from _reads(place, indices, conditions)
        case Apply():
            for argument in e.arguments:
                yield from _reads(argument, indices, conditions)
        case Reduce() | Normalise():
            yield from _reads(e.body, *_inside(e, indices, conditions))


def _biases(e: Expr, indices: Indices) -> Iterator[Term]:
    """Terms of the outermost sum (below functions of one argument, and below max) that are parameters alone."""
    match e:
        case Read() if e.variable.kind in (Kind.PARAMETER, Kind.CONSTANT):
            yield Term(e, indices, tuple(supports(e)))
        case Apply(function="+" | "-") if _mixed(e):
            for argument in e.arguments:
                yield from _biases(argument, indices)
        case Apply(function="*" | "/") if any(isinstance(a, Number) for a in e.arguments):
            for argument in e.arguments:
                yield from _biases(argument, indices)
        case Apply(arguments=(a,)) if _mixed(a):
            yield from _biases(a, indices)
        case Reduce(operation="max" | "min") if _mixed(e.body):
            yield from _biases(e.body, _inside(e, indices, ())[0])


def _mixed(e: Expr) -> bool:
    return any(isinstance(x, Read) and x.variable.kind in _DATA for x in walk(e))


def _products(e: Expr, indices: Indices, conditions: Conditions) -> Iterator[Term]:
    match e:
        case Apply():
            for argument in e.arguments:
                yield from _products(argument, indices, conditions)
            if e.function == "*" and all(_valued(a) for a in e.arguments) or e.function == "^" and _valued(e.arguments[0]):
                yield Term(e, indices, conditions)
        case Reduce() | Normalise():
            yield from _products(e.body, *_inside(e, indices, conditions))


def _valued(e: Expr) -> bool:
    """Whether the expression reads any value at all (a literal factor is no multiply-add of its own)."""
    return any(isinstance(x, Read) for x in walk(e))
