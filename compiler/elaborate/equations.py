"""Equations: their order, their left sides, and what each defines."""

from __future__ import annotations

from dataclasses import dataclass

from netc.compiler.diagnostics.problems.causality import CycleWithoutDelay, NotYet
from netc.compiler.diagnostics.problems.domains import BoundaryUnread, LeftSideUnfit
from netc.compiler.diagnostics.problems.names import IndexShadows, NotApplicable
from netc.compiler.diagnostics.problems.sizes import AxesCount, DeclaredSizeDiffers
from netc.compiler.elaborate.ranges import fresh
from netc.compiler.elaborate.scope import Broken, Build, Environment, Scope, Silenced, reading
from netc.compiler.elaborate.types import declared
from netc.compiler.elaborate.values import (
    Array,
    Composition,
    LayerValue,
    Mapped,
    Outputs,
    Poison,
    StarIndices,
    Value,
    first,
    lifted,
    shape_text,
    sort_text,
)
from netc.compiler.source.text import Span
from netc.compiler.statements.domains import Domain
from netc.compiler.statements.expressions import Affine, Index, Kind, Variable, affine, reads
from netc.compiler.syntax import tree

Defining = tree.Equation | tree.Objective | tree.Output


@dataclass
class _Left:
    """One target of an equation: its name and what stands at each of its axes."""

    name: str
    span: Span
    items: list[Index | StarIndices | Affine | tuple[str, int]]  # the last: a boundary region, side and first point inside

    @property
    def boundary(self) -> bool:
        return any(isinstance(i, tuple) or isinstance(i, Affine) and not i.terms for i in self.items)


def target_names(statement: Defining) -> list[tree.Name]:
    """The names on the left side."""
    if not isinstance(statement, tree.Equation):
        return [statement.name]
    parts = statement.target.items if isinstance(statement.target, tree.TupleOf) else (statement.target,)
    found = [p.base if isinstance(p, tree.Index) else p for p in parts]
    return [f for f in found if isinstance(f, tree.Name)]


def used_names(node: object) -> set[str]:
    """All names in an expression."""
    found: set[str] = set()
    stack = [node]
    while stack:
        x = stack.pop()
        if isinstance(x, tree.Name):
            found.add(x.name)
        elif isinstance(x, tuple):
            stack.extend(x)
        elif hasattr(x, "__slots__") and not isinstance(x, Span):
            stack.extend(getattr(x, s) for s in x.__slots__ if s != "span")
    return found


def in_order(b: Build, statements: list[Defining], scope: Scope) -> list[Defining]:
    """Definitions before their uses; a boundary comes with its variable. Cycles are reported and left out."""
    by_name: dict[str, list[int]] = {}
    for k, statement in enumerate(statements):
        for name in target_names(statement):
            by_name.setdefault(name.name, []).append(k)
    needs: list[list[int]] = []
    for k, statement in enumerate(statements):
        used = used_names(statement.value)
        own = {n.name for n in target_names(statement)}
        region = _is_boundary(statement)
        # what reads a variable needs all its pieces; a boundary piece needs nothing of its own variable
        needs.append(sorted({j for n in used for j in by_name.get(n, ())} | ({k} if used & own and not region else set())))
    order: list[Defining] = []
    for component in components(needs):
        if len(component) == 1 and component[0] not in needs[component[0]]:
            order.append(statements[component[0]])
            continue
        _report_cycle(b, [statements[k] for k in component], scope)
    return order


def _is_boundary(statement: Defining) -> bool:
    target = statement.target if isinstance(statement, tree.Equation) else None
    return isinstance(target, tree.Index) and any(
        isinstance(i, tree.Number) or isinstance(i, tree.Compare) and i.operator != "in" for i in target.items
    )


def _report_cycle(b: Build, members: list[Defining], scope: Scope) -> None:
    indexed = any(isinstance(m, tree.Equation) and isinstance(m.target, tree.Index) for m in members)
    for m in members:
        for name in target_names(m):
            scope.names[name.name] = Poison()
    if indexed:
        b.report(NotYet(members[0].span, f"recurrences (`{target_names(members[0])[0].name}` is computed from itself)"), scope)
        return
    cycle = tuple((target_names(m)[0].name, m.span) for m in members)
    b.report(CycleWithoutDelay(members[0].span, cycle), scope)


