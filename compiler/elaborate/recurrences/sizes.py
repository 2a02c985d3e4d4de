"""Equations that are computed from themselves: their sizes are found first, then each becomes a piece of its variable."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from netc.compiler.diagnostics.problems.domains import RangeUnknown
from netc.compiler.diagnostics.problems.sizes import SizesOpen
from netc.compiler.elaborate.layers.instances import no_value
from netc.compiler.elaborate.layers.types import declared
from netc.compiler.elaborate.left import (
    Defining,
    Left,
    is_boundary,
    parts_of,
    read_left,
    target_names,
    targets,
    used_names,
)
from netc.compiler.elaborate.scope import Broken, Build, Environment, Scope, Silenced, reading
from netc.compiler.elaborate.values import Array, Outputs, Value, first, lifted
from netc.compiler.statements.domains import Domain
from netc.compiler.statements.expressions import Affine, Index, Kind, Number, Type, Variable
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
    found, problem, lacking = _search(b, group, scope)
    unknown = next((n for n, f in found.items() if f.axes is None), None)
    if unknown is not None:
        if not scope.unread.isdisjoint(found):
            raise Silenced  # what could not be read may say
        first_use = next(n for s in group for n in target_names(s) if n.name == unknown)
        raise problem or Broken(_open(b, lacking.get(unknown, ""), first_use, group, scope))
    return found


def _open(b: Build, index: str, name: tree.Name, group: Sequence[Defining], scope: Scope) -> SizesOpen:
    """That nothing says how large a variable is; where it lacks the range of an index, with one that it may have."""
    if not index:
        return SizesOpen(name.span, name.name)
    lefts = [t for s in group for t in targets(s) if isinstance(t, tree.Index) and t.base.span.text == name.name]
    target = next(t for t, s in ((t, s) for s in group for t in targets(s)) if t in lefts and not is_boundary(b, s, scope))
    assert isinstance(target, tree.Index)
    axis = next((k for k, i in enumerate(target.items) if index in used_names(i)), 0)
    taken = _taken([*target.items[:axis], *target.items[axis + 1 :]], group)
    inputs = [
        (v.name, a) for v in b.variables.values() if v.kind is Kind.INPUT and v.name not in taken
        for a in v.axes[:1] if (len(v.axes) > 1 or not a.known) and str(a) not in taken
    ]  # fmt: skip
    classes = _classes_of(index, group, scope)
    other = Domain(0, 9) if axis else Domain(1, 10)
    place, domain = ("", classes) if classes else min(inputs, key=lambda v: v[1].known, default=("", other))  # a sequence, where there is one
    lo, hi = domain.lo, domain.hi
    for t in lefts:
        point = t.items[axis].span.text if axis < len(t.items) else ""
        lo = lo + 1 if point == str(lo) else lo
        hi = hi - 1 if point == str(hi) else hi
    items = [i.span.text for i in target.items]
    items[axis] = f"{index} in {lo}..{hi}"
    return SizesOpen(
        target.span, name.name, index, _indexed(group, index), f"{name.name}[{', '.join(items)}]", f"{place}[{index}]" if place else "",
        not isinstance(target.items[axis], tree.Name),
    )  # fmt: skip


def _nodes(group: Sequence[Defining]) -> Iterator[object]:
    """All that stands on the right."""
    stack: list[object] = [s.value for s in group]
    while stack:
        x = stack.pop()
        yield x
        stack.extend(x if isinstance(x, tuple) else parts_of(x))


def _taken(others: Sequence[tree.Expr], group: Sequence[Defining]) -> set[str]:
    """What the other indices on the left run over: the names that are read at them, and ranges that are written there."""
    names = {n for i in others for n in used_names(i)}
    ranges = {i.right.span.text for i in others if isinstance(i, tree.Compare)}
    return ranges | {x.base.span.text for x in _nodes(group) if isinstance(x, tree.Index) and not names.isdisjoint(used_names(x.items))}


def _classes_of(index: str, group: Sequence[Defining], scope: Scope) -> Domain | None:
    """The classes that an index is compared with: `x[t] == j`."""
    for x in _nodes(group):
        if isinstance(x, tree.Compare) and x.operator in ("==", "!="):
            sides = (x.left, x.right) if isinstance(x.right, tree.Name) and x.right.name == index else (x.right, x.left)
            base = sides[0].base if isinstance(sides[0], tree.Index) else sides[0]
            value = scope.names.get(base.name) if isinstance(base, tree.Name) else None
            if isinstance(sides[1], tree.Name) and sides[1].name == index and isinstance(value, Array) and value.classes is not None:
                return value.classes
    return None


def _indexed(group: Sequence[Defining], index: str) -> tuple[str, ...]:
    """The names of the group that are read at an index."""
    found: dict[str, None] = {}
    stack: list[object] = [s.value for s in reversed(group)]
    while stack:
        x = stack.pop()
        if isinstance(x, tree.Index) and index in used_names(x.items):
            found[x.base.span.text] = None
        stack.extend(reversed(x if isinstance(x, tuple) else parts_of(x)))
    return tuple(found)


def probable_sizes(b: Build, group: Sequence[Defining], scope: Scope) -> dict[str, Array]:
    """The sizes of those variables of a group that can be found although it depends on what failed."""
    try:
        with b.trial(guess=True):
            found, _, _ = _search(b, group, scope)
    except (Broken, Silenced):
        return {}
    return {n: reading(Variable(n, f.axes, type=f.type, classes=f.classes)) for n, f in found.items() if f.axes is not None}


def _search(b: Build, group: Sequence[Defining], scope: Scope) -> tuple[dict[str, Found], Broken | None, dict[str, str]]:
    """What is found of each variable, the first problem met, and of those that lack the range of an index, which."""
    found = {n.name: Found(scope.declared.get(n.name)) for s in group for n in target_names(s)}
    for statement in group:
        if isinstance(statement, tree.Equation) and statement.type is not None:
            name = target_names(statement)[0].name
            kind = declared(b, statement.type, scope)
            found[name] = Found(kind.axes, type=kind.type, classes=kind.classes)
    problem: Broken | None = None
    lacking: dict[str, str] = {}
    single = False
    while any(f.axes is None for f in found.values()):
        moved = False
        for statement in group:
            if all(found[n.name].axes is not None for n in target_names(statement)):
                continue
            try:
                moved = _try(b, statement, scope, found, single) or moved
            except Broken as broken:
                if isinstance(broken.problem, RangeUnknown) and any(broken.problem.index in used_names(t) for t in targets(statement)):
                    lacking.update({n.name: broken.problem.index for n in target_names(statement)})
                else:
                    problem = problem or broken
            except Silenced:
                if not b.guessing:
                    raise
            if moved and single:
                break
        if not moved and (single or b.guessing):
            break
        single = not moved
    return found, problem, lacking


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
