"""Says why a net has no order of evaluation, in the words of its spec."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.causality import CycleWithoutDelay, NeedsWholeAxis, NoOrder
from netc.compiler.elaborate.model import Elaborated, Equation
from netc.compiler.elaborate.recurrences.directions import split
from netc.compiler.rewrites import Wanted, lower
from netc.compiler.schedule.order import schedule
from netc.compiler.schedule.scans import Circle
from netc.compiler.statements.components import components
from netc.compiler.statements.domains import difference
from netc.compiler.statements.expressions import (
    Affine,
    Expr,
    Index,
    Normalise,
    Read,
    Reduce,
    Variable,
    children,
    free_indices,
    walk,
)

_REST = re.compile(r"r\d+")  # indices that stand for the axes that an equation leaves out


def find_circles(elaborated: Elaborated) -> list[Problem]:
    """What cannot be put in order: one problem for each group of equations that need each other; a net without recurrences costs nothing.

    Where equations are missing because of mistakes, each group is tried by itself, with all that it reads as given.
    """
    groups = list(_recurrences(elaborated.equations))
    if not groups:
        return []
    circle: Circle | None = None
    if elaborated.lost is None:
        named = tuple(r.name for r in elaborated.rows if r.kind == "equation" and r.name in elaborated.variables)
        circle = _circle_in(elaborated, Wanted(elaborated.loss is not None, True, True, True, True, named))
        if circle is None:
            return []
    found = [_problem(g) for g in groups if _circle_in(_alone(elaborated, g), Wanted(False, False, updates=False, names=_targets(g))) is not None]
    if circle is not None and not found:
        spans = {s.span for s, _ in circle.cycle}
        found = [_problem(next((g for g in groups if any(e.span in spans for e in g)), groups[0]))]
    return found


def _circle_in(elaborated: Elaborated, wanted: Wanted) -> Circle | None:
    try:
        schedule(lower(elaborated, wanted))
    except Circle as circle:
        return circle
    return None


def _alone(elaborated: Elaborated, group: Sequence[Equation]) -> Elaborated:
    return replace(elaborated, equations=tuple(group), variables={**elaborated.variables, **{e.target.name: e.target for e in group}})


def _targets(group: Sequence[Equation]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(e.target.name for e in group))


def _recurrences(equations: Sequence[Equation]) -> Iterator[list[Equation]]:
    """The equations of variables that need each other, group by group."""
    number: dict[Variable, int] = {}
    for e in equations:
        number.setdefault(e.target, len(number))
    needs: list[set[int]] = [set() for _ in number]
    for e in equations:
        needs[number[e.target]] |= {number[r.variable] for r in e.reads if r.variable in number}
    for group in components([sorted(n) for n in needs]):
        if len(group) > 1 or group[0] in needs[group[0]]:
            yield [e for e in equations if number[e.target] in group]


def _problem(group: Sequence[Equation]) -> Problem:
    """A circle at one point where there is one; else the reads that go no one way."""
    mains = [e for e in group if all(not isinstance(p, Affine) or p.terms for p in e.place)]
    variables = {e.target for e in group}
    circle = _circle({e: [r for r, free in _reads(e) if r.variable in variables and _same_point(e, r, free)] for e in mains})
    circle = _without_parts(circle)
    if circle:
        steps = tuple((_text(e.target, e.place), _text(r.variable, _kept(e, r)), e.span) for e, r in circle)
        return CycleWithoutDelay(circle[0][0].span, steps, *_earlier(circle, [e for e in group if e not in mains]))
    found = [(e, r) for e in mains for r, free in _reads(e) if r.variable in variables and not _same_point(e, r, free)]
    whole = _whole_axis(mains, found)
    if whole is not None:
        return whole
    reads = dict.fromkeys((_text(r.variable, _kept(e, r)), e.span) for e, r in found)
    names = tuple(dict.fromkeys(e.target.name for e in mains))
    return NoOrder(mains[0].span, names, tuple(reads), _split(found) if len(names) == 1 else ())


def _split(found: Sequence[tuple[Equation, Read]]) -> tuple[str, ...]:
    """The two recurrences that a reader can make of one that goes both ways along an axis."""
    e, variable = found[0][0], found[0][0].target
    items = [p.plain.name for p in e.place if isinstance(p, Affine) and p.plain is not None and not _REST.fullmatch(p.plain.name)]
    for axis in range(len(items)):
        pairs = [(r.indices[axis], e.place[axis]) for e, r in found]
        offsets = [difference(p.const, q.const) for p, q in pairs if isinstance(p, Affine) and isinstance(q, Affine) and p.plain is q.plain]
        known = [k for k in offsets if k is not None]
        if len(known) == len(found) and known and min(known) < 0 < max(known):
            domain = variable.axes[axis]
            first, last = [str(domain.lo - k) for k in range(1, 1 - min(known))], [str(domain.hi + k) for k in range(1, 1 + max(known))]
            return split(variable.name.rpartition(".")[2], items, axis, first, last)
    return ()


def _earlier(circle: Sequence[tuple[Equation, Read]], boundaries: Sequence[Equation]) -> tuple[str, str, str]:
    """What of a circle could be read at an earlier point, that point, and the boundary that it lacks; a variable that has one comes first."""
    given = {e.target: e for e in boundaries}
    e, read = next(((e, r) for e, r in circle if r.variable in given), circle[0])
    places = list(_kept(e, read))
    axes = [k for k, p in enumerate(places) if isinstance(p, Affine) and p.plain is not None and p.plain in e.indices and not _REST.fullmatch(p.plain.name)]
    if not axes:
        return "", "", ""
    bounded = given.get(read.variable)
    fixed = [k for k in axes if bounded is not None and isinstance(p := bounded.place[k], Affine) and not p.terms]
    axis = next(iter(fixed), next((k for k in axes if not read.variable.axes[k].known), axes[0]))
    place = places[axis]
    assert isinstance(place, Affine)
    earlier, first = [*places], [*places]
    earlier[axis], first[axis] = place - 1, Affine(read.variable.axes[axis].lo - 1)
    begins = "" if bounded else f"{_text(read.variable, first[: axis + 1])} = 0"
    return _text(read.variable, places), _text(read.variable, earlier), begins


def _whole_axis(group: Sequence[Equation], moved: Sequence[tuple[Equation, Read]]) -> Problem | None:
    """A softmax over an index along which the others go from point to point."""
    variables = {e.target for e in group}
    for e in group:
        own = [p.plain for p in e.place if isinstance(p, Affine) and p.plain is not None]
        for x in walk(e.value):
            if not isinstance(x, Normalise) or x.operation == "cumsum" or not any(r.variable in variables for r in walk(x.body) if isinstance(r, Read)):
                continue
            along = next((i for i in x.indices if i in own), None)
            if along is not None:
                earlier = next(((_text(r.variable, _kept(m, r)), m.span) for m, r in moved), None)
                others = tuple(i.name for i in own if i is not along and not _REST.fullmatch(i.name))
                name = e.target.name.rpartition(".")[2]
                return NeedsWholeAxis(e.span, name, along.name, f"{x.operation}[{', '.join(i.name for i in x.indices)}]", earlier, others)
    return None


def _reads(e: Equation) -> Iterator[tuple[Read, set[Index]]]:
    """Each read with the indices that a condition around it limits."""
    stack: list[tuple[Expr, set[Index]]] = [(e.value, set())]
    while stack:
        x, limited = stack.pop()
        if isinstance(x, Reduce | Normalise) and x.condition is not None:
            limited = limited | set(free_indices(x.condition)) & set(x.indices)
        if isinstance(x, Read):
            yield x, limited
        stack.extend((c, limited) for c in reversed(children(x)))


def _same_point(e: Equation, read: Read, limited: set[Index]) -> bool:
    """Whether nothing keeps the read apart from the point that is computed."""
    own = {p.plain: p.const for p in e.place if isinstance(p, Affine)}
    for place in read.indices:
        if not isinstance(place, Affine) or limited & set(place.indices):
            return False
        if place.plain in own and difference(place.const, own[place.plain]) != 0 or not place.terms:
            return False
    return True


def _circle(reads: dict[Equation, list[Read]]) -> list[tuple[Equation, Read]]:
    """A shortest circle of reads, empty where there is none."""
    writers: dict[Variable, list[Equation]] = {}
    for e in reads:
        writers.setdefault(e.target, []).append(e)
    best: list[tuple[Equation, Read]] = []
    for start in reads:
        paths: list[list[tuple[Equation, Read]]] = [[(start, r)] for r in reads[start]]
        seen: set[Variable] = set()
        while paths:
            path = paths.pop(0)
            variable = path[-1][1].variable
            if variable is start.target:
                best = path if not best or len(path) < len(best) else best
                break
            if variable in seen:
                continue
            seen.add(variable)
            paths += [[*path, (e, r)] for e in writers.get(variable, ()) for r in reads[e]]
    return best


def _without_parts(circle: list[tuple[Equation, Read]]) -> list[tuple[Equation, Read]]:
    """The circle without what only stands for a part of an equation: `y.join` of `y[t] = [f[t]; b[t]]`."""
    names = {e.target.name for e, _ in circle}
    whole = [k for k, (e, _) in enumerate(circle) if e.target.name.rpartition(".")[0] not in names]
    return [(circle[k][0], circle[(after - 1) % len(circle)][1]) for k, after in zip(whole, [*whole[1:], *whole[:1]], strict=True)]


def _kept(e: Equation, read: Read) -> Sequence[Affine | Expr]:
    """The places of a read up to the last that names an index of the equation, if any: `W @ g[t]` reads `g[t]`."""
    last = max((k for k, p in enumerate(read.indices) if not isinstance(p, Affine) or set(p.indices) & set(e.indices)), default=len(read.indices))
    return read.indices[: last + 1]


def _text(variable: Variable, places: Sequence[Affine | Expr]) -> str:
    """`h[t-1]`: the name with the places that the spec writes."""
    shown = [repr(p) if isinstance(p, Affine) else "…" for p in places if not (isinstance(p, Affine) and p.plain and _REST.fullmatch(p.plain.name))]
    name = variable.name.rpartition(".")[2]
    return f"{name}[{', '.join(shown)}]" if shown else name
