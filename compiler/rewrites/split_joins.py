"""A product with a join is split where only a part of the join recurs, so that the other part can leave the loop.

before: j[t, k] = x[t, k];  j[t, m+k] = h[t-1, k];  q[t, i] = sum[k] W[i, k] * j[t, k]
after:  q'[t, i] = sum[k] W[i, k] * x[t, k];  q''[t, i] = sum[k] W[i, m+k] * h[t-1, k];  q[t, i] = q'[t, i] + q''[t, i]

That is less work: `q'` is one product for all t, and nothing is copied side by side in each turn. Outside of loops a join is
one product and stays so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from netc.compiler.rewrites.normal_form import carries_batch
from netc.compiler.rewrites.order_statements import recurrent_groups
from netc.compiler.statements.domains import Bound, Domain, difference
from netc.compiler.statements.expressions import (
    BATCH,
    Affine,
    Apply,
    Expr,
    Index,
    Kind,
    Read,
    Variable,
    affine,
    free_indices,
    substitute,
    total,
)
from netc.compiler.statements.fresh import primed
from netc.compiler.statements.program import Operation, Program, Statement


@dataclass(frozen=True, eq=False)
class _Part:
    """A stretch of a join, as a variable of its own that counts from 0; it begins at `low` of the join."""

    variable: Variable
    low: Bound
    pieces: tuple[Statement, ...]


def split_joins(program: Program) -> Program:
    pieces, roots = program.pieces(), set(program.roots())
    names = {v.name for v in program.variables()}
    parts: dict[Variable, tuple[int, list[_Part]]] = {}
    done: dict[int, list[Statement]] = {}
    for group in recurrent_groups(program.statements):
        inside = {s.target for s in group}
        for s in group:
            read = _joined(s, inside, pieces, roots)
            if read is None:
                continue
            join = read.variable
            axis = _axis(join, pieces[join])
            if axis is None or not _whole(s, read, axis):
                continue
            if join not in parts:
                parts[join] = axis, _parts(join, axis, [p in group for p in pieces[join]], pieces[join], names)
            if len(parts[join][1]) > 1:
                done[id(s)] = _split(s, read, *parts[join], names)
    if not done:
        return program
    made = [p for _, found in parts.values() if len(found) > 1 for part in found for p in part.pieces]
    kept = [n for s in program.statements for n in done.get(id(s), [s])]
    return replace(program, statements=(*made, *kept)).noting("products with a join: the part that does not recur, all at once", (n[-1].target for n in done.values()))


def _joined(s: Statement, inside: set[Variable], pieces: dict[Variable, list[Statement]], roots: set[Variable]) -> Read | None:
    """The read of a join in a product with something that does not recur."""
    if s.operation is not Operation.SUM or BATCH in s.over or not isinstance(s.body, Apply):
        return None
    a, b = s.body.arguments
    for mine, other in ((a, b), (b, a)):
        if not isinstance(mine, Read) or not isinstance(other, Read) or other.variable in inside or mine.variable in roots:
            continue
        if len(pieces.get(mine.variable, ())) > 1 and mine.variable.kind is Kind.TEMPORARY and mine.variable.fill is None:
            return mine
    return None


def _axis(join: Variable, group: Sequence[Statement]) -> int | None:
    """The axis along which the pieces of a variable lie one behind the other, each covering all other axes."""
    if any(p.operation is not Operation.MAP or p.accumulate for p in group):
        return None
    found: set[int] = set()
    for p in group:
        plain = [q.plain if isinstance(q, Affine) else None for q in p.place]
        if None in plain or len(set(plain)) < len(plain):
            return None
        for k, (q, axis) in enumerate(zip(p.place, join.axes, strict=True)):
            if isinstance(q, Affine) and q.range() != (axis.lo, axis.hi):
                found.add(k)
    if len(found) != 1:
        return None
    (k,) = found
    ends: Bound = join.axes[k].lo - 1
    for lo, hi in (_extent(p, k) for p in group):
        if difference(lo, ends) != 1:
            return None
        ends = hi
    return k if difference(join.axes[k].hi, ends) == 0 else None


def _extent(piece: Statement, axis: int) -> tuple[Bound, Bound]:
    place = piece.place[axis]
    assert isinstance(place, Affine)
    return place.range()


def _whole(s: Statement, read: Read, axis: int) -> bool:
    """Whether the sum runs along the join from its first point to its last."""
    place = read.indices[axis]
    if not isinstance(place, Affine) or place.plain not in s.over or place.range() != (read.variable.axes[axis].lo, read.variable.axes[axis].hi):
        return False
    return not any(place.plain in (p.indices if isinstance(p, Affine) else free_indices(p)) for k, p in enumerate(read.indices) if k != axis)


def _parts(join: Variable, axis: int, recurs: list[bool], group: Sequence[Statement], names: set[str]) -> list[_Part]:
    """Neighbours that recur stay together, and so do those that do not."""
    found: list[_Part] = []
    for _, run in groupby(zip(recurs, group, strict=True), lambda r: r[0]):
        members = [p for _, p in run]
        low, high = _extent(members[0], axis)[0], _extent(members[-1], axis)[1]
        axes = tuple(Domain(0, high - low, a.name) if k == axis else a for k, a in enumerate(join.axes))
        per_sample = any(carries_batch(p.body) for p in members)
        part = replace(join, name=primed(f"{join.name}'", names), axes=axes, per_sample=per_sample)
        moved = [replace(p, target=part, place=tuple(_moved(q, low) if k == axis else q for k, q in enumerate(p.place))) for p in members]
        found.append(_Part(part, low, tuple(moved)))
    return found


def _moved(place: Affine | Read, low: Bound) -> Affine:
    assert isinstance(place, Affine)
    return place - low


def _split(s: Statement, read: Read, axis: int, parts: Sequence[_Part], names: set[str]) -> list[Statement]:
    """A product for each part, and their sum in place of the whole."""
    place = read.indices[axis]
    assert isinstance(place, Affine) and place.plain is not None
    k = place.plain
    made: list[Statement] = []
    terms: list[Expr] = []
    for part in parts:
        own = Index(k.name, part.variable.axes[axis])
        here: dict[Index, Affine] = {k: affine(own) + (part.low - place.const)}
        indices = tuple(affine(own) if n == axis else p for n, p in enumerate(read.indices))
        factors = tuple(Read(part.variable, indices) if a is read else substitute(a, here) for a in _factors(s))
        body = Apply("*", factors)
        found = free_indices(body)
        kept = tuple(i for i in s.indices if i in found)
        target = Variable(primed(f"{s.target.name}'", names), tuple(i.domain for i in kept), per_sample=carries_batch(body), span=s.target.span)
        over = tuple(own if i is k else i for i in s.over)
        made.append(Statement(target, tuple(map(affine, kept)), kept, body, Operation.SUM, over, span=s.span))
        terms.append(Read(target, tuple(map(affine, kept))))
    return [*made, replace(s, body=total(terms), operation=Operation.MAP, over=())]


def _factors(s: Statement) -> tuple[Expr, ...]:
    assert isinstance(s.body, Apply)
    return s.body.arguments
