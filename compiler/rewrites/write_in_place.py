"""What is computed only to be put beside others is computed there, and read there.

before: a[t, i] = d[t, i] * f[t, i];  q[t, n+i] += a[t, i];  s = sum[t, i] a[t, i]
after:  q[t, n+i] += d[t, i] * f[t, i];  s = sum[t, i] q[t, n+i]

It serves gradients of what was stacked or split: their parts lie side by side and none is added to another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from netc.compiler.statements.expressions import Affine, Expr, Index, Kind, Read, Variable, affine
from netc.compiler.statements.program import Operation, Program, Statement
from netc.compiler.statements.rename import with_reads
from netc.compiler.statements.touch import touches


@dataclass(frozen=True, eq=False)
class _Slot:
    """Where a variable's points lie in a larger one: `place` over `indices`, one for each of its axes."""

    variable: Variable
    indices: tuple[Index, ...]
    place: tuple[Affine, ...]

    def at(self, places: Sequence[Affine]) -> tuple[Affine, ...]:
        return tuple(p.substitute(dict(zip(self.indices, places, strict=True))) for p in self.place)


def write_in_place(program: Program) -> Program:
    pieces, roots = program.pieces(), set(program.roots())
    by_data = {r.variable for s in program.statements for r in s.reads() if not all(isinstance(p, Affine) for p in r.indices)}
    slots: dict[Variable, _Slot] = {}
    copies: set[int] = set()
    for target, group in pieces.items():
        if len(group) < 2 or not all(s.accumulate for s in group) or target.fill is not None or target in program.kept or not _apart(group):
            continue
        for s in group:
            source = _source(s, pieces, roots)
            if source is not None and source.variable not in by_data | slots.keys() and target not in slots:
                slots[source.variable] = _slot(s, source)
                copies.add(id(s))
    chained = {s.variable for s in slots.values()} & slots.keys()
    if not copies or chained:
        return program

    def follow(read: Read) -> Expr:
        slot = slots.get(read.variable)
        return read if slot is None else Read(slot.variable, slot.at([p for p in read.indices if isinstance(p, Affine)]))

    done = []
    for s in program.statements:
        if id(s) in copies:
            continue
        s = with_reads(s, follow)
        slot = slots.get(s.target)
        if slot is not None:
            s = replace(s, target=slot.variable, place=slot.at([p for p in s.place if isinstance(p, Affine)]), accumulate=True)
        done.append(s)
    return replace(program, statements=tuple(done))


def _apart(group: Sequence[Statement]) -> bool:
    """Whether no two pieces meet."""
    return all(isinstance(p, Affine) for s in group for p in s.place) and not any(
        touches(a.place, b.place) for k, a in enumerate(group) for b in group[:k]
    )


def _source(s: Statement, pieces: dict[Variable, list[Statement]], roots: set[Variable]) -> Read | None:
    """What a piece copies, where that is the whole of a value computed by one statement."""
    if s.operation is not Operation.MAP or not isinstance(s.body, Read):
        return None
    v = s.body.variable
    if v.kind is not Kind.TEMPORARY or v in roots or v.fill is not None or v.per_sample != s.target.per_sample or v.type is not s.target.type:
        return None
    group = pieces.get(v, ())
    if len(group) != 1 or group[0].operation not in (Operation.MAP, Operation.SUM) or group[0].accumulate or not group[0].covers_target:
        return None
    met = [p.plain if isinstance(p, Affine) else None for p in s.body.indices]
    if None in met or set(met) != set(s.indices) or len(met) != len(s.indices):
        return None
    whole = all(isinstance(p, Affine) and p.range() == (a.lo, a.hi) for p, a in zip(s.body.indices, v.axes, strict=True))
    return s.body if whole else None


def _slot(s: Statement, source: Read) -> _Slot:
    """The copy's left side over the axes of what it copies."""
    indices = tuple(Index("s", axis) for axis in source.variable.axes)
    mapping: dict[Index, Affine] = {}
    for own, p in zip(indices, source.indices, strict=True):
        assert isinstance(p, Affine) and p.plain is not None
        mapping[p.plain] = affine(own) - p.const
    return _Slot(s.target, indices, tuple(p.substitute(mapping) for p in s.place if isinstance(p, Affine)))
