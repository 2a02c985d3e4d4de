"""What can still be said of an equation that was given up because of a mistake, here or elsewhere.

Its parts are evaluated one by one, for their problems alone: each mistake is told in one run. What depends on a part that
is not known says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.domains import EmptyRange, RangesDiffer, ReadOutside
from netc.compiler.diagnostics.problems.likelihood import SoftmaxTwice
from netc.compiler.diagnostics.problems.names import UnknownName
from netc.compiler.elaborate.edges import Edge
from netc.compiler.elaborate.indexing import in_brackets
from netc.compiler.elaborate.left import (
    Defining,
    Region,
    index_names,
    is_boundary,
    parts_of,
    read_left,
    target_names,
    targets,
    used_names,
)
from netc.compiler.elaborate.ranges import fresh
from netc.compiler.elaborate.reductions import inside
from netc.compiler.elaborate.scope import Broken, Build, Environment, PlannedRead, Scope, Silenced
from netc.compiler.elaborate.values import lifted
from netc.compiler.source.text import Span
from netc.compiler.statements.expressions import Affine, Index
from netc.compiler.syntax import tree

_STEPS = 8  # names that are followed from a likelihood to the softmax that they stand for


def judge(b: Build, statement: Defining, scope: Scope, group: Sequence[Defining] = ()) -> None:
    """Report what is wrong in the parts of an equation; `group` are those that it is computed together with."""
    with b.trial(report=True):
        env: Environment = {}
        try:
            for target in targets(statement):
                read_left(b, target, scope, env)
        except (Broken, Silenced):
            env = {name: fresh(name) for t in targets(statement) if isinstance(t, tree.Index) for name in index_names(b, t.items, scope)}
        _names(b, statement.value, targets(statement), scope, env)
        _parts(b, statement.value, scope, env)
        _ranges(b, env, statement.span, scope)
        if not is_boundary(b, statement, scope):
            _beginnings(b, statement, group, scope, env)


def judge_likelihood(b: Build, statement: tree.Likelihood, scope: Scope, env: Environment) -> None:
    """As `judge`, of what stands on the right of `~`."""
    call = statement.distribution
    if not isinstance(call, tree.Call) or not isinstance(call.function, tree.Name):
        return
    parts = (*(a.value for a in call.arguments), *((statement.where,) if statement.where is not None else ()))
    with b.trial(report=True):
        _names(b, parts, (statement.target,), scope, env)
        for part in parts:
            _parts(b, part, scope, env)
        _ranges(b, env, statement.span, scope)
    inner = _softmax_written(call.arguments[0].value, scope) if call.arguments and call.function.name == "softmax" else None
    if inner is not None:
        b.report(SoftmaxTwice(call.span, inner.span), scope)


def _softmax_written(node: tree.Expr | None, scope: Scope) -> tree.Expr | None:
    """The softmax that a value is, as far as its names lead."""
    for _ in range(_STEPS):
        if isinstance(node, tree.Call):
            function = node.function.base if isinstance(node.function, tree.Index) else node.function
            return node if isinstance(function, tree.Name) and function.name == "softmax" else None
        base = node.base if isinstance(node, tree.Index) else node
        node = scope.defined.get(base.name) if isinstance(base, tree.Name) else None
    return None


# ---- the parts of an expression --------------------------------------------------------------------------------------


def _parts(b: Build, node: object, scope: Scope, env: Environment) -> None:
    """The largest parts that have a value of their own; the problems of the others."""
    if not isinstance(node, tree.Expr):
        return
    try:
        b.evaluate(node, scope, env)
        return
    except Broken as broken:
        if not isinstance(broken.problem, UnknownName):  # `_names` knows which are bound further in
            b.report(broken.problem, scope)
    except Silenced:
        pass
    if isinstance(node, tree.Call) and isinstance(node.function, tree.Index) and isinstance(node.function.base, tree.Name):
        inner = inside(b, node.function.base.name, node.function.items, scope, env)
        for argument in node.arguments:
            _parts(b, argument.value, scope, inner)
        _ranges(b, {name: index for name, index in inner.items() if env.get(name) is not index}, node.span, scope, env)
        return
    for part in _within(b, node, scope, env):
        _parts(b, part, scope, env)


def _within(b: Build, node: tree.Expr, scope: Scope, env: Environment) -> Iterator[tree.Expr]:
    match node:
        case tree.Call(function=function, arguments=arguments):
            if isinstance(function, tree.Name) and function.name == "repeat":
                return  # its first argument binds a name
            yield from (function, *(a.value for a in arguments)) if isinstance(function, tree.Call) else (a.value for a in arguments)
        case tree.Conditional(condition=condition, then=then, otherwise=otherwise):
            yield condition
            try:
                known = b.evaluate(condition, scope, env)
            except (Broken, Silenced):
                known = None
            yield from (then if known else otherwise,) if isinstance(known, bool | int | float) else (then, otherwise)
        case tree.Index(items=items):
            yield from (i for i in items if not isinstance(i, tree.Star))
        case tree.Attribute(base=base):
            yield base
        case _:
            for part in parts_of(node):
                yield from (x for x in (part if isinstance(part, tuple) else (part,)) if isinstance(x, tree.Expr))


def _names(b: Build, value: object, left: Sequence[tree.Expr], scope: Scope, env: Environment) -> None:
    """Names that nothing defines; what the equation binds itself, as an index, is known."""
    nodes = list(_nodes(value))
    bound = {name for part in (*left, *filter(None, map(_binding, nodes))) for name in used_names(part)}
    around = {item: node for node in nodes if isinstance(node, tree.Index) for item in node.items}
    for node in nodes:
        if isinstance(node, tree.Name) and node.name not in bound:
            try:
                b.evaluate(node, scope, {})
            except Broken as broken:
                b.report(_in_place(broken.problem, around.get(node), node, b, scope, env), scope)
            except Silenced:
                pass


def _in_place(problem: Problem, around: tree.Index | None, node: tree.Name, b: Build, scope: Scope, env: Environment) -> Problem:
    """The problem of a name, with what its bracket says."""
    if around is None:
        return problem
    try:
        array = lifted(b.evaluate(around.base, scope, env))
    except (Broken, Silenced):
        array = None
    axis = around.items.index(node)
    known = array is not None and axis < array.rank and not any(isinstance(i, tree.Star) for i in around.items)
    return in_brackets(problem, around, node, array.axes[axis] if array is not None and known else None, b, scope, env)


def _binding(node: object) -> object:
    """What binds names: the bracket of `sum[i](...)`, the left of `l in 1..10`."""
    match node:
        case tree.Call(function=tree.Index(items=items)):
            return items
        case tree.Compare(operator="in", left=left):
            return left
        case _:
            return None


def _nodes(value: object) -> Iterator[object]:
    stack = [value]
    while stack:
        x = stack.pop()
        yield x
        stack.extend(x if isinstance(x, tuple) else parts_of(x))


# ---- where it reads --------------------------------------------------------------------------------------------------


def _ranges(b: Build, env: Environment, span: Span, scope: Scope, around: Environment | None = None) -> None:
    """Indices without a range that suits all reads that are known; and reads outside a domain, where an index has its range."""
    own = [i for i in env.values() if isinstance(i, Index)]
    for index in own:
        problem = b.ranges.resolve((index,), span)
        if isinstance(problem, RangesDiffer | EmptyRange):
            b.report(problem, scope)
    known = [i for i in (*own, *(around or {}).values()) if isinstance(i, Index) and b.ranges.settled(i)]
    for read in b.reads:
        if all(i in known for i in read.place.indices):
            _check(b, read, scope)


def _beginnings(b: Build, statement: Defining, group: Sequence[Defining], scope: Scope, env: Environment) -> None:
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
            if not _told(b, read):
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
    """Whether the axis is what an index on the left ranges over, in each equation of the name."""
    return all(axis < len(t.items) and isinstance(t.items[axis], tree.Name) for s in group if not is_boundary(b, s, scope) for t in _targets_of(s, name))


def _targets_of(statement: Defining, name: str) -> list[tree.Index]:
    return [t for t in targets(statement) if isinstance(t, tree.Index) and isinstance(t.base, tree.Name) and t.base.name == name]


def _edge(b: Build, name: str, axis: int, group: Sequence[Defining], scope: Scope) -> Edge:
    """What the boundary equations of a name give beyond an axis."""
    edge = Edge()
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
    try:
        read.check()
    except Broken as broken:
        b.report(broken.problem, scope)