def components(needs: list[list[int]]) -> list[list[int]]:
    """Strongly connected components, needs first (Tarjan 1972, without recursion)."""
    number: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on: set[int] = set()
    found: list[list[int]] = []
    for root in range(len(needs)):
        if root in number:
            continue
        work = [(root, iter(needs[root]))]
        number[root] = low[root] = len(number)
        stack.append(root)
        on.add(root)
        while work:
            v, rest = work[-1]
            following = next(rest, None)
            if following is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[v])
                if low[v] == number[v]:
                    member = stack.pop()
                    component = [member]
                    while member != v:
                        member = stack.pop()
                        component.append(member)
                    on -= set(component)
                    found.append(sorted(component))
            elif following not in number:
                number[following] = low[following] = len(number)
                stack.append(following)
                on.add(following)
                work.append((following, iter(needs[following])))
            elif following in on:
                low[v] = min(low[v], number[following])
    return found


# ---- one equation ----------------------------------------------------------------------------------------------------


def define(b: Build, statement: Defining, scope: Scope) -> None:
    """Elaborate one equation; what it fails to define is poison."""
    names = target_names(statement)
    if scope.net_level:
        scope.row = names[0].name
    scope.owner = names[0].name
    kept = len(b.pending), len(b.reads)
    try:
        _define(b, statement, scope)
    except Broken as broken:
        b.report(broken.problem, scope)
        _poison(b, names, scope, kept)
    except Silenced:
        _poison(b, names, scope, kept)


def _poison(b: Build, names: list[tree.Name], scope: Scope, kept: tuple[int, int]) -> None:
    del b.pending[kept[0] :], b.reads[kept[1] :]
    for name in names:
        scope.names[name.name] = Poison()


def _define(b: Build, statement: Defining, scope: Scope) -> None:
    env: Environment = {}
    targets: list[tree.Expr] = []
    role, type_ = None, None
    if isinstance(statement, tree.Equation):
        target = statement.target
        targets = list(target.items) if isinstance(target, tree.TupleOf) else [target]
        role, type_ = statement.role, statement.type
    else:
        targets = [statement.name]
    if type_ is not None:
        found = declared(b, type_, scope)
        scope.declared[target_names(statement)[0].name] = found.axes
    lefts = [_left(b, t, scope, env) for t in targets]
    assert statement.value is not None
    value = b.evaluate(statement.value, scope, env)
    if isinstance(first(value), LayerValue | Composition | Mapped) and isinstance(targets[0], tree.Name):
        scope.names[lefts[0].name] = _renamed(value, scope.qualified(lefts[0].name))
        scope.spans[lefts[0].name] = lefts[0].span
        return
    if isinstance(value, Outputs) and len(lefts) == 1 and not lefts[0].items:
        parts = {k: _store(b, _Left(f"{lefts[0].name}.{k}", lefts[0].span, []), v, statement, scope, role) for k, v in value.values.items()}
        scope.names[lefts[0].name] = Outputs(dict(parts))
        scope.spans[lefts[0].name] = lefts[0].span
        b.resolve((), statement.span)
        return
    values: list[Value] = list(value.values.values()) if isinstance(value, Outputs) else [value]
    if len(lefts) > 1 and len(values) != len(lefts):
        raise Broken(NotApplicable(statement.span, f"split into {len(lefts)} names", sort_text(value)))
    for left, part in zip(lefts, values, strict=False):
        if left.boundary:
            _boundary(b, left, part, statement, scope)
        else:
            scope.names[left.name] = _store(b, left, part, statement, scope, role)
            scope.spans[left.name] = left.span


def _renamed(value: Value, path: str) -> Value:
    """`cell = LSTMCell(H)`: the name itself is the path of the parameters."""
    if isinstance(value, LayerValue):
        return LayerValue(value.declaration, value.settings, path, value.call, value.text)
    return value


