"""Equations: each group of those that belong together, and what each defines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Literal

from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.causality import NoOrder
from netc.compiler.diagnostics.problems.domains import ReadOutside
from netc.compiler.diagnostics.problems.sizes import DeclaredSizeDiffers, SizesOpen
from netc.compiler.elaborate.equations.boundaries import check_tiles, define_boundary, prepare_edges
from netc.compiler.elaborate.equations.cover import check_pieces
from netc.compiler.elaborate.equations.whole import check_whole
from netc.compiler.elaborate.expressions.unused import check_left
from netc.compiler.elaborate.judging.judged import judge
from netc.compiler.elaborate.judging.stand_ins import declared_sizes, in_doubt, poisoned
from netc.compiler.elaborate.layers.instances import no_value
from netc.compiler.elaborate.layers.types import declared
from netc.compiler.elaborate.left import (
    Defining,
    Left,
    is_boundary,
    names_in_part,
    read_left,
    target_names,
    targets,
    used_names,
)
from netc.compiler.elaborate.misapplied import unfit
from netc.compiler.elaborate.recurrences.circles import written_circle
from netc.compiler.elaborate.recurrences.directions import both_ways
from netc.compiler.elaborate.recurrences.sizes import axis_of, find_sizes, probable_sizes
from netc.compiler.elaborate.scope import Broken, Build, Environment, Scope, Silenced, reading
from netc.compiler.elaborate.values import (
    Array,
    Composition,
    LayerValue,
    Mapped,
    Outputs,
    Poison,
    Value,
    first,
    is_number,
    lifted,
    shape_text,
)
from netc.compiler.statements.domains import Domain
from netc.compiler.statements.expressions import Index, Kind, Variable, affine
from netc.compiler.syntax import tree


def define_group(b: Build, group: Sequence[Defining], scope: Scope) -> None:
    """Equations that need each other or share a variable: one alone, a variable with its boundaries, a recurrence."""
    names = {n.name for s in group for n in target_names(s)}
    for s in group if len(group) > 1 else ():
        _guarded(b, s, scope, partial(_declare, b, s, scope))
    boundaries = [s for s in group if is_boundary(b, s, scope)]
    mains = [s for s in group if s not in boundaries]
    recurrent = any(names & used_names(s.value) for s in mains)
    if recurrent and not any(isinstance(t, tree.Index) for s in mains for t in targets(s)):
        _report_cycle(b, mains, scope)
        return
    before = len(b.equations)
    if recurrent or len(group) > 1 and any(names_in_part(s) & scope.declared.keys() for s in mains):
        good = _define_together(b, mains, boundaries, scope)
    else:
        good = True
        for statement in mains:
            good = _guarded(b, statement, scope, partial(_define, b, statement, scope)) and good
        for statement in boundaries:
            good = _guarded(b, statement, scope, partial(define_boundary, b, statement, scope)) and good
    if good and len(group) > 1:
        _guarded(b, group[0], scope, partial(check_pieces, b, group, before, scope))


def _report_cycle(b: Build, members: Sequence[Defining], scope: Scope) -> None:
    for m in members:
        b.lost |= used_names(m.value)
        for name in target_names(m):
            scope.names[name.name] = Poison()
    circle = written_circle(b, members, scope)
    if circle is not None:  # else an index is missing, and that is told of its reads
        b.report(circle, scope)
    for m in members:
        judge(b, m, scope)


def define(b: Build, statement: Defining, scope: Scope) -> None:
    """Elaborate one equation that stands alone."""
    _guarded(b, statement, scope, partial(_define, b, statement, scope))


def _guarded(
    b: Build, statement: Defining, scope: Scope, make: Callable[[], object], group: Sequence[Defining] = (), sizes: Mapping[str, Array] = MappingProxyType({})
) -> bool:  # fmt: skip
    """Run; what fails to be defined is poison, and its parts, with those of its group, are judged by themselves.

    Its sizes may be known all the same: where it depends on what failed, or lacks nothing but a boundary or a piece.
    """
    names = target_names(statement)
    if scope.net_level:
        scope.row = names[0].name
    scope.owner, scope.widened = names[0].name, isinstance(statement, tree.Equation)
    kept = len(b.pending), len(b.reads), len(b.equations)
    before = len(b.reporter.told)
    problem: Problem | None = None
    try:
        make()
        return True
    except Broken as broken:
        problem = broken.problem
    except Silenced:
        pass
    circle = written_circle(b, group, scope) if group else None
    if circle is not None:
        b.report(circle, scope)
    if isinstance(problem, ReadOutside) and problem.missing:
        problem = both_ways(b, group, scope) or problem
    if problem is not None and not (circle and isinstance(problem, SizesOpen | NoOrder)):
        b.report(problem, scope)
    del b.pending[kept[0] :], b.reads[kept[1] :]
    b.failed |= set(b.equations[kept[2] :])
    bounded = {n.name for s in group if is_boundary(b, s, scope) for n in target_names(s)}
    for failed in group or (statement,):
        b.lost |= used_names(failed.value)
        if not is_boundary(b, failed, scope):
            b.reporter.give_up(failed.span)
        for name in target_names(failed):
            known = None if in_doubt(b.reporter.told[before:]) else sizes.get(name.name) or declared_sizes(name.name, scope)
            scope.names[name.name] = poisoned(b, known, name.name in bounded, scope)
    for failed in group or (statement,):
        found = judge(b, failed, scope, group)
        for target, sized in found.items() if not in_doubt(b.reporter.told[before:]) else ():
            scope.names[target] = poisoned(b, sizes.get(target) or sized, target in bounded, scope)
    return False


# ---- one equation ----------------------------------------------------------------------------------------------------


def _role(statement: Defining) -> Literal["gate", "attention"] | None:
    return statement.role if isinstance(statement, tree.Equation) else None


def _declare(b: Build, statement: Defining, scope: Scope) -> None:
    if isinstance(statement, tree.Equation) and statement.type is not None:
        scope.declared[target_names(statement)[0].name] = declared(b, statement.type, scope).axes


def _define(b: Build, statement: Defining, scope: Scope) -> None:
    env: Environment = {}
    _declare(b, statement, scope)
    lefts = [read_left(b, t, scope, env) for t in targets(statement)]
    assert statement.value is not None
    check_left(b, statement, scope, env)
    value = b.evaluate(statement.value, scope, env)
    if isinstance(first(value), LayerValue | Composition | Mapped) and len(lefts) == 1 and isinstance(targets(statement)[0], tree.Name):
        scope.names[lefts[0].name] = _renamed(value, scope.qualified(lefts[0].name))
        scope.spans[lefts[0].name] = lefts[0].span
        return
    if isinstance(value, Outputs) and len(lefts) == 1 and not lefts[0].items:
        parts = {k: _store(b, Left(f"{lefts[0].name}.{k}", lefts[0].span, []), v, statement, scope) for k, v in value.values.items()}
        scope.names[lefts[0].name] = Outputs(dict(parts))
        scope.spans[lefts[0].name] = lefts[0].span
        b.resolve((), statement.span)
        return
    for left, part in zip(lefts, _parts(value, len(lefts), statement), strict=False):
        stored = scope.names[left.name] = _store(b, left, part, statement, scope)
        scope.spans[left.name] = left.span
        check_whole(b, statement, left, _array(part, statement), stored.axes, scope, env)


def _parts(value: Value, count: int, statement: Defining) -> list[Value]:
    values: list[Value] = list(value.values.values()) if isinstance(value, Outputs) else [value]
    if count > 1 and len(values) != count:
        raise Broken(unfit(statement.span, f"split into {count} names", value))
    return values


def _renamed(value: Value, path: str) -> Value:
    """`cell = LSTMCell(H)`: the name itself is the path of the parameters."""
    if isinstance(value, LayerValue):
        return LayerValue(value.declaration, value.settings, path, value.call, value.text)
    return value


def _array(value: Value, statement: Defining) -> Array:
    array = lifted(first(value))
    if array is None:
        assert statement.value is not None
        raise Broken(no_value(value, statement.value))
    return array


def _filling(number: Array, axes: tuple[Domain, ...]) -> Array:
    """A single number, at every point of these axes."""
    return Array(axes, lambda _: number.at(()), number.type, number.classes)


def _store(b: Build, left: Left, value: Value, statement: Defining, scope: Scope) -> Array:
    array = _array(value, statement)
    places = left.places()
    own = tuple(dict.fromkeys(i for p in places for i in p.indices))
    b.resolve(own, statement.span)
    for one in places:
        check_tiles(one, left.span)
    rest = tuple(Index(f"r{k}", axis) for k, axis in enumerate(array.axes))
    axes = (*(axis_of(p) for p in places), *array.axes)
    header = scope.declared.get(left.name)
    if header is not None and is_number(first(value)) and not left.items:
        rest = tuple(Index(f"r{k}", axis) for k, axis in enumerate(header))  # a single number fills
        array = _filling(array, header)
        axes = header
    if header is not None and axes != header:
        raise Broken(_differs(left, header, axes, array, statement, scope))
    b.resolve((), statement.span)
    variable = b.variable(
        scope.qualified(left.name), (*(i.domain for i in scope.context), *axes), Kind.TEMPORARY, array.type,
        span=statement.span, classes=array.classes,
    )  # fmt: skip
    place = (*map(affine, scope.context), *places, *map(affine, rest))
    b.emit(variable, place, (*scope.context, *own, *rest), array, rest, statement.span, scope.row, _role(statement))
    b.resolve((), statement.span)
    return reading(variable, scope.context)


def _differs(
    left: Left, wanted: tuple[Domain, ...], found: tuple[Domain, ...], array: Array, statement: Defining, scope: Scope
) -> DeclaredSizeDiffers:  # fmt: skip
    """What is found is not what was declared. One number where a vector is wanted is often the wrong product."""
    value = statement.value
    assert value is not None
    short = not array.axes and len(found) < len(wanted)
    product = short and isinstance(value, tree.Binary) and value.operator == "@"
    return DeclaredSizeDiffers(
        value.span, left.name, shape_text(wanted), shape_text(found), scope.spans.get(left.name), "product" if product else "number" if short else ""
    )


# ---- recurrences, and variables given in pieces ----------------------------------------------------------------------


def _define_together(b: Build, mains: Sequence[Defining], boundaries: Sequence[Defining], scope: Scope) -> bool:
    """Variables of known sizes first, then every equation as a piece of them; whether all went well."""
    everything = [*mains, *boundaries]
    before = len(b.equations)
    made: dict[str, Variable] = {}

    def declare() -> None:
        try:
            known = find_sizes(b, everything, scope)
        except Silenced:
            sizes.update(probable_sizes(b, everything, scope))
            raise
        for name, found in known.items():
            assert found.axes is not None
            made[name] = b.variable(
                scope.qualified(name), (*(i.domain for i in scope.context), *found.axes), Kind.TEMPORARY, found.type,
                span=mains[0].span, classes=found.classes,
            )  # fmt: skip
            b.recurrent.add(made[name])
            sizes[name] = scope.names[name] = reading(made[name], scope.context)
            scope.declared[name] = found.axes
        prepare_edges(b, boundaries, scope)
        if not scope.unread.isdisjoint(made):
            raise Silenced

    sizes: dict[str, Array] = {}
    b.together, around = True, b.together
    good = _guarded(b, mains[0], scope, declare, everything, sizes)
    for statement in everything:
        good = good and _guarded(b, statement, scope, partial(_piece, b, statement, made, scope), everything, sizes)
    b.together = around
    if not good:
        del b.equations[before:]
    for statement in everything:
        for name in target_names(statement):
            scope.spans.setdefault(name.name, name.span)
            if not good and not isinstance(scope.names.get(name.name), Poison):
                scope.names[name.name] = Poison()
    return good


def _piece(b: Build, statement: Defining, made: dict[str, Variable], scope: Scope) -> None:
    if is_boundary(b, statement, scope):
        define_boundary(b, statement, scope)
        return
    env: Environment = {}
    lefts = [read_left(b, t, scope, env) for t in targets(statement)]
    assert statement.value is not None
    value = b.evaluate(statement.value, scope, env)
    for left, part in zip(lefts, _parts(value, len(lefts), statement), strict=False):
        array, variable, places = _array(part, statement), made[left.name], left.places()
        variable.span = statement.span
        own = tuple(dict.fromkeys(i for p in places for i in p.indices))
        b.resolve(own, statement.span)
        for one in places:
            check_tiles(one, left.span)
        axes = scope.declared[left.name]
        fills = is_number(first(part)) and not array.open  # `h[t in 1..3] = 0`; a number that is computed is not broadcast
        if array.axes != axes[len(places) :] and not fills:
            raise Broken(_differs(left, axes, (*(axis_of(p) for p in places), *array.axes), array, statement, scope))
        rest = tuple(Index(f"r{k}", axis) for k, axis in enumerate(axes[len(places) :]))
        filled = _filling(array, axes[len(places) :]) if fills else array
        place = (*map(affine, scope.context), *places, *map(affine, rest))
        b.emit(variable, place, (*scope.context, *own, *rest), filled, rest, statement.span, scope.row, _role(statement))
        b.resolve((), statement.span)
        check_whole(b, statement, left, array, axes, scope, env)
