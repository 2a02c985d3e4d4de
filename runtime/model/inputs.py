"""Arrays that a caller gives, checked against the inputs that a net declares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from netc.compiler.diagnostics.error import NetcError, UnknownNameError
from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.values import ClassOutside, InputMissing, ValueNameUnknown, ValueSizesDiffer
from netc.compiler.diagnostics.suggest import suggest
from netc.compiler.source.text import Source, Span
from netc.compiler.statements.expressions import Type, Variable
from netc.runtime.model.initialise import shape_of

Array = np.ndarray[Any, np.dtype[Any]]


def unknown_name(name: str, what: str, known: Iterable[str]) -> NetcError:
    """The exception for a name that the net does not have, with a suggestion."""
    names = tuple(known)
    span = Span(Source("Python", name), 0, len(name))
    return UnknownNameError(ValueNameUnknown(span, name, what, names, suggest(name, names)))


def prepare(given: Mapping[str, Any], declared: Sequence[Variable], needed: set[str]) -> tuple[dict[str, Array], int]:
    """The given arrays by input name, and the number of samples. Raises NetcError with all that is wrong."""
    by_name = {v.name: v for v in declared}
    for name in given:
        if name not in by_name:
            raise unknown_name(name, "input", by_name)
    problems: list[Problem] = [InputMissing(_span(by_name[n]), n) for n in sorted(needed - set(given))]
    arrays = {name: _array(values) for name, values in given.items()}
    batch = max((len(a) for a in arrays.values() if a.ndim), default=1)
    for name, array in arrays.items():
        problem = _misfit(by_name[name], array, batch)
        if problem is not None:
            problems.append(problem)
    if problems:
        raise NetcError(*problems)
    return arrays, batch


def _array(values: Any) -> Array:
    """NumPy as it is; anything else by DLPack or as NumPy understands it."""
    if isinstance(values, np.ndarray):
        return values
    if hasattr(values, "__dlpack__") and hasattr(values, "__dlpack_device__") and values.__dlpack_device__()[0] == 1:
        return np.from_dlpack(values)
    return np.asarray(values)


def _misfit(variable: Variable, array: Array, batch: int) -> Problem | None:
    shape = shape_of(variable)
    if array.shape != (batch, *shape):
        return ValueSizesDiffer(_span(variable), variable.name, ("samples", *shape), array.shape)
    if variable.type is Type.INTEGER and variable.classes is not None and array.size:
        lo = _low(variable)
        hi = lo + variable.classes.points() - 1
        bad = (array < lo) | (array > hi) | (array != np.floor(array))
        if bad.any():
            sample = int(np.argwhere(bad)[0][0])
            return ClassOutside(_span(variable), variable.name, lo, hi, float(array[bad][0]), sample)
    return None


def _low(variable: Variable) -> int:
    assert variable.classes is not None
    return variable.classes.lo if isinstance(variable.classes.lo, int) else 0


def _span(variable: Variable) -> Span:
    return variable.span or Span(Source("Python", variable.name), 0, len(variable.name))