def _left(b: Build, target: tree.Expr, scope: Scope, env: Environment) -> _Left:
    if isinstance(target, tree.Name):
        return _Left(target.name, target.span, [])
    assert isinstance(target, tree.Index) and isinstance(target.base, tree.Name)
    name = target.base.name
    items = [_left_item(b, i, scope, env) for i in target.items]
    left = _Left(name, target.base.span, items)  # type: ignore[arg-type]
    axes = scope.declared.get(name)
    if axes is not None:
        _take_declared(b, left, axes, target.span)
    return left


def _left_item(b: Build, item: tree.Expr, scope: Scope, env: Environment) -> object:
    match item:
        case tree.Star():
            box = env.setdefault(f"*{item.name}", StarIndices(item.name))
            return box
        case tree.Name() if not isinstance(scope.names.get(item.name), int) or isinstance(scope.names.get(item.name), bool):
            known = scope.names.get(item.name)
            if known is not None and not isinstance(known, Poison) or item.name in scope.defined:
                raise Broken(IndexShadows(item.span, item.name, scope.spans.get(item.name)))
            return env.setdefault(item.name, fresh(item.name))
        case tree.Compare(operator="in", left=tree.Name() as left):
            index = fresh(left.name)
            domain = b.evaluate(item.right, scope, env)
            if isinstance(domain, int) and not isinstance(domain, bool):
                domain = Domain(0, domain - 1)
            if not isinstance(domain, Domain):
                raise Broken(NotApplicable(item.right.span, "a range", sort_text(domain), "write `a..b`"))
            b.ranges.fix(index, domain)
            env[left.name] = index
            return index
        case tree.Compare(left=tree.Name() as left):
            limit = b.evaluate(item.right, scope, {})
            if not isinstance(limit, int) or item.operator not in ("<", "<=", ">", ">="):
                raise Broken(LeftSideUnfit(item.span, "a boundary is `t <= a`, `t < a`, `t > a` or `t >= a`"))
            env[left.name] = fresh(left.name)
            side = "low" if item.operator in ("<", "<=") else "high"
            return side, limit + {"<": 0, "<=": 1, ">": 0, ">=": -1}[item.operator]
        case _:
            return _affine_item(b, item, scope, env)


def _affine_item(b: Build, item: tree.Expr, scope: Scope, env: Environment) -> Affine:
    for name in sorted(used_names(item)):
        if name not in scope.names and name not in b.module.names:
            env.setdefault(name, fresh(name))
    value = b.evaluate(item, scope, env)
    if isinstance(value, int) and not isinstance(value, bool):
        return Affine(value)
    if not isinstance(value, Affine):
        raise Broken(LeftSideUnfit(item.span, f"{sort_text(value)} cannot stand on the left side", "use indices, numbers and sums of them"))
    return value


def _take_declared(b: Build, left: _Left, axes: tuple[Domain, ...], span: Span) -> None:
    """A declared variable settles the ranges of the indices on its left side."""
    k = 0
    for item in left.items:
        if isinstance(item, StarIndices):
            count = len(axes) - (len(left.items) - 1)
            if item.indices is None:
                item.indices = tuple(affine(Index(f"{item.name}{j}", a)) for j, a in enumerate(axes[k : k + count]))
            k += count
            continue
        if k >= len(axes):
            raise Broken(AxesCount(span, left.name, len(axes), len(left.items)))
        if isinstance(item, Index) and item not in b.ranges.explicit:
            b.ranges.fix(item, axes[k])
        k += 1


def _places(left: _Left) -> list[Affine]:
    found: list[Affine] = []
    for item in left.items:
        if isinstance(item, Index):
            found.append(affine(item))
        elif isinstance(item, StarIndices):
            found += item.indices or ()
        elif isinstance(item, Affine):
            found.append(item)
    return found


