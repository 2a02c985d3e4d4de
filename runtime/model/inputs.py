"""Arrays that a caller gives, checked against the inputs that a net declares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from netc.compiler.diagnostics.error import NetcError, UnknownNameError
from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.values import (
    ClassOutside,
    InputMissing,
    LengthsDisagree,
    NoTree,
    SequenceTooShort,
    ValueNameUnknown,
    ValueSizesDiffer,
)
from netc.compiler.diagnostics.suggest import suggest
from netc.compiler.source.text import Span, typed
from netc.compiler.statements.domains import Extent, Length, sample_lengths
from netc.compiler.statements.expressions import Type, Variable
from netc.runtime.data.binding.given import ragged_given, refuse_infinite
from netc.runtime.data.fields.ragged import Ragged
from netc.runtime.model.lengths import inside, open_axes, solve, values_of
from netc.runtime.model.nodes import Nodes, first_wrong, number

Array = np.ndarray[Any, np.dtype[Any]]


def unknown_name(name: str, what: str, known: Iterable[str]) -> NetcError:
    """The exception for a name that the net does not have, with a suggestion."""
    names = tuple(known)
    span = typed("Python", name)
    return UnknownNameError(ValueNameUnknown(span, name, what, names, suggest(name, names)))


@dataclass(frozen=True)
class Samples:
    """Arrays by input name, how many samples they hold, and how long each sample is."""

    arrays: Mapping[str, Array | Ragged]
    batch: int
    lengths: dict[Length, Array] = field(default_factory=dict)
    nodes: dict[Length, Nodes] = field(default_factory=dict)  # of trees: their nodes by height


def prepare(
    given: Mapping[str, Any], declared: Sequence[Variable], needed: set[str], lengths: Mapping[str, Any] | None = None, *, finite: bool = True
) -> Samples:
    """The given arrays as samples. Raises NetcError with all that is wrong.

    An input over `1..T` is a Ragged, a list of arrays, or one array; then `lengths` says how long each sample is.
    `finite`: whether all numbers must be finite; data that was looked at once need not be looked at in each step.
    """
    by_name = {v.name: v for v in declared}
    for name in given:
        if name not in by_name:
            raise unknown_name(name, "input", by_name)
    problems: list[Problem] = [InputMissing(_span(by_name[n]), n) for n in sorted(needed - set(given))]
    known = {Length(n): np.asarray(v, np.int64) for n, v in (lengths or {}).items()}
    arrays = {name: _samples(by_name[name], values, known) for name, values in given.items()}
    batch = max((len(a) for a in arrays.values() if isinstance(a, Ragged) or a.ndim), default=1)
    found: dict[Length, tuple[str, Array]] = {}
    for name, array in arrays.items():
        problem = _misfit(by_name[name], array, batch) or _measure(by_name[name], array, batch, found, known)
        if problem is not None:
            problems.append(problem)
    if problems:
        raise NetcError(*problems)
    sizes = {n: v for n, (_, v) in found.items()} | {n: v for n, v in known.items() if n not in found}
    for name, array in arrays.items():
        own = None if isinstance(array, Ragged) else inside(by_name[name], sizes, array.shape)
        if finite:
            refuse_infinite(name, array, by_name[name], own)
        if own is not None and not own.all() and not isinstance(array, Ragged):
            arrays[name] = np.where(own, array, np.zeros((), array.dtype))  # padding is never extreme
    return Samples(arrays, batch, sizes, {sample_lengths(v.axes[0].hi)[0]: _numbered(v, arrays[v.name]) for v in declared if v.tree and v.name in arrays})


class Measure:
    """Takes samples whose inputs are known to fit, and tells their lengths: `prepare` for those who have checked all data once."""

    def __init__(self, declared: Sequence[Variable]) -> None:
        self.trees = [(v, sample_lengths(v.axes[0].hi)[0]) for v in declared if v.tree]
        self.axes: dict[Length, list[tuple[str, int, int, int]]] = {}  # where a length is found: input, axis, and its expression
        for v in declared:
            for k in open_axes(v):
                size = v.axes[k].size
                if isinstance(size, Extent) and len(size.terms) == 1 and size.terms[0][0].whole is None:
                    length, coefficient = size.terms[0]
                    self.axes.setdefault(length, []).append((v.name, k, size.const, coefficient))

    def __call__(self, arrays: Mapping[str, Array | Ragged], batch: int) -> Samples:
        lengths: dict[Length, Array] = {}
        for length, places in self.axes.items():
            found = next(((arrays[name], k, const, c) for name, k, const, c in places if name in arrays), None)
            if found is not None:
                array, k, const, coefficient = found
                points = _points(array, k, batch)
                lengths[length] = points if (const, coefficient) == (0, 1) else (points - const) // coefficient
        return Samples(arrays, batch, lengths, {n: _numbered(v, arrays[v.name]) for v, n in self.trees if v.name in arrays})


def check(arrays: Mapping[str, Array | Ragged], declared: Sequence[Variable]) -> None:
    """Raises NetcError with all that is wrong with these samples."""
    batch = max((len(a) for a in arrays.values()), default=1)
    found: dict[Length, tuple[str, Array]] = {}
    problems = [_misfit(v, arrays[v.name], batch) or _measure(v, arrays[v.name], batch, found, {}) for v in declared if v.name in arrays]
    if any(problems):
        raise NetcError(*(p for p in problems if p is not None))


def _numbered(tree: Variable, given: Array | Ragged) -> Nodes:
    """The nodes of all samples by height."""
    structure = given if isinstance(given, Ragged) else Ragged.even(given)
    wrong = first_wrong(structure)
    if wrong is not None:
        raise NetcError(NoTree(_span(tree), tree.name, *wrong))
    return number(structure)


def _samples(variable: Variable, values: Any, lengths: Mapping[Length, Array]) -> Array | Ragged:
    """One array; for an input whose first axis is open also samples of different lengths."""
    axes = open_axes(variable)
    if isinstance(values, Ragged) or 0 not in axes:
        return values if isinstance(values, Ragged) else _array(values)
    if isinstance(values, list | tuple) and len({np.shape(v) for v in values if hasattr(v, "__len__")}) > 1:
        return ragged_given(variable.name, values)
    array = _array(values)
    if lengths and array.ndim > 1:
        sizes = np.broadcast_to(values_of(variable.axes[0].size, _all(variable, lengths)), array.shape[:1])
        if (sizes < array.shape[1]).any() and (sizes <= array.shape[1]).all():
            return Ragged.of([a[:n] for a, n in zip(array, sizes, strict=True)])
    return array


def _all(variable: Variable, lengths: Mapping[Length, Array]) -> Mapping[Length, Array]:
    for n in sample_lengths(variable.axes[0].hi):
        if n not in lengths:
            raise unknown_name(n.name, "length", [k.name for k in lengths])
    return lengths


def _measure(
    variable: Variable, array: Array | Ragged, batch: int, found: dict[Length, tuple[str, Array]], known: Mapping[Length, Array]
) -> Problem | None:
    """Take the lengths from what an input holds, or from what is said of it; two inputs that share a length must agree."""
    for k in open_axes(variable):
        points = _points(array, k, batch)
        if (points < 1).any():
            return SequenceTooShort(_span(variable), variable.name, int(np.argmax(points < 1)), int(points.min()))
        solved = solve(variable.axes[k], points)
        if solved is None:
            continue
        length, values = solved
        if length in known and not (isinstance(array, Ragged) and k == 0):
            said = np.broadcast_to(known[length], values.shape)
            if (said > values).any():
                sample = int(np.argmax(said > values))
                return LengthsDisagree(_span(variable), length.name, "lengths", int(said[sample]), variable.name, int(values[sample]), sample)
            values = said
        name, before = found.setdefault(length, (variable.name, values))
        if not np.array_equal(before, values):
            sample = int(np.argmax(before != values))
            return LengthsDisagree(_span(variable), length.name, name, int(before[sample]), variable.name, int(values[sample]), sample)
    return None


def _points(array: Array | Ragged, axis: int, batch: int) -> Array:
    """How many points each sample has along an axis."""
    if isinstance(array, Ragged):
        return array.lengths if axis == 0 else np.full(batch, array.rest[axis - 1])
    return np.full(batch, array.shape[axis + 1])


def _array(values: Any) -> Array:
    """NumPy as it is; anything else by DLPack or as NumPy understands it."""
    if isinstance(values, np.ndarray):
        return values
    if hasattr(values, "__dlpack__") and hasattr(values, "__dlpack_device__") and values.__dlpack_device__()[0] == 1:
        return np.from_dlpack(values)
    return np.asarray(values)


def _misfit(variable: Variable, samples: Array | Ragged, batch: int) -> Problem | None:
    shape: tuple[int | str, ...] = tuple(a.points() if a.known else str(a) for a in variable.axes)
    array = samples.flat[samples.points] if isinstance(samples, Ragged) else samples
    given: tuple[int | str, ...] = (len(samples), str(variable.axes[0]), *samples.rest) if isinstance(samples, Ragged) else array.shape
    if len(given) != len(shape) + 1 or any(a != b for a, b in zip(given, (batch, *shape), strict=True) if isinstance(b, int)):
        fewer = len(given) == len(shape) + 1 and given[0] != batch  # than another input has
        return ValueSizesDiffer(_span(variable), variable.name, (f"{batch:,} samples" if fewer else "samples", *shape), given)
    if variable.type is Type.INTEGER and variable.classes is not None and array.size:
        lo = variable.classes.first
        hi = lo + variable.classes.points() - 1
        bad = (array < lo) | (array > hi) | (array != np.floor(array))
        if bad.any():
            sample = int(np.argwhere(bad)[0][0])
            sample = int(np.searchsorted(np.cumsum(samples.lengths), sample, "right")) if isinstance(samples, Ragged) else sample
            return ClassOutside(_span(variable), variable.name, lo, hi, float(array[bad][0]), sample)
    return None


def _span(variable: Variable) -> Span:
    return variable.span or typed("Python", variable.name)
