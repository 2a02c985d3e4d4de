"""`x[i, j+1, w[t], 0..3, *s]`: places in an array, slices, and all further axes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.calls import NotApplicable
from netc.compiler.diagnostics.problems.domains import ClassTooLarge
from netc.compiler.diagnostics.problems.names import UnknownName
from netc.compiler.diagnostics.problems.sizes import AxesCount, NotASize
from netc.compiler.elaborate.misapplied import unfit
from netc.compiler.elaborate.ranges.edges import Edge
from netc.compiler.elaborate.ranges.planned import PlannedRead, Site
from netc.compiler.elaborate.ranges.unequal import Use
from netc.compiler.elaborate.scope import Broken, Build, Environment, Scope, Silenced, as_place
from netc.compiler.elaborate.values import Array, LayerName, Place, StarIndices, Value, first, lifted, sort_text
from netc.compiler.source.text import Span
from netc.compiler.statements.domains import Bound, Domain, may_reach, sized
from netc.compiler.statements.expressions import Affine, Apply, Expr, Index, IndexValue, Kind, Read, Type, affine
from netc.compiler.syntax import tree

_PROPOSED = 2  # of what could stand in a bracket


def evaluate_index(b: Build, node: tree.Index, scope: Scope, env: Environment) -> Value:
    """A part of an array. Fewer indices than axes leave the further axes in place."""
    base = first(b.evaluate(node.base, scope, env))
    if isinstance(base, list):
        return _from_list(b, node, base, scope, env)
    array = lifted(base)
    if array is None or not isinstance(base, Array):
        if isinstance(base, int | float) and not isinstance(base, bool):
            return base  # a coefficient that is one number for all points
        if isinstance(base, bool) or sort_text(base).startswith("something"):
            return base  # `all`, or a switch: the same at every point
        settings = ", ".join(i.span.text for i in node.items)
        hint = f"its settings stand in round brackets: `{node.base.span.text}({settings})`" if isinstance(base, LayerName) else ""
        raise Broken(unfit(node.base.span, "indexed", base, hint))
    return _select(b, node, array, scope, env)


def _from_list(b: Build, node: tree.Index, base: list[Value], scope: Scope, env: Environment) -> Value:
    value: Value = base
    for item in node.items:
        k = b.evaluate(item, scope, env)
        if not isinstance(k, int) or not isinstance(value, list) or not 0 <= k < len(value):
            raise Broken(NotASize(item.span, sort_text(k)))
        value = value[k]
    return value


def _select(b: Build, node: tree.Index, array: Array, scope: Scope, env: Environment) -> Array:
    if array.open:
        for item, axis in zip(node.items, array.hints, strict=False):
            place = None if axis is None else as_place(first(b.evaluate(item, scope, env)))
            if isinstance(place, Affine) and axis is not None:
                b.ranges.note(Use(place, axis, item.span, node.base.span.text))
        return Array(array.axes, array.at, array.type, array.classes, open=True)
    chosen: list[Place | Domain] = []  # a domain stands for a slice that keeps its axis
    name = node.base.span.text
    stars = [i for i in node.items if isinstance(i, tree.Star)]
    if len(node.items) - len(stars) > array.rank:
        raise Broken(AxesCount(node.span, name, array.rank, len(node.items)))
    edges = scope.edges.get(array.variable, {}) if array.variable else {}
    site = Site(array.axes, () if stars else tuple(i.span.text for i in node.items), array.type, array.classes, edges, b.together, b.net, b.kept)
    for item in node.items:
        at_axis = len(chosen)
        if isinstance(item, tree.Star):
            chosen += _star(item, array, at_axis, at_axis + array.rank - (len(node.items) - 1), env)
        else:
            chosen.append(_place(b, item, array, at_axis, node, site, scope, env))
    kept = [c for c in chosen if isinstance(c, Domain)]
    rest = array.axes[len(chosen) :]

    def at(places: Sequence[Place]) -> Expr:
        given = list(places)
        full: list[Place] = []
        for c in chosen:
            full.append(_moved(given.pop(0), c.lo) if isinstance(c, Domain) else c)
        return array.at((*full, *given))

    axes = (*(sized(k.size) for k in kept), *rest)
    return Array(axes, at, array.type, array.classes)


def _moved(place: Place, by: Bound) -> Place:
    """A place in a slice, as a place in the whole."""
    if isinstance(place, Affine):
        return place + by
    return Apply("+", (place, IndexValue(Affine(by))))


def _star(item: tree.Star, array: Array, start: int, end: int, env: Environment) -> list[Place]:
    box = env.get(f"*{item.name}")
    if not isinstance(box, StarIndices):
        raise Broken(UnknownName(item.span, f"*{item.name}", None))
    if box.indices is None:
        box.indices = tuple(affine(Index(f"{item.name}{k}", axis)) for k, axis in enumerate(array.axes[start:end]))
    if len(box.indices) != end - start:
        raise Broken(AxesCount(item.span, f"*{item.name}", len(box.indices), end - start))
    return list(box.indices)


def in_brackets(
    problem: Problem, node: tree.Index, item: tree.Expr, domain: Domain | None, b: Build, scope: Scope, env: Environment
) -> Problem:  # fmt: skip
    """The problem of an item of a bracket; where it is a name that nothing defines, with what could stand in its place."""
    if not isinstance(problem, UnknownName):
        return problem
    points = _points_of(domain, b, scope, env) if problem.span == item.span else _indices_of(domain, b, env)
    written = [_with(item.span, problem.span, x) for x in points]
    fitting = [f"{node.base.span.text}[{', '.join(x if i is item else i.span.text for i in node.items)}]" for x in written]
    alone = scope.widened and not env  # no index stands on the left
    sequence = not env and problem.span == item.span and domain is not None and domain.lo == 1
    last = f"{node.base.span.text}[{', '.join(str(domain.hi) if i is item else i.span.text for i in node.items)}]" if sequence and domain else ""
    return replace(problem, indexed=node.base.span.text, fitting=tuple(fitting[:_PROPOSED]), left=scope.owner if alone else "", last=last)


def _with(item: Span, name: Span, other: str) -> str:
    """An item with another name in the place of one: `t-1` for `s-1`."""
    start = name.start - item.start
    return f"{item.text[:start]}{other}{item.text[start + name.end - name.start :]}"


def _points_of(domain: Domain | None, b: Build, scope: Scope, env: Environment) -> Iterator[str]:
    """What is a point of this domain: class values, at a bound index where they have an axis; and indices that are bound."""
    bound = {name: i.domain for name, i in env.items() if isinstance(i, Index) and b.ranges.settled(i)}
    for name, value in scope.names.items():
        if isinstance(value, Array) and value.classes is not None and value.classes == domain:
            places = [next((n for n, d in bound.items() if d == axis), None) for axis in value.axes]
            if None not in places:
                yield f"{name}[{', '.join(p for p in places if p)}]" if places else name
    yield from _indices_of(domain, b, env)


def _indices_of(domain: Domain | None, b: Build, env: Environment) -> list[str]:
    """Indices that are bound: those that run over this domain, then those that have no range yet, which this may be what they lack."""
    found = {name: i.domain if b.ranges.settled(i) else None for name, i in env.items() if isinstance(i, Index)}
    return sorted((n for n, d in found.items() if d is None or domain is None or d == domain), key=lambda n: found[n] is None)


def _place(
    b: Build, item: tree.Expr, array: Array, axis: int, node: tree.Index, site: Site, scope: Scope, env: Environment
) -> Place | Domain:
    domain, name = array.axes[axis], node.base.span.text
    try:
        value = first(b.evaluate(item, scope, env))
    except Broken as broken:
        raise Broken(in_brackets(broken.problem, node, item, domain, b, scope, env)) from None
    edge = scope.edges.get(array.variable, {}).get(axis) if array.variable else None
    if isinstance(value, Domain):
        b.reads.append(PlannedRead(Affine(value.lo), domain, axis, name, item.span, site=site))
        b.reads.append(PlannedRead(Affine(value.hi), domain, axis, name, item.span, site=site))
        return value
    place = as_place(value)
    if place is None:
        raise Broken(NotApplicable(item.span, "an index", sort_text(value), "an index is a whole number, an index or a class value"))
    if name in scope.unread:
        if not b.judging:
            raise Silenced
        edge = Edge(sides={"low", "high"})  # what lies outside may be said there
    if isinstance(place, Affine):
        b.ranges.note(Use(place, domain, item.span, name, edge is not None, axis, array.variable))
        b.reads.append(PlannedRead(place, domain, axis, name, item.span, edge, array.variable in b.recurrent, site))
    elif isinstance(place, Read) and place.variable.tree and (value.classes == domain if isinstance(value, Array) else False):
        if array.variable is not None and array.variable.kind is Kind.TEMPORARY:
            array.variable.fill = 0.0  # what a child that is not there gives, before it is left out
    elif isinstance(value, Array) and value.classes is not None:
        if may_reach(value.classes.lo, domain.lo - 1) or may_reach(domain.hi + 1, value.classes.hi):
            raise Broken(ClassTooLarge(item.span, name, str(domain), str(value.classes)))
    elif isinstance(value, Array) and value.type is Type.REAL:
        raise Broken(NotApplicable(item.span, "an index", sort_text(value)))
    return place
