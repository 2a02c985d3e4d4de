"""Equations are about one sample. In a batch whose samples differ in length, these changes keep them true for each.

before: m = mean[t](x[t])                     after: m = mean[t; t <= T](x[t])        T: this sample's own length
before: y = h[T]                              after: y = h[length T]                   a place that the data give
before: b[T+1] = 0;  b[t] = f(b[t+1])         after: b[t] = f(b[t+1]) if t <= T else 0
before: y[t in 1..T//2] = a;  y[t in T//2+1..T] = b             after: y[t] = b if t >= T//2+1 else a;  ...

Arrays are padded to the longest sample. Nothing beyond a sample's own end is read, so what stands there does not matter.

Nodes that are numbered by height are padded within, height by height; the tree says which are there, and the last is the root.
before: m = mean[n](x[n]);  r = h[N-1]        after: m = mean[n; N[n, 0] > -2](x[n]);  r = h[N-1]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cmp_to_key

from netc.compiler.elaborate.model import Elaborated, Equation
from netc.compiler.statements.domains import Bound, Domain, Extent, Length, less, sample_lengths
from netc.compiler.statements.expressions import (
    Affine,
    Apply,
    Expr,
    Index,
    IndexValue,
    Normalise,
    Number,
    Read,
    Reduce,
    Variable,
    affine,
    rebuild,
    substitute,
)
from netc.compiler.variants.tree_levels import NO_NODE


def pad_lengths(elaborated: Elaborated, levels: Mapping[Length, Variable] | None = None) -> Elaborated:
    """The net for batches of samples that differ in length; `levels` are the trees whose nodes are numbered by height."""
    if not elaborated.lengths:
        return elaborated
    pad = _Padding(elaborated, levels or {})
    return replace(elaborated, equations=tuple(pad.equation(e) for e in elaborated.equations))


class _Padding:
    def __init__(self, elaborated: Elaborated, levels: Mapping[Length, Variable]) -> None:
        self.lengths, self.levels = elaborated.lengths, levels
        self.pieces: dict[Variable, list[Equation]] = {}
        for e in elaborated.equations:
            self.pieces.setdefault(e.target, []).append(e)

    # ---- numbers and places --------------------------------------------------------------------------------------

    def number(self, bound: Bound) -> Expr:
        """A bound as a number of this sample."""
        if not sample_lengths(bound):
            return IndexValue(Affine(bound))
        assert isinstance(bound, Extent)
        e: Expr | None = None
        for length, c in bound.terms:
            one = self._length(length)
            part: Expr = one if c == 1 else Apply("*", (Number(c), one))
            e = part if e is None else Apply("+", (e, part))
        assert e is not None
        return e if not bound.const else Apply("+", (e, Number(bound.const)))

    def _length(self, length: Length) -> Expr:
        if length.whole is None:
            return Read(self.lengths[length])
        return Apply("//", (self.number(length.whole), Number(length.divisor)))

    def place(self, a: Affine) -> Affine | Expr:
        """A place that speaks of a sample's own length is picked by the data; the root is the last node in all samples."""
        lengths = sample_lengths(a.const)
        return a if not lengths or lengths[0] in self.levels else self._picked(a)

    def _picked(self, a: Affine) -> Expr:
        e = self.number(a.const)
        return Apply("+", (e, IndexValue(Affine(0, a.terms)))) if a.terms else e

    # ---- expressions ---------------------------------------------------------------------------------------------

    def expression(self, e: Expr) -> Expr:
        e = rebuild(e, self.expression)
        match e:
            case IndexValue():
                return self._picked(e.affine) if sample_lengths(e.affine.const) else e
            case Read():
                return Read(e.variable, tuple(self.place(i) if isinstance(i, Affine) else i for i in e.indices))
            case Reduce() | Normalise():
                return self._masked(e)
            case _:
                return e

    def _masked(self, e: Reduce | Normalise) -> Expr:
        condition = e.condition
        for i in e.indices:
            if isinstance(e, Reduce) and e.operation == "sum" and self._vanishes(e.body, i):
                continue
            for inside in self.inside(i):
                condition = inside if condition is None else Apply("and", (condition, inside))
        return replace(e, condition=condition)

    def inside(self, i: Index) -> list[Expr]:
        """Conditions under which a point of an index belongs to this sample."""
        found: list[Expr] = []
        tree = self._tree(i)
        if tree is not None:
            return [Apply(">", (Read(tree, (affine(i), Affine(0))), Number(NO_NODE)))]
        if sample_lengths(i.domain.hi):
            found.append(Apply("<=", (IndexValue(affine(i)), self.number(i.domain.hi))))
        if sample_lengths(i.domain.lo):
            found.append(Apply(">=", (IndexValue(affine(i)), self.number(i.domain.lo))))
        return found

    def _tree(self, i: Index) -> Variable | None:
        """The tree whose nodes, numbered by height, an index runs over."""
        return next((self.levels[n] for n in sample_lengths(i.domain.hi) if n in self.levels), None)

    def _vanishes(self, body: Expr, i: Index) -> bool:
        """Whether a factor is a softmax over this index, which is zero beyond the sample's end already."""
        if isinstance(body, Apply) and body.function == "*":
            return any(self._vanishes(a, i) for a in body.arguments)
        if isinstance(body, Normalise):
            return body.operation == "softmax" and i in body.indices
        if not isinstance(body, Read):
            return False
        pieces = self.pieces.get(body.variable, ())
        if len(pieces) != 1:
            return False
        axis = next((k for k, p in enumerate(body.indices) if isinstance(p, Affine) and p.plain is i and p.const == 0), None)
        place = pieces[0].place[axis] if axis is not None else None
        over = place.plain if isinstance(place, Affine) else None
        value = pieces[0].value
        return over is not None and isinstance(value, Normalise) and value.operation == "softmax" and over in value.indices

    # ---- equations -----------------------------------------------------------------------------------------------

    def equation(self, e: Equation) -> Equation:
        value = self.expression(e.value)
        for k, place in enumerate(e.place):
            if not isinstance(place, Affine) or place.plain is None:
                continue
            i = place.plain
            if not sample_lengths(i.domain.hi) or self._tree(i) is not None:
                continue  # of nodes by height none is read that is not there
            if e.target.fill is not None:
                for inside in self.inside(i):
                    value = Apply("where", (inside, value, Number(e.target.fill)))
            for other in self._ends(e, k, i.domain):
                value = self._bounded(value, e, other, k, i)
        return replace(e, value=value)

    def _ends(self, e: Equation, axis: int, domain: Domain) -> list[Equation]:
        """Boundary equations and pieces behind the end of this axis, the nearest first: in a shorter sample they begin before it."""
        found: list[tuple[Bound, Equation]] = []
        for other in self.pieces[e.target]:
            place = other.place[axis]
            if isinstance(place, Affine) and (not place.terms or place.plain is not None):
                begins = place.range()[0]
                if less(domain.hi, begins):
                    found.append((begins, other))
        return [o for _, o in sorted(found, key=cmp_to_key(_nearer))]

    def _bounded(self, value: Expr, e: Equation, boundary: Equation, axis: int, i: Index) -> Expr:
        """The value of the boundary where it stands for this sample, else the equation's own."""
        at = boundary.place[axis]
        assert isinstance(at, Affine)
        mapping = _matched(boundary.place, e.place)
        given = substitute(self.expression(boundary.value), mapping)
        here = Apply(">=" if at.terms else "==", (IndexValue(affine(i)), self.number(at.range()[0])))
        for k, (theirs, ours) in enumerate(zip(boundary.place, e.place, strict=True)):
            if k != axis and isinstance(theirs, Affine) and isinstance(ours, Affine) and theirs.range() != ours.range():
                lo, hi = map(self.number, theirs.range())
                here = Apply("and", (here, Apply("and", (Apply(">=", (self._picked(ours), lo)), Apply("<=", (self._picked(ours), hi))))))
        return Apply("where", (here, given, value))


def _nearer(one: tuple[Bound, Equation], other: tuple[Bound, Equation]) -> int:
    return -1 if less(one[0], other[0]) else 1


def _matched(theirs: Sequence[object], ours: Sequence[object]) -> dict[Index, Affine]:
    """The boundary's indices in terms of the equation's."""
    found: dict[Index, Affine] = {}
    for a, b in zip(theirs, ours, strict=True):
        if isinstance(a, Affine) and isinstance(b, Affine) and a.plain is not None:
            found[a.plain] = b - a.const
    return found
