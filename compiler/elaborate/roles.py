"""Proofs for declared roles: gates stay in [0, 1] (interval arithmetic), attention is normalised.

Each equation of a gate is held to that, its boundaries too; what reads a gate takes it for granted. So a gate that is computed
from its own earlier values is proved by induction.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.roles import GateOutside, NotNormalised, SummedOtherwise
from netc.compiler.elaborate.model import Equation
from netc.compiler.functions.scalar import ANY, SCALAR, Interval
from netc.compiler.source.text import Span
from netc.compiler.statements.domains import Domain
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
    Type,
    Variable,
    walk,
)

_UNIT: Interval = (0.0, 1.0)
_SLACK = 1e-12
_DEEPEST = 30  # a value this many equations back may be anything


def prove_roles(equations: Iterable[Equation]) -> list[Problem]:
    """What cannot be proved of gates and attention weights."""
    everything = list(equations)
    intervals = Intervals(everything)
    found: list[Problem] = []
    for equation in everything:
        name = equation.target.name.rsplit(".", 1)[-1]
        if equation.target in intervals.gates:
            found += _outside(equation.value, equation.span, name, intervals)
        elif equation.role == "attention" and not intervals.normalised(equation.value):
            found.append(NotNormalised(equation.span, name, _softmax(equation)))
    return [*found, *_summed_otherwise(everything)]


def _summed_otherwise(equations: Sequence[Equation]) -> Iterator[Problem]:
    """Attention weights that multiply what is summed along another axis than the one over which they sum to 1, and never along that."""
    weights = {e.target: e for e in equations if e.role == "attention" and isinstance(e.value, Normalise)}
    along: dict[Variable, list[tuple[Equation, Index, int]]] = {}  # where each is summed along a further axis
    fine: set[Variable] = set()
    for reader in equations if weights else ():
        for e in walk(reader.value):
            if not isinstance(e, Reduce) or e.operation != "sum":
                continue
            for read in _factors(e.body):
                source = weights.get(read.variable)
                bound = [_bound(place, e.indices) for place in read.indices] if source is not None else []
                if source is None or any(i is not None and k in _normalised_axes(source) for k, i in enumerate(bound)):
                    fine.add(read.variable)
                    continue
                along.setdefault(read.variable, []).extend((reader, i, k) for k, i in enumerate(bound) if i is not None)
    for variable, sums in along.items():
        if variable not in fine:
            source, (reader, index, axis) = weights[variable], sums[0]
            over = _index_name(source, min(_normalised_axes(source)))
            name = variable.name.rsplit(".", 1)[-1]
            own = _index_name(source, axis)
            summed = index.name if f"[{index.name}" in reader.span.text else own  # `@` gives its index no name
            yield SummedOtherwise(reader.span, name, over, summed, own, source.span)


def _factors(e: Expr) -> Iterator[Read]:
    """The reads that are factors of a product."""
    stack = list(e.arguments) if isinstance(e, Apply) and e.function == "*" else []
    while stack:
        x = stack.pop()
        if isinstance(x, Read):
            yield x
        elif isinstance(x, Apply) and x.function == "*":
            stack.extend(x.arguments)


def _bound(place: Affine | Expr, indices: tuple[Index, ...]) -> Index | None:
    return place.plain if isinstance(place, Affine) and place.plain in indices else None


def _normalised_axes(weights: Equation) -> set[int]:
    over = weights.value.indices if isinstance(weights.value, Normalise) else ()
    return {k for k, place in enumerate(weights.place) if _bound(place, over) is not None}


def _index_name(equation: Equation, axis: int) -> str:
    place = equation.place[axis]
    return place.plain.name if isinstance(place, Affine) and place.plain is not None else str(axis)


def gate_in_doubt(value: Expr, span: Span, name: str, equations: Iterable[Equation]) -> list[Problem]:
    """What is wrong with a gate that reads what failed, even if that lies within 0 and 1."""
    return _outside(value, span, name, Intervals(equations, _UNIT))


def _softmax(equation: Equation) -> str:
    """The normaliser over the last index on the left; of a vector that is written without one, it takes none."""
    names = [p.plain.name for p in equation.place if isinstance(p, Affine) and p.plain is not None]
    written = [n for n in names if not (n[0] == "r" and n[1:].isdigit())]  # the others are axes that stay in place
    if "[" in equation.span.text.partition("=")[0]:
        return f"softmax[{written[-1]}]" if written and names[-1] == written[-1] else "softmax"
    return "softmax"


def _outside(value: Expr, span: Span, name: str, intervals: Intervals) -> list[Problem]:
    low, high = intervals.of(value)
    return [GateOutside(span, name, low, high)] if low < -_SLACK or high > 1 + _SLACK or math.isnan(low) else []


class Intervals:
    """Bounds of expressions, through the equations that define what they read."""

    def __init__(self, equations: Iterable[Equation], missing: Interval = ANY) -> None:
        self.missing = missing  # where a variable has no equations
        self.defined: dict[Variable, list[Equation]] = {}
        for equation in equations:
            self.defined.setdefault(equation.target, []).append(equation)
        self.gates = {v for v, pieces in self.defined.items() if any(e.role == "gate" for e in pieces)}
        self.known: dict[Variable, Interval] = {}
        self.depth = 0

    def of(self, e: Expr) -> Interval:
        """The smallest and the largest value that interval arithmetic allows."""
        match e:
            case Number():
                return float(e.value), float(e.value)
            case IndexValue():
                first, last = e.affine.range()
                return (float(first), float(last)) if isinstance(first, int) and isinstance(last, int) else ANY
            case Apply(function="*", arguments=(a, b)) if a == b:
                low, high = self.of(a)
                return (0.0 if low <= 0 <= high else min(low * low, high * high)), max(low * low, high * high)
            case Apply():
                return SCALAR[e.function].interval(*(self.of(a) for a in e.arguments))
            case Read():
                return self._variable(e.variable)
            case Reduce():
                return self._reduce(e)
            case Normalise():
                return _UNIT if e.operation == "softmax" else (-math.inf, 0.0) if e.operation == "log_softmax" else ANY

    def _variable(self, v: Variable) -> Interval:
        if v in self.gates:
            return _UNIT  # as its own equations are held to
        if v not in self.known:
            if self.depth >= _DEEPEST:
                return ANY
            self.known[v] = ANY  # for what is defined through itself
            self.depth += 1
            self.known[v] = self._bounds(v)
            self.depth -= 1
        return self.known[v]

    def _bounds(self, v: Variable) -> Interval:
        if v.type is Type.BOOLEAN or v.kind is Kind.RANDOM and v.init is not None and v.init.rule == "uniform":
            return _UNIT
        if v.type is Type.INTEGER and v.classes is not None:
            return _ends(v.classes)
        if v.kind is Kind.CONSTANT and v.init is not None and v.init.rule == "values":
            numbers = [float(a) for a in v.init.arguments]
            return min(numbers), max(numbers)
        pieces = [self.of(e.value) for e in self.defined.get(v, ())]
        if v.fill is not None:
            pieces.append((v.fill, v.fill))
        if v.kind is not Kind.TEMPORARY:
            return ANY
        if not pieces:
            return self.missing
        return min(low for low, _ in pieces), max(high for _, high in pieces)

    def _reduce(self, e: Reduce) -> Interval:
        low, high = self.of(e.body)
        match e.operation:
            case "mean" | "max" | "min":
                return low, high
            case "any":
                return _UNIT
            case "sum":
                points = math.prod(i.domain.points() for i in e.indices if i.domain.known)
                if any(not i.domain.known for i in e.indices):
                    points = 10**9
                least = 0.0 if e.condition is not None else low * points
                most = 0.0 if e.condition is not None else high * points
                return min(least, low * points) if low else 0.0, max(most, high * points) if high else 0.0
            case _:
                return ANY

    def normalised(self, e: Expr) -> bool:
        """Whether the value is a softmax, as it stands or under another name."""
        if isinstance(e, Normalise):
            return e.operation == "softmax"
        if isinstance(e, Apply) and e.function == "exp":  # exp(z - logsumexp(z)), a softmax of a vector
            inner = e.arguments[0]
            return isinstance(inner, Apply) and inner.function == "-" and isinstance(inner.arguments[1], Reduce)
        if isinstance(e, Read):
            pieces = self.defined.get(e.variable, [])
            return len(pieces) == 1 and self.normalised(pieces[0].value)
        return False


def _ends(domain: Domain) -> Interval:
    if isinstance(domain.lo, int) and isinstance(domain.hi, int):
        return float(domain.lo), float(domain.hi)
    return ANY