def _store(b: Build, left: _Left, value: Value, statement: Defining, scope: Scope, role: object) -> Array:
    array = lifted(first(value))
    if array is None:
        raise Broken(NotApplicable(statement.value.span, "the value of an equation", sort_text(value)))  # type: ignore[union-attr]
    places = _places(left)
    own = tuple(dict.fromkeys(i for p in places for i in p.indices))
    b.resolve(own, statement.span)
    rest = tuple(Index(f"r{k}", axis) for k, axis in enumerate(array.axes))
    axes = (*(_axis(p, statement.span) for p in places), *array.axes)
    header = scope.declared.get(left.name)
    if header is not None and not array.axes and len(places) < len(header) and not left.items:
        rest = tuple(Index(f"r{k}", axis) for k, axis in enumerate(header))  # a single number fills
        array = Array(header, lambda _, a=array: a.at(()), array.type, array.classes)  # type: ignore[misc]
        axes = header
    if header is not None and axes != header:
        raise Broken(DeclaredSizeDiffers(statement.value.span, left.name, shape_text(header), shape_text(axes), scope.spans.get(left.name)))  # type: ignore[union-attr]
    b.resolve((), statement.span)
    variable = b.variable(
        scope.qualified(left.name), (*(i.domain for i in scope.context), *axes), Kind.TEMPORARY, array.type,
        span=statement.span, classes=array.classes,
    )  # fmt: skip
    place = (*map(affine, scope.context), *places, *map(affine, rest))
    b.emit(variable, place, (*scope.context, *own, *rest), array, rest, statement.span, scope.row, role)  # type: ignore[arg-type]
    b.resolve((), statement.span)
    return reading(variable, scope.context)


def _axis(place: Affine, span: Span) -> Domain:
    if place.plain is not None and place.const == 0:
        return place.plain.domain
    lo, hi = place.range()
    return Domain(lo, hi)


def _boundary(b: Build, left: _Left, value: Value, statement: Defining, scope: Scope) -> None:
    """`x[i < 0] = 0`: what lies beyond one end of an axis. The variable becomes a copy that reads the value there."""
    old = scope.names.get(left.name)
    if not isinstance(old, Array):
        raise Broken(LeftSideUnfit(left.span, f"`{left.name}` has no values inside its range yet", "define the variable itself too"))
    literal = first(value)
    regions = [(k, i) for k, i in enumerate(left.items) if isinstance(i, tuple)]
    if not regions or not isinstance(literal, int | float):
        raise Broken(NotYet(statement.span, "boundary equations with values that are computed, or for single points"))
    path = scope.qualified(left.name) + ".border"
    own = tuple(Index(f"r{k}", axis) for k, axis in enumerate(old.axes))
    variable = old.variable if old.variable is not None and old.variable.name.startswith(path) else None
    if variable is None:
        variable = b.variable(
            path, (*(i.domain for i in scope.context), *old.axes), Kind.TEMPORARY, old.type, span=statement.span, fill=float(literal)
        )
        place = (*map(affine, scope.context), *map(affine, own))
        b.emit(variable, place, (*scope.context, *own), old, own, statement.span, "")
    elif variable.fill != float(literal):
        raise Broken(NotYet(statement.span, "boundaries with different values on the two sides"))
    for k, (side, inside) in regions:
        axis = old.axes[k]
        if inside != (axis.lo if side == "low" else axis.hi):
            raise Broken(
                LeftSideUnfit(statement.span, f"this boundary begins at {inside}, and the axis {'begins' if side == 'low' else 'ends'} at {axis.lo if side == 'low' else axis.hi}", "a boundary takes up where the axis ends")
            )
        scope.open_sides.setdefault(variable, {}).setdefault(k, set()).add(side)
    scope.names[left.name] = reading(variable, scope.context)


def unread_boundaries(b: Build, scope: Scope) -> None:
    """Warn of boundaries that no read reaches."""
    for variable in scope.open_sides:
        outside = False
        for equation in b.equations:
            for read in reads(equation.value):
                if read.variable is variable:
                    outside = outside or _leaves(variable, read.indices)
        if not outside and variable.span is not None:
            b.report(BoundaryUnread(variable.span, variable.name.removesuffix(".border")), scope)


def _leaves(variable: Variable, places: tuple[object, ...]) -> bool:
    for axis, place in zip(variable.axes, places, strict=True):
        if isinstance(place, Affine):
            lo, hi = place.range()
            if isinstance(lo, int) and isinstance(axis.lo, int) and lo < axis.lo:
                return True
            if isinstance(hi, int) and isinstance(axis.hi, int) and hi > axis.hi:
                return True
    return False

