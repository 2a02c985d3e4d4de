"""Values that depend on constants alone, computed from the equations: how asserts on worked numbers are decided.

A direct interpreter: each element is computed once and kept. It serves small examples, and stops at a limit.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

from netc.compiler.elaborate.model import Equation
from netc.compiler.functions.scalar import SCALAR
from netc.compiler.statements.expressions import (
    Affine,
    Apply,
    Expr,
    Index,
    IndexValue,
    Kind,
    Normalise,
    Number,
    Read,
    Reduce,
    Variable,
)

Scalar = float | int | bool
_LIMIT = 1 << 20


class NotConstant(Exception):
    """The value depends on an input, a parameter, a draw, or is too long to work out. `name` says on what."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Constants:
    """Computes elements of variables from the equations that define them."""

    def __init__(self, equations: Sequence[Equation]) -> None:
        self.equations: dict[Variable, list[Equation]] = {}
        for equation in equations:
            self.equations.setdefault(equation.target, []).append(equation)
        self.known: dict[tuple[Variable, tuple[int, ...]], Scalar] = {}
        self.work = 0

    def value(self, e: Expr, at: Mapping[Index, int]) -> Scalar:
        """The value of an expression at a point. Raises NotConstant."""
        self.work += 1
        if self.work > _LIMIT:
            raise NotConstant("more arithmetic than an assert may need")
        match e:
            case Number():
                return e.value
            case IndexValue():
                return self._place(e.affine, at)
            case Apply():
                return self._apply(e, at)
            case Read():
                places = tuple(self._place(i, at) if isinstance(i, Affine) else int(self.value(i, at)) for i in e.indices)
                return self._element(e.variable, places)
            case Reduce():
                return self._reduce(e, at)
            case Normalise():
                return self._normalise(e, at)

    def _apply(self, e: Apply, at: Mapping[Index, int]) -> Scalar:
        if e.function == "where":
            condition, then, otherwise = e.arguments
            return self.value(then if self.value(condition, at) else otherwise, at)
        try:
            return SCALAR[e.function].value(*(self.value(a, at) for a in e.arguments))
        except (ZeroDivisionError, ValueError, OverflowError):
            return math.nan

    def _place(self, a: Affine, at: Mapping[Index, int]) -> int:
        if not isinstance(a.const, int):
            raise NotConstant("a length")
        return a.const + sum(c * at[i] for i, c in a.terms)

    def _element(self, variable: Variable, point: tuple[int, ...]) -> Scalar:
        key = (variable, point)
        if key not in self.known:
            self.known[key] = self._compute(variable, point)
        return self.known[key]

    def _compute(self, variable: Variable, point: tuple[int, ...]) -> Scalar:
        init = variable.init
        if variable.kind is Kind.CONSTANT and init is not None and init.rule in ("values", "fill", "expression"):
            if init.rule == "fill":
                return float(init.arguments[0])
            if init.rule == "expression":
                assert init.expression is not None
                return self.value(init.expression, dict(zip(init.indices, point, strict=True)))
            offset = 0
            for axis, p in zip(variable.axes, point, strict=True):
                offset = offset * axis.points() + p - int(axis.lo) if isinstance(axis.lo, int) else 0
            return float(init.arguments[offset])
        if variable.kind is not Kind.TEMPORARY:
            raise NotConstant(f"the {variable.kind.value} `{variable.name}`")
        for equation in self.equations.get(variable, ()):
            at = solve(equation, point)
            if at is not None:
                return self.value(equation.value, at)
        if variable.fill is not None:
            return variable.fill
        raise NotConstant(f"`{variable.name}`")

    def _points(self, indices: Sequence[Index], condition: Expr | None, at: Mapping[Index, int]) -> list[dict[Index, int]]:
        ranges = []
        for i in indices:
            if not i.domain.known:
                raise NotConstant("the batch")
            assert isinstance(i.domain.lo, int) and isinstance(i.domain.hi, int)
            ranges.append(range(i.domain.lo, i.domain.hi + 1))
        inside = [{**at, **dict(zip(indices, p, strict=True))} for p in itertools.product(*ranges)]
        return inside if condition is None else [p for p in inside if self.value(condition, p)]

    def _reduce(self, e: Reduce, at: Mapping[Index, int]) -> Scalar:
        points = self._points(e.indices, e.condition, at)
        values = [float(self.value(e.body, p)) for p in points]
        match e.operation:
            case "sum":
                return math.fsum(values)
            case "prod":
                return math.prod(values)
            case "any":
                return any(values)
            case "logsumexp":
                top = max(values, default=-math.inf)
                return top if math.isinf(top) else top + math.log(math.fsum(math.exp(v - top) for v in values))
        if not values:
            raise NotConstant("a reduction of nothing")
        match e.operation:
            case "mean":
                return math.fsum(values) / len(values)
            case "max":
                return max(values)
            case "min":
                return min(values)
            case _:
                best = max(values) if e.operation == "argmax" else min(values)
                return points[values.index(best)][e.indices[0]]

    def _normalise(self, e: Normalise, at: Mapping[Index, int]) -> Scalar:
        if e.condition is not None and not self.value(e.condition, at):
            return 0.0
        points = self._points(e.indices, e.condition, at)
        here = float(self.value(e.body, at))
        if e.operation == "cumsum":
            return math.fsum(float(self.value(e.body, p)) for p in points if p[e.indices[0]] <= at[e.indices[0]])
        values = [float(self.value(e.body, p)) for p in points]
        top = max(values)
        log = here - top - math.log(math.fsum(math.exp(v - top) for v in values))
        return log if e.operation == "log_softmax" else math.exp(log)


def solve(equation: Equation, point: tuple[int, ...]) -> dict[Index, int] | None:
    """The indices at which an equation's left side is this point, or None where it is never."""
    at: dict[Index, int] = {}
    mixed: list[tuple[Affine, int]] = []
    for place, p in zip(equation.place, point, strict=True):
        if not isinstance(place, Affine) or not isinstance(place.const, int):
            return None
        if place.plain is not None:
            i, found = place.plain, p - place.const
            if at.setdefault(i, found) != found or not _inside(i, found):
                return None
        elif not place.terms:
            if place.const != p:
                return None
        else:
            mixed.append((place, p))
    return at if all(_digits(place, p, at) for place, p in mixed) else None


def _inside(index: Index, value: int) -> bool:
    return isinstance(index.domain.lo, int) and isinstance(index.domain.hi, int) and index.domain.lo <= value <= index.domain.hi


def _digits(place: Affine, p: int, at: dict[Index, int]) -> bool:
    """Mixed radix: the largest coefficient takes what it can."""
    assert isinstance(place.const, int)
    rest = p - place.const
    for index, c in sorted(place.terms, key=lambda t: -t[1]):
        lo = index.domain.lo
        assert isinstance(lo, int)
        smaller = [(i, k) for i, k in place.terms if k < c]
        least = sum(k * int(i.domain.lo) for i, k in smaller if isinstance(i.domain.lo, int))
        value = (rest - least) // c
        if index in at and at[index] != value or not _inside(index, value):
            return False
        at[index] = value
        rest -= c * value
    return rest == 0
