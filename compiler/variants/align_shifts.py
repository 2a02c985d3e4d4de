"""Counts variables of a recurrence from another point, so that all of them are computed in step.

before: h[t+1] = f(h[t], x[t]);  p[t] = g(h[t+1]);  x[t+1] = draw(p[t])       p reads a later point, and there is no order
after:  h[t] = f(h[t-1], x[t]);  p[t] = g(h[t]);    x[t+1] = draw(p[t])       where h[t] is what was h[t+1]

A shift for each variable is right when nothing reads what is ahead any more: that is a longest path over the offsets of the
reads, from the variable that is drawn. It exists unless a circle of reads leads to a later point or to the same one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from netc.compiler.elaborate.model import Elaborated, Equation
from netc.compiler.statements.components import components
from netc.compiler.statements.domains import Domain, difference, sample_lengths
from netc.compiler.statements.expressions import (
    Affine,
    Expr,
    Index,
    Kind,
    Read,
    Variable,
    affine,
    map_reads,
    substitute,
)

_P = TypeVar("_P", bound=Expr | Affine)


def align_shifts(elaborated: Elaborated, fixed: frozenset[str]) -> Elaborated:
    """The net with its shifted variables moved; itself where none need be, or none can. Those of these names stay."""
    shifts: dict[Variable, int] = {}
    for group in _groups(elaborated):
        found = _shifts(elaborated, group, [v for v in group if v.name in fixed])
        if found is not None:
            shifts |= {v: k for v, k in found.items() if k}
    return _moved(elaborated, shifts) if shifts else elaborated


def _groups(elaborated: Elaborated) -> list[set[Variable]]:
    """Variables that need each other."""
    number: dict[Variable, int] = {}
    for e in elaborated.equations:
        number.setdefault(e.target, len(number))
    needs: list[set[int]] = [set() for _ in number]
    for e in elaborated.equations:
        needs[number[e.target]] |= {number[r.variable] for r in e.reads if r.variable in number}
    variables = list(number)
    return [{variables[k] for k in c} for c in components([sorted(n) for n in needs]) if len(c) > 1]


def _shifts(elaborated: Elaborated, group: set[Variable], stay: Sequence[Variable]) -> dict[Variable, int] | None:
    """How far each variable moves; None where a read has no constant offset, or the offsets allow no order."""
    axes = {v: _open_axis(v) for v in group}
    offsets: list[tuple[Variable, Variable, int]] = []  # reader, read, how far ahead
    for e in elaborated.equations:
        if e.target not in group:
            continue
        axis = axes[e.target]
        own = e.place[axis] if axis is not None else None
        if axis is None or not isinstance(own, Affine):
            return None
        for read in e.reads if own.terms else ():
            if read.variable in group:
                ahead = _ahead(own, read, axes[read.variable])
                if ahead is None:
                    return None
                offsets.append((e.target, read.variable, ahead))
    found = dict.fromkeys(stay, 0)
    for _ in group:
        for reader, read_, ahead in offsets:
            if read_ in found and found[read_] + ahead > found.get(reader, found[read_] + ahead - 1):
                found[reader] = found[read_] + ahead
    settled = all(found[r] >= found[v] + ahead for r, v, ahead in offsets if v in found and r in found)
    return found if settled and len(found) == len(group) and not any(found[v] for v in stay) else None


def _open_axis(v: Variable) -> int | None:
    """The one axis that has the length of the sample, of a variable that may be counted from another point."""
    found = [k for k, axis in enumerate(v.axes) if sample_lengths(axis.hi)]
    return found[0] if len(found) == 1 and v.kind is Kind.TEMPORARY and v.fill is None else None


def _ahead(own: Affine, read: Read, axis: int | None) -> int | None:
    place = read.indices[axis] if axis is not None else None
    if not isinstance(place, Affine) or place.plain is None or place.plain is not own.plain:
        return None
    return difference(place.const, own.const)


def _counted_from(v: Variable, shift: int) -> Variable:
    axis = _open_axis(v)
    return replace(v, axes=tuple(Domain(a.lo + shift, a.hi + shift, a.name) if n == axis else a for n, a in enumerate(v.axes)))


def _at_its_point(e: Equation, own: Affine) -> Equation:
    """The same equation with an index that stands for the point which is computed: `h[t-1] = f(t)` as `h[s] = f(s+1)`."""
    i = own.plain
    assert i is not None
    j = Index(i.name, Domain(i.domain.lo + own.const, i.domain.hi + own.const))
    back = {i: affine(j) - own.const}
    place = tuple(p.substitute(back) if isinstance(p, Affine) else p for p in e.place)
    return replace(e, place=place, indices=tuple(j if k is i else k for k in e.indices), value=substitute(e.value, back))


def _moved(elaborated: Elaborated, shifts: Mapping[Variable, int]) -> Elaborated:
    new = {v: _counted_from(v, k) for v, k in shifts.items()}

    def places(v: Variable, old: tuple[_P, ...]) -> tuple[Affine | _P, ...]:
        axis = _open_axis(v)
        return tuple(p + shifts[v] if n == axis and isinstance(p, Affine) else p for n, p in enumerate(old))

    def follow(read: Read) -> Expr:
        return Read(new[read.variable], places(read.variable, read.indices)) if read.variable in new else read

    def equation(e: Equation) -> Equation:
        value = map_reads(e.value, follow)
        if e.target not in new:
            return replace(e, value=value)
        moved = places(e.target, e.place)
        changed = replace(e, target=new[e.target], place=moved, value=value)
        own = moved[_open_axis(e.target) or 0]
        return _at_its_point(changed, own) if isinstance(own, Affine) and own.plain is not None else changed

    variables = {n: new.get(v, v) for n, v in elaborated.variables.items()}
    outputs = {n: new.get(v, v) for n, v in elaborated.outputs.items()}
    return replace(elaborated, equations=tuple(equation(e) for e in elaborated.equations), variables=variables, outputs=outputs)
