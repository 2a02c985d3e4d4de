"""Arrays that need storage of their own: named expressions, joins, borders, flattened arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from netc.compiler.diagnostics.problems.calls import NotApplicable
from netc.compiler.diagnostics.problems.sizes import JoinShapesDiffer
from netc.compiler.elaborate.scope import Broken, Build, Scope
from netc.compiler.elaborate.values import Array, Place, shape_text, sort_text
from netc.compiler.source.text import Span
from netc.compiler.statements.domains import Bound, Domain, sized
from netc.compiler.statements.expressions import (
    Affine,
    Index,
    IndexValue,
    Kind,
    Number,
    Read,
    Type,
    Variable,
    affine,
    free_indices,
)


def _within(array: Array, context: tuple[Index, ...]) -> tuple[tuple[Index, ...], tuple[Index, ...]]:
    """Indices for the array's own axes, and the indices of the surrounding equation that it depends on."""
    own = tuple(Index(f"r{k}", axis) for k, axis in enumerate(array.axes))
    found = free_indices(array.at([affine(i) for i in own]))
    outer = tuple(i for i in found if i not in own)
    return own, (*(i for i in context if i in outer), *(i for i in outer if i not in context))


def stored(b: Build, path: str, axes: tuple[Domain, ...], outer: tuple[Index, ...], like: Array, span: Span, fill: float | None = None) -> Variable:
    """A variable with the outer indices as leading axes; those axes are settled when the ranges are known."""
    variable = b.variable(path, (), Kind.TEMPORARY, like.type, span=span, classes=like.classes, fill=fill)

    def settle() -> None:
        variable.axes = (*(i.domain for i in outer), *axes)

    b.later(outer, settle)
    return variable


def _view(variable: Variable, axes: tuple[Domain, ...], outer: tuple[Index, ...]) -> Array:
    lead = tuple(affine(i) for i in outer)

    def at(places: Sequence[Place]) -> Read:
        return Read(variable, (*lead, *places))

    return Array(axes, at, variable.type, variable.classes, variable if not outer else None)


def named(b: Build, array: Array, hint: str, span: Span, scope: Scope) -> Array:
    """The array under a name of its own, unless it is a plain read or a number already."""
    probe = array.at([affine(Index("p", axis)) for axis in array.axes])
    if isinstance(probe, Read | Number | IndexValue):
        return array
    own, outer = _within(array, scope.context)
    variable = stored(b, scope.qualified(f"{scope.owner}.{hint}"), array.axes, outer, array, span)
    row = scope.row

    def make() -> None:
        place = tuple(affine(i) for i in (*outer, *own))
        b.emit(variable, place, (*outer, *own), array, own, span, row)

    b.later(outer, make)
    return _view(variable, array.axes, outer)


def join(b: Build, parts: list[tuple[Array, Span]], span: Span, scope: Scope) -> Array:
    """`[a; b]`: one piece for each part, one after the other along the first axis, which counts from 0."""
    unknown = next((a for a, _ in parts if a.open), None)
    if unknown is not None:
        return unknown
    arrays = [(array if array.axes else _as_vector(array), where) for array, where in parts]
    head, head_span = arrays[0]
    for array, where in arrays[1:]:
        if array.axes[1:] != head.axes[1:]:
            raise Broken(JoinShapesDiffer(where, head_span, shape_text(head.axes), shape_text(array.axes)))
    total: Bound = 0
    offsets = []
    for array, _ in arrays:
        offsets.append(total)
        total = total + array.axes[0].size
    axes = (sized(total), *head.axes[1:])
    inside = [_within(array, scope.context) for array, _ in arrays]
    outer = tuple(dict.fromkeys(i for _, found in inside for i in found))
    variable = stored(b, scope.qualified(f"{scope.owner}.join"), axes, outer, _common([a for a, _ in arrays]), span)
    row = scope.row

    def make() -> None:
        for (array, where), (own, _), offset in zip(arrays, inside, offsets, strict=True):
            first = affine(own[0]) + offset - array.axes[0].lo
            place = (*map(affine, outer), first, *map(affine, own[1:]))
            b.emit(variable, place, (*outer, *own), array, own, where, row)

    b.later(outer, make)
    return _view(variable, axes, outer)


def _as_vector(number: Array) -> Array:
    """A single number as a vector of one element."""
    return Array((sized(1),), lambda _: number.at(()), number.type, number.classes)


def _common(arrays: Sequence[Array]) -> Array:
    """An array of the type that holds all: a number beside a real is real, and classes must be the same ones."""
    head = arrays[0]
    if any(a.type is not head.type for a in arrays):
        return replace(head, type=Type.REAL, classes=None)
    return head if all(a.classes == head.classes for a in arrays) else replace(head, classes=None)


def border(b: Build, array: Array, pads: Sequence[tuple[int, int]], fill: float, span: Span, scope: Scope) -> Array:
    """Every axis but the first padded; the result counts from 0. What is not written reads `fill`."""
    if array.open:
        return array
    axes = (
        array.axes[0],
        *(sized(a.size + before + after) for a, (before, after) in zip(array.axes[1:], pads, strict=True)),
    )
    own, outer = _within(array, scope.context)
    variable = stored(b, scope.qualified(f"{scope.owner}.border"), axes, outer, array, span, fill)
    shifts = [0, *(before - int(a.lo) if isinstance(a.lo, int) else before for a, (before, _) in zip(array.axes[1:], pads, strict=True))]
    row = scope.row

    def make() -> None:
        place = (*map(affine, outer), *(affine(i) + s for i, s in zip(own, shifts, strict=True)))
        b.emit(variable, place, (*outer, *own), array, own, span, row)

    b.later(outer, make)
    return _view(variable, axes, outer)


def flatten(b: Build, array: Array, span: Span, scope: Scope) -> Array:
    """All axes as one, the last moving fastest; counts from 0."""
    if array.open:
        return array
    if not all(axis.known for axis in array.axes):
        raise Broken(NotApplicable(span, "flattened", sort_text(array), "an axis whose length differs between samples cannot be joined with others"))
    total = 1
    for axis in array.axes:
        total *= axis.points()
    own, outer = _within(array, scope.context)
    variable = stored(b, scope.qualified(f"{scope.owner}.flatten"), (sized(total),), outer, array, span)
    place, width = Affine(0), total
    for index, axis in zip(own, array.axes, strict=True):
        width //= max(axis.points(), 1)
        place = place + (affine(index) - axis.lo) * width
    row = scope.row

    def make() -> None:
        b.emit(variable, (*map(affine, outer), place), (*outer, *own), array, own, span, row)

    b.later(outer, make)
    return _view(variable, (sized(total),), outer)

