"""Products of several weights with the same recurrent value are one product with the weights side by side.

before: z[t, i] = sum[k] U[i, k] * h[t-1, k];  r[t, i] = sum[k] V[i, k] * h[t-1, k];  ... z[t, i] ... r[t, i]
after:  W[k, i] = U[i, k];  W[k, n+i] = V[i, k];  q[t, j] = sum[k] W[k, j] * h[t-1, k];  ... q[t, i] ... q[t, n+i]

The weights are put side by side once in a step, outside of the loop; what was computed is read as a view. The gradient has one
product in the loop in place of several that are added up, and one product for all weights behind it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from netc.compiler.rewrites.order_statements import recurrent_groups
from netc.compiler.statements.domains import Domain
from netc.compiler.statements.expressions import Affine, Apply, Expr, Index, Kind, Read, Variable, affine
from netc.compiler.statements.fresh import primed
from netc.compiler.statements.program import Operation, Program, Statement
from netc.compiler.statements.rename import with_reads

FEWEST = 8  # points of a loop for which putting the weights side by side is worth it
WORTH = 3 << 13  # numbers of the weights that a saved call may bring along: beyond, a product of all takes as long as its parts


@dataclass(frozen=True, eq=False)
class _Product:
    """`target[..., row] = sum of weights[row, over] * value[...]`; `row` belongs to the weights alone."""

    statement: Statement
    weights: Read
    value: Read
    row: Index
    axis: int  # where the row stands in the target


def stack_products(program: Program) -> Program:
    pieces, roots = program.pieces(), set(program.roots())
    names = {v.name for v in program.variables()}
    picked = _rows_picked_by_data(program)
    moved: dict[Variable, _View] = {}
    made: dict[int, tuple[Statement, ...]] = {}
    for group in recurrent_groups(program.statements):
        inside = {s.target for s in group}
        classes: list[list[_Product]] = []
        for s in group:
            p = _product(s, inside) if len(pieces[s.target]) == 1 and s.target not in roots else None
            if p is None or (p.statement.target, p.axis) in picked:
                continue
            alike = next((c for c in classes if _renamed(c[0], p) is not None), None)
            classes.append([p]) if alike is None else alike.append(p)
        for members in classes:
            if len(members) > 1 and _long(members) and _small(members):
                statements, views = _stacked(members, names)
                moved |= views
                made |= {id(m.statement): () for m in members[1:]} | {id(members[0].statement): statements}
    if not made:
        return program

    def follow(read: Read) -> Expr:
        view = moved.get(read.variable)
        return read if view is None else view.of(read)

    kept = [n for s in program.statements for n in made.get(id(s), (s,))]
    return replace(program, statements=tuple(with_reads(s, follow) for s in kept)).noting("several products of one value: as one product", moved)


@dataclass(frozen=True, eq=False)
class _View:
    """A product as a stretch of the stacked one."""

    stacked: Variable
    axes: tuple[int, ...]  # for each axis of the stacked product but the last, the product's own
    row: int
    offset: int

    def of(self, read: Read) -> Read:
        row = read.indices[self.row]
        assert isinstance(row, Affine)
        return Read(self.stacked, (*(read.indices[k] for k in self.axes), row + self.offset))


def _product(s: Statement, inside: set[Variable]) -> _Product | None:
    """A product of shared weights with something that recurs."""
    if s.operation is not Operation.SUM or s.accumulate or not s.covers_target or not isinstance(s.body, Apply):
        return None
    if s.target.kind is not Kind.TEMPORARY or s.target.fill is not None or not s.target.per_sample:
        return None
    a, b = s.body.arguments
    weights, value = (a, b) if isinstance(a, Read) and a.variable not in inside else (b, a)
    if not isinstance(weights, Read) or not isinstance(value, Read) or weights.variable.per_sample or value.variable not in inside:
        return None
    own, met = _plain(weights), [i for p in value.indices if isinstance(p, Affine) for i in p.indices]
    if own is None or len(met) != len(set(met)) or not all(isinstance(p, Affine) for p in value.indices):
        return None
    rows = [i for i in s.indices if i not in met]
    if len(rows) != 1 or set(own) != {*rows, *s.over} or not set(s.over) <= set(met) or not rows[0].domain.known or rows[0].domain.lo != 0:
        return None
    at = next(k for k, p in enumerate(s.place) if isinstance(p, Affine) and p.plain is rows[0])
    return _Product(s, weights, value, rows[0], at)


def _plain(read: Read) -> list[Index] | None:
    """The indices of a read, where each stands by itself."""
    found: list[Index] = []
    for p in read.indices:
        if not isinstance(p, Affine) or p.plain is None or p.plain in found:
            return None
        found.append(p.plain)
    return found


def _rows_picked_by_data(program: Program) -> set[tuple[Variable, int]]:
    """Axes at which something is read where data say: such a read is no view."""
    return {(r.variable, k) for s in program.statements for r in s.reads() for k, p in enumerate(r.indices) if not isinstance(p, Affine)}


def _renamed(first: _Product, other: _Product) -> dict[Index, Affine] | None:
    """The indices of one product as those of another, where both multiply the same value."""
    a, b = first.value, other.value
    if a.variable is not b.variable or len(first.statement.over) != len(other.statement.over):
        return None
    mapping: dict[Index, Affine] = {}
    for p, q in zip(a.indices, b.indices, strict=True):
        assert isinstance(p, Affine) and isinstance(q, Affine)
        if p.const != q.const or len(p.terms) != len(q.terms):
            return None
        for (i, c), (j, d) in zip(p.terms, q.terms, strict=True):
            if c != d or (i.domain.lo, i.domain.hi) != (j.domain.lo, j.domain.hi) or (i in first.statement.over) != (j in other.statement.over):
                return None
            mapping[j] = affine(i)
    return mapping


def _long(members: Sequence[_Product]) -> bool:
    """Whether the loop turns often enough, as far as it is known."""
    return any(not i.domain.known or i.domain.points() >= FEWEST for i in members[0].statement.indices if i is not members[0].row)


def _small(members: Sequence[_Product]) -> bool:
    """Whether a call costs more than the numbers that it goes through."""
    inner = math.prod(i.domain.points() for i in members[0].statement.over if i.domain.known)
    return sum(m.row.domain.points() for m in members) * inner < WORTH * (len(members) - 1)


def _stacked(members: Sequence[_Product], names: set[str]) -> tuple[tuple[Statement, ...], dict[Variable, _View]]:
    """The weights side by side, the one product, and each product as a view of it."""
    first = members[0]
    s = first.statement
    common = tuple(i for i in s.indices if i is not first.row)
    total = sum(m.row.domain.points() for m in members)
    row = Index(first.row.name, Domain(0, total - 1))
    name = primed(" ".join(dict.fromkeys(m.statement.target.name.split("'")[0] for m in members)), names)
    weights = Variable(primed(f"{name} weights", names), (*(i.domain for i in s.over), row.domain), span=s.target.span)
    target = Variable(name, (*(i.domain for i in common), row.domain), per_sample=True, span=s.target.span)
    made: list[Statement] = []
    views: dict[Variable, _View] = {}
    offset = 0
    for m in members:
        mapping = _renamed(first, m)
        assert mapping is not None
        back = {a.indices[0]: i for i, a in mapping.items()}
        over = tuple(back[i] for i in s.over)
        place = (*map(affine, over), affine(m.row) + offset)
        made.append(Statement(weights, place, (*over, m.row), m.weights, span=m.statement.span))
        at = [p.plain for p in m.statement.place if isinstance(p, Affine)]
        views[m.statement.target] = _View(target, tuple(at.index(back[i]) for i in common), m.axis, offset)
        offset += m.row.domain.points()
    body = Apply("*", (Read(weights, (*map(affine, s.over), affine(row))), first.value))
    place = (*map(affine, common), affine(row))
    made.append(Statement(target, place, (*common, row), body, Operation.SUM, s.over, span=s.span))
    return tuple(made), views
