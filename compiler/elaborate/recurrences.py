"""Equations that are computed from themselves: their sizes are found first, then each becomes a piece of its variable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netc.compiler.diagnostics.problems.domains import RangeUnknown
from netc.compiler.diagnostics.problems.sizes import SizesOpen
from netc.compiler.elaborate.instances import no_value
from netc.compiler.elaborate.left import Defining, Left, is_boundary, read_left, target_names, targets
from netc.compiler.elaborate.scope import Broken, Build, Environment, Scope, Silenced, reading
from netc.compiler.elaborate.types import declared
from netc.compiler.elaborate.values import Array, Outputs, Value, first, lifted
from netc.compiler.statements.domains import Domain
from netc.compiler.statements.expressions import Affine, Index, Number, Type, Variable
from netc.compiler.syntax import tree


@dataclass
class Found:
    """What is known of a variable of the recurrence: all its axes, or those behind the places on the left."""

    axes: tuple[Domain, ...] | None = None
    rest: tuple[Domain, ...] | None = None
    places: tuple[Domain | None, ...] = ()  # the axes on the left, as far as a boundary equation tells
    type: Type = Type.REAL
    classes: Domain | None = None


def find_sizes(b: Build, group: Sequence[Defining], scope: Scope) -> dict[str, Found]:
    """The sizes of all variables of a group. Raises Broken where nothing says what they are.

    Each equation is evaluated for its sizes alone, with what is not known yet standing aside: in a sum or a product the
    other operand tells. What has been found helps the next; where nothing moves, an unknown is taken for one number.
    """
    found, problem = _search(b, group, scope)
    unknown = next((n for n, f in found.items() if f.axes is None), None)
    if unknown is not None:
        if not scope.unread.isdisjoint(found):
            raise Silenced  # what could not be read may say
        first_use = next(n for s in group for n in target_names(s) if n.name == unknown)
        raise problem or Broken(SizesOpen(first_use.span, unknown))
    return found


def probable_sizes(b: Build, group: Sequence[Defining], scope: Scope) -> dict[str, Array]:
    """The sizes of those variables of a group that can be found although it depends on what failed."""
    try:
        with b.trial(guess=True):
            found, _ = _search(b, group, scope)
    except (Broken, Silenced):
        return {}
    return {n: reading(Variable(n, f.axes, type=f.type, classes=f.classes)) for n, f in found.items() if f.axes is not None}


def _search(b: Build, group: Sequence[Defining], scope: Scope) -> tuple[dict[str, Found], Broken | None]:
    """What is found of each variable, and the first problem met."""
    found = {n.name: Found(scope.declared.get(n.name)) for s in group for n in target_names(s)}
    for statement in group:
        if isinstance(statement, tree.Equation) and statement.type is not None:
            name = target_names(statement)[0].name
            kind = declared(b, statement.type, scope)
            found[name] = Found(kind.axes, type=kind.type, classes=kind.classes)
    problem: Broken | None = None
    single = False
    while any(f.axes is None for f in found.values()):
        moved = False
        for statement in group:
            if all(found[n.name].axes is not None for n in target_names(statement)):
                continue
            try:
                moved = _try(b, statement, scope, found, single) or moved
            except Broken as broken:
                if not isinstance(broken.problem, RangeUnknown):
                    problem = problem or broken
            except Silenced:
                if not b.guessing:
                    raise
            if moved and single:
                break
        if not moved and (single or b.guessing):
            break
        single = not moved
    return found, problem


def _try(b: Build, statement: Defining, scope: Scope, found: dict[str, Found], single: bool) -> bool:
    """Evaluate one equation for its sizes; whether something new was learnt."""
    names, spans, declared_before = dict(scope.names), dict(scope.spans), dict(scope.declared)
    env: Environment = {}
    try:
        with b.trial():
            for name, known in found.items():
                scope.names[name] = _stand_in(name, known)
                if known.axes is not None:
                    scope.declared[name] = known.axes
            lefts = [read_left(b, t, scope, env) for t in targets(statement)]
            assert statement.value is not None
            value = b.evaluate(statement.value, scope, env)
            values = list(value.values.values()) if isinstance(value, Outputs) else [value]
            if isinstance(value, list):
                raise Broken(no_value(value, statement.value))
            return any([_learn(b, left, v, found, is_boundary(b, statement, scope), single) for left, v in zip(lefts, values, strict=False)])
    finally:
        scope.names, scope.spans, scope.declared = names, spans, declared_before


def _stand_in(name: str, known: Found) -> Array:
    if known.axes is None:
        return Array((), lambda _: Number(0), known.type, known.classes, open=True, hints=known.places)
    return reading(Variable(name, known.axes, type=known.type, classes=known.classes))


def _learn(b: Build, left: Left, value: Value, found: dict[str, Found], boundary: bool, single: bool) -> bool:
    known = found[left.name]
    if known.axes is not None:
        return False
    array = lifted(first(value))
    if array is None:
        return False
    unsure = array.open or boundary and not array.axes
    if boundary:
        return _learn_from_boundary(b, left, array, unsure, known)
    rest = known.rest if unsure else array.axes
    if rest is None and single:
        rest = ()
    if rest is None:
        return False
    places = left.places()
    own = tuple(dict.fromkeys(i for p in places for i in p.indices))
    b.resolve(own, left.span)
    known.axes = (*(axis_of(p) for p in places), *rest)
    if not array.open:
        known.type, known.classes = array.type, array.classes
    return True


def _learn_from_boundary(b: Build, left: Left, array: Array, unsure: bool, known: Found) -> bool:
    """The axes that a boundary shares with its variable: those of free indices, and those of its value."""
    before = known.places, known.rest
    places = left.places()
    b.resolve(tuple(dict.fromkeys(i for p in places for i in p.indices)), left.span)
    known.places = tuple(axis_of(p) if p.terms else None for p in places)
    if not unsure:
        known.rest = array.axes
    return (known.places, known.rest) != before


def axis_of(place: object) -> Domain:
    """The points that a place on the left reaches."""
    assert isinstance(place, Affine)
    if place.plain is not None and place.const == 0:
        plain: Index = place.plain
        return plain.domain
    lo, hi = place.range()
    return Domain(lo, hi)
