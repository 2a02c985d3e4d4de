"""Triangles: what is needed only where one index is at most another, as what a position sees of those before it.

`a[t, s] = softmax[s <= t](q[t] @ k[s])` needs no product q[t] @ k[s] beyond s = t, and what is made of a is zero there. Such
statements run row by row up to the end of the row's block of STAIR; within a block all values are what the equations say,
beyond it nobody reads. An axis counts from where its variable begins.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import TypeVar

from netc.compiler.kernels.language.storage import STAIR, Limit, Storage
from netc.compiler.kernels.matrices.products import Product
from netc.compiler.schedule import Item, Scan
from netc.compiler.statements.expressions import BATCH, Affine, Apply, Expr, Index, IndexValue, Number, Read, Variable
from netc.compiler.statements.program import Operation, Statement

_LOOPS = (Operation.MAP, Operation.SUM, Operation.SOFTMAX, Operation.MAX, Operation.MIN)
_DIFFERENCE = {"<=": (1, 0), "<": (1, -1), ">=": (-1, 0), ">": (-1, -1)}  # sign of left minus right, and what it is at most

Axes = dict[tuple[int, int], int]  # the first axis is at most so much beyond the second
Indices = dict[tuple[Index, Index], int]
_K = TypeVar("_K")


def find_limits(
    items: Sequence[Item], storage: Storage, products: Mapping[Statement, Product], whole: Container[Variable | Statement]
) -> dict[Statement, tuple[Limit, ...]]:
    """For each statement the triangles that suffice; `whole` are variables known and statements done everywhere."""
    return _Finder(storage, products, whole).find(items)


class _Finder:
    def __init__(self, storage: Storage, products: Mapping[Statement, Product], whole: Container[Variable | Statement]) -> None:
        self.storage, self.products, self.whole = storage, products, whole
        self.nonzero: dict[Variable, Axes] = {}
        self.needed: dict[Variable, Axes] = {}

    def find(self, items: Sequence[Item]) -> dict[Statement, tuple[Limit, ...]]:
        plain = [item for item in items if isinstance(item, Statement)]
        pieces: dict[Variable, int] = {}
        for s in plain:
            pieces[s.target] = pieces.get(s.target, 0) + 1
        for s in plain:
            if pieces[s.target] == 1 and not s.accumulate:
                found = self._on_axes(s.place, self._zeros(s), s.target)
                if found:
                    self.nonzero[s.target] = found
        for item in items:
            if isinstance(item, Scan):
                for s in item.statements():
                    self._reads(s, {})
                    self.needed[s.target] = {}
        limits: dict[Statement, tuple[Limit, ...]] = {}
        for s in reversed(plain):
            suffices = self._suffices(s)
            self._reads(s, suffices)
            if suffices:
                limits[s] = tuple(Limit(a, b, shift) for (a, b), shift in suffices.items())
        return limits

    def _suffices(self, s: Statement) -> Indices:
        """The triangles in which a statement needs to be done."""
        if s in self.whole or s.operation not in _LOOPS or not s.target.per_sample and s.operation is not Operation.MAP:
            return {}
        wanted: Axes = {} if s.target in self.whole else self.needed.get(s.target, {})
        place = {k: p.plain for k, p in enumerate(s.place) if isinstance(p, Affine)}
        known: Indices = {}
        for (a, b), shift in wanted.items():
            i, j = place.get(a), place.get(b)
            if i is not None and j is not None and self._begins(s.target, a, s.place[a]) and self._begins(s.target, b, s.place[b]):
                known[i, j] = shift
        zeros = self._zeros(s)
        if s.operation is Operation.SOFTMAX:
            known = {pair: max(shift, zeros[pair]) for pair, shift in known.items() if pair in zeros or not {*pair} & {*s.over}}
        else:
            known |= {pair: shift for pair, shift in zeros.items() if {*pair} & {*s.over}}
        if s in self.products:
            known = {pair: shift for pair, shift in known.items() if self.products[s].limited(*pair) is not None}
            known = dict(list(known.items())[:1])
        return known

    def _reads(self, s: Statement, suffices: Indices) -> None:
        """What is read there is needed there."""
        for r in s.reads():
            found = self._on_axes(r.indices, suffices, r.variable)
            before = self.needed.get(r.variable)
            self.needed[r.variable] = found if before is None else _either(before, found)

    def _zeros(self, s: Statement) -> Indices:
        """Beyond these triangles a statement adds nothing, or its value is zero."""
        if s.operation is Operation.SOFTMAX or s.operation in (Operation.MAX, Operation.MIN):
            return {} if s.condition is None else self._nonzero(s.condition)
        return self._nonzero(s.body) if s.operation in (Operation.MAP, Operation.SUM) else {}

    def _nonzero(self, e: Expr) -> Indices:
        """Where an expression may be other than zero."""
        match e:
            case Read():
                found: Indices = {}
                for (a, b), shift in self.nonzero.get(e.variable, {}).items():
                    p, q = e.indices[a], e.indices[b]
                    if isinstance(p, Affine) and isinstance(q, Affine) and p.plain and q.plain and self._begins(e.variable, a, p) and self._begins(e.variable, b, q):
                        found[p.plain, q.plain] = shift
                return found
            case Apply(function="*" | "and", arguments=(x, y)):
                return _both(self._nonzero(x), self._nonzero(y))
            case Apply(function="neg" | "/", arguments=(x, *_)):
                return self._nonzero(x)
            case Apply(function="+" | "-", arguments=(x, y)):
                return _either(self._nonzero(x), self._nonzero(y))
            case Apply(function="where", arguments=(test, x, Number(value=0))):
                return _both(self._nonzero(test), self._nonzero(x))
            case Apply(function=name, arguments=(IndexValue(affine=x), IndexValue(affine=y))) if name in _DIFFERENCE:
                sign, most = _DIFFERENCE[name]
                return self._triangle((x - y) * sign, most)
            case _:
                return {}

    def _triangle(self, difference: Affine, most: int) -> Indices:
        """i - j + const is at most so much."""
        by = {c: i for i, c in difference.terms}
        if len(difference.terms) != 2 or set(by) != {1, -1}:
            return {}
        shift = difference.const * -1 + most + by[-1].domain.lo - by[1].domain.lo
        if not isinstance(shift, int):
            known = self.storage.names.size(shift).known
            if known is None:
                return {}
            shift = known
        return {(by[1], by[-1]): -(-shift // STAIR) * STAIR}

    def _on_axes(self, place: Sequence[Affine | Expr], triangles: Indices, v: Variable) -> Axes:
        at = {p.plain: k for k, p in enumerate(place) if isinstance(p, Affine) and p.plain is not None and self._begins(v, k, p)}
        return {(at[i], at[j]): shift for (i, j), shift in triangles.items() if i in at and j in at}

    def _begins(self, v: Variable, axis: int, p: Affine | Expr) -> bool:
        """Whether an index begins where the axis does: then both count alike."""
        if not isinstance(p, Affine) or p.plain is None or p.plain is BATCH:
            return False
        names = self.storage.names
        return names.size(p.plain.domain.lo + p.const) == self.storage.place(v).lows[axis]


def _either(a: dict[_K, int], b: dict[_K, int]) -> dict[_K, int]:
    return {k: max(shift, b[k]) for k, shift in a.items() if k in b}


def _both(a: dict[_K, int], b: dict[_K, int]) -> dict[_K, int]:
    return {k: min(a.get(k, b.get(k, 0)), b.get(k, a.get(k, 0))) for k in (*a, *b)}
