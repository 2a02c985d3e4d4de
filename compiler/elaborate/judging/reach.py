"""Where an equation that was given up reads: ranges that contradict each other, windows that do not fit, reads outside a domain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netc.compiler.diagnostics.problems.domains import EmptyRange, RangesDiffer, ReadOutside
from netc.compiler.elaborate.left import Defining, Region, is_boundary, parts_of, read_left, target_names, targets
from netc.compiler.elaborate.ranges.edges import Edge
from netc.compiler.elaborate.ranges.planned import PlannedRead, Site
from netc.compiler.elaborate.scope import Broken, Build, Environment, Scope, Silenced
from netc.compiler.elaborate.values import Array, Poison, first
from netc.compiler.source.text import Span
from netc.compiler.statements.domains import Domain
from netc.compiler.statements.expressions import Affine, Index
from netc.compiler.syntax import tree


def judge_ranges(b: Build, env: Environment, span: Span, scope: Scope, around: Environment | None = None) -> None:
    """Indices without a range that suits all reads that are known; and reads outside a domain, where an index has its range."""
    own = [i for i in env.values() if isinstance(i, Index)]
    told = [p for p in b.reporter.problems if isinstance(p, RangesDiffer)]
    for conflict in b.ranges.conflicts(own):
        if not any(isinstance(conflict, RangesDiffer) and conflict.crosses(p) for p in told):
            b.report(conflict, scope)
    for index in own:
        problem = b.ranges.resolve((index,), span)
        if isinstance(problem, EmptyRange):
            b.report(problem, scope)
    known = [i for i in (*own, *(around or {}).values()) if isinstance(i, Index) and b.ranges.settled(i) and b.ranges.disagreement((i,)) is None]
    for read in b.reads:
        if all(i in known for i in read.place.indices):
            _check(b, read, scope)


def judge_beginnings(b: Build, statement: Defining, group: Sequence[Defining], scope: Scope, env: Environment) -> None:
    """Reads of earlier or later points of what is computed here, where no boundary equation gives the first of them."""
    own = {n.name for s in group for n in target_names(s)}
    for node in _nodes(statement.value):
        if not isinstance(node, tree.Index) or not isinstance(node.base, tree.Name) or node.base.name not in own:
            continue
        name, declared = node.base.name, scope.declared.get(node.base.name)
        for axis, item in enumerate(node.items):
            try:
                place = b.evaluate(item, scope, env)
            except (Broken, Silenced):
                continue
            index = place.plain if isinstance(place, Affine) else None
            if index is None or index not in env.values() or not b.ranges.settled(index) or not _plain(name, axis, group, b, scope):
                continue
            assert isinstance(place, Affine)
            axes = declared or _axes(name, scope)
            domain = axes[axis] if axis < len(axes) else index.domain
            site = Site(axes, tuple(i.span.text for i in node.items), recurrent=True, net=b.net)
            _check(b, PlannedRead(place, domain, axis, name, item.span, _edge(b, name, axis, group, scope), True, site), scope)


def _axes(name: str, scope: Scope) -> tuple[Domain, ...]:
    """The axes of what failed, where they are known all the same."""
    value = scope.names.get(name)
    sized = first(value.sized) if isinstance(value, Poison) and value.sized is not None else None
    return sized.axes if isinstance(sized, Array) else ()


def _told(b: Build, found: ReadOutside) -> bool:
    """Whether all points that this lacks were asked for already."""
    asked = {p for x in b.reporter.problems if isinstance(x, ReadOutside) for p in x.missing}
    return asked.issuperset(found.missing)


def _plain(name: str, axis: int, group: Sequence[Defining], b: Build, scope: Scope) -> bool:
    """Whether the axis is what an index on the left ranges over: in each equation of the name, or in the one that says a range."""
    items = [t.items[axis] if axis < len(t.items) else None for s in group if not is_boundary(b, s, scope) for t in _targets_of(s, name)]
    alone = len(items) == 1 and name not in scope.declared
    return all(isinstance(i, tree.Name) or alone and isinstance(i, tree.Compare) and i.operator == "in" for i in items)


def _targets_of(statement: Defining, name: str) -> list[tree.Index]:
    return [t for t in targets(statement) if isinstance(t, tree.Index) and isinstance(t.base, tree.Name) and t.base.name == name]


def _edge(b: Build, name: str, axis: int, group: Sequence[Defining], scope: Scope) -> Edge:
    """What the boundary equations of a name give beyond an axis."""
    edge = Edge(sides={"low", "high"} if name in scope.unread else set())
    for target in (t for s in group if is_boundary(b, s, scope) for t in _targets_of(s, name)):
        try:
            left = read_left(b, target, scope, {})
            item = left.items[axis]
        except (Broken, Silenced, IndexError):
            continue
        if isinstance(item, Affine) and not item.terms:
            edge.points.setdefault(item.const, left.span)
        elif isinstance(item, Region):
            edge.sides.add(item.side)
    return edge


def _check(b: Build, read: PlannedRead, scope: Scope) -> None:
    found = read.outside()
    if found is not None and not (read.itself and _told(b, found)):
        b.report(found, scope)


def _nodes(value: object) -> Iterator[object]:
    stack = [value]
    while stack:
        x = stack.pop()
        yield x
        stack.extend(x if isinstance(x, tuple) else parts_of(x))
