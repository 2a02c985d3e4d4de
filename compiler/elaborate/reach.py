"""Where an equation that was given up reads: ranges that contradict each other, windows that do not fit, reads outside a domain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netc.compiler.diagnostics.problems.domains import EmptyRange, RangesDiffer, ReadOutside
from netc.compiler.elaborate.edges import Edge
from netc.compiler.elaborate.left import Defining, Region, is_boundary, parts_of, read_left, target_names, targets
from netc.compiler.elaborate.scope import Broken, Build, Environment, PlannedRead, Scope, Silenced
from netc.compiler.source.text import Span
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
    known = [i for i in (*own, *(around or {}).values()) if isinstance(i, Index) and b.ranges.settled(i)]
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
            domain = declared[axis] if declared is not None and axis < len(declared) else index.domain
            read = PlannedRead(place, domain, axis, name, item.span, _edge(b, name, axis, group, scope), True)
            _check(b, read, scope)


def _told(b: Build, read: PlannedRead) -> bool:
    """Whether a point that this lacks is one that was asked for already."""
    asked = {p for x in b.reporter.problems if isinstance(x, ReadOutside) for p in x.missing}
    try:
        read.check()
    except Broken as broken:
        return isinstance(broken.problem, ReadOutside) and not asked.isdisjoint(broken.problem.missing)
    return True


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
    if read.itself and _told(b, read):
        return
    try:
        read.check()
    except Broken as broken:
        b.report(broken.problem, scope)


def _nodes(value: object) -> Iterator[object]:
    stack = [value]
    while stack:
        x = stack.pop()
        yield x
        stack.extend(x if isinstance(x, tuple) else parts_of(x))
