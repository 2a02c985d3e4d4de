"""Arrays and lists that a Python caller gives by input name, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from netc.compiler.diagnostics.error import NetcError
from netc.compiler.diagnostics.problems.data import SamplesUneven
from netc.compiler.diagnostics.problems.values import NotFinite
from netc.compiler.source.text import typed
from netc.compiler.statements.expressions import Type, Variable
from netc.runtime.data.fields.model import Array, Dataset, Field, Splits
from netc.runtime.data.fields.ragged import Ragged


def arrays_given(arrays: Mapping[str, Any], inputs: Sequence[Variable]) -> Splits:
    """One field for each name. For an input over `1..T`, a list of arrays gives each sample its own length."""
    declared = {v.name: v for v in inputs}
    return Splits("arrays", Dataset(tuple(_field(name, values, declared.get(name)) for name, values in arrays.items())))


def refuse_infinite(name: str, values: Array | Ragged, variable: Variable | None, inside: Array | None = None) -> None:
    """Raise NetcError at the first number that is infinite or undefined; `inside` tells what of an array is no padding."""
    flat = values.flat if isinstance(values, Ragged) else values
    if flat.dtype.kind != "f" or np.isfinite(flat).all():
        return
    if isinstance(values, Ragged):
        flat = flat[values.points]
    bad = ~np.isfinite(flat) if inside is None else ~np.isfinite(flat) & inside
    if not bad.any():
        return
    sample, *place = map(int, np.argwhere(bad)[0])
    found = float(flat[(sample, *place)])
    if isinstance(values, Ragged):
        ends = np.cumsum(values.lengths)
        point, sample = sample, int(np.searchsorted(ends, sample, "right"))
        place = [point - int(ends[sample] - values.lengths[sample]), *place]
    span = variable.span if variable is not None else None
    raise NetcError(NotFinite(span or typed("Python", name), name, sample, tuple(place), found))


def _field(name: str, values: Any, variable: Variable | None) -> Field:
    classes = variable.classes.points() if variable is not None and variable.classes is not None else None
    lists = variable is not None and any(not a.known for a in variable.axes) and not isinstance(values, np.ndarray | Ragged)
    if lists:
        values = ragged_given(name, values, np.int32 if variable is not None and variable.type is Type.INTEGER else np.float32)
    if isinstance(values, Ragged):
        if classes is None:
            refuse_infinite(name, values, variable)
        flat = values.flat if classes is not None else values.flat.astype(np.float32)
        return Field(name, Ragged(flat, values.starts, values.lengths), classes)
    array: Array = np.asarray(values)
    if classes is None:
        refuse_infinite(name, array, variable)
    return Field(name, array if classes is not None else array.astype(np.float32), classes)


def ragged_given(name: str, values: Any, kind: type | None = None) -> Ragged:
    """Samples of different lengths. Raises NetcError where they differ in more than that."""
    parts: list[Array] = [np.asarray(v, kind) for v in values]
    first = next((p for p in parts if p.size), parts[0])
    odd = next((k for k, p in enumerate(parts) if p.ndim == 0 or p.size and p.shape[1:] != first.shape[1:]), None)
    if odd is not None:
        span = typed("Python", name)
        raise NetcError(SamplesUneven(span, name, odd, parts[odd].shape, first.shape))
    return Ragged.of(parts, kind)
