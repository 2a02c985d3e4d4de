"""Steps of a plan as calls on preallocated arrays, for any module that follows NumPy's names (NumPy, CuPy)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from netc.compiler.plan.model import Draw, Einsum, Elementwise, Gather, Loop, MatMul, Operand, Reduction, Scatter, Step

_FEW_ROWS = 1024
Array = Any
Call = Callable[[], object]
View = Callable[[Operand], Array]

_UFUNCS = {
    "+": "add", "-": "subtract", "*": "multiply", "/": "divide", "neg": "negative", "^": "power", "exp": "exp", "log": "log",
    "sqrt": "sqrt", "tanh": "tanh", "sin": "sin", "cos": "cos", "abs": "absolute", "sign": "sign", "floor": "floor",
    "max": "maximum", "min": "minimum", "logaddexp": "logaddexp", "//": "floor_divide", "%": "remainder", "<": "less",
    "<=": "less_equal", ">": "greater", ">=": "greater_equal", "==": "equal", "!=": "not_equal", "and": "logical_and",
    "or": "logical_or", "not": "logical_not",
}  # fmt: skip
_TRUTH = ("<", "<=", ">", ">=", "==", "!=", "and", "or", "not")


def make_call(xp: Any, step: Step, view: View) -> Call:
    """One step as a call without arguments. Draws are made elsewhere: they need the seed."""
    match step:
        case Elementwise():
            return _elementwise(xp, step, view)
        case MatMul():
            a, b, out = view(step.a), view(step.b), view(step.out)
            return lambda: xp.matmul(a, b, out=out)
        case Einsum():
            a, b, out = view(step.a), view(step.b), view(step.out)
            text = step.subscripts
            if xp.__name__ == "numpy":
                return lambda: xp.einsum(text, a, b, out=out)
            return lambda: _assign(out, xp.einsum(text, a, b))
        case Reduction():
            return _reduction(xp, step, view)
        case Gather():
            return _gather(xp, step, view)
        case Scatter():
            return _scatter(xp, step, view)
        case Draw() | Loop():
            raise TypeError("draws and loops are made by the backend")


def _assign(out: Array, values: Array) -> None:
    out[...] = values


def _elementwise(xp: Any, step: Elementwise, view: View) -> Call:
    out = view(step.out)
    real = out.dtype.type
    operands = [view(o) if isinstance(o, Operand) else real(o) for o in step.operands]
    name = step.function
    match name:
        case "fill":
            number = operands[0]
            return lambda: out.fill(number)
        case "copy":
            source = operands[0]
            return lambda: _assign(out, source)
        case "where":
            return _where(xp, out, operands)
        case "erf":
            source = operands[0]
            return lambda: _assign(out, erf(xp, source))
        case "*" if len(operands) == 2 and operands[0] is operands[1]:
            source = operands[0]
            return lambda: xp.square(source, out=out)
    function = getattr(xp, _UFUNCS[name])
    mixed = any(getattr(o, "dtype", out.dtype) != out.dtype for o in operands)
    if name in _TRUTH or mixed:
        if len(operands) == 1:
            one = operands[0]
            return lambda: function(one, out=out, casting="unsafe")
        a, b = operands
        return lambda: function(a, b, out=out, casting="unsafe")
    if len(operands) == 1:
        one = operands[0]
        return lambda: function(one, out=out)
    a, b = operands
    return lambda: function(a, b, out=out)


def _where(xp: Any, out: Array, operands: list[Any]) -> Call:
    """`then` where the condition holds; what already lies in `out` is left there."""
    condition, then, otherwise = operands
    if not hasattr(condition, "shape"):
        return lambda: _assign(out, then if condition else otherwise)
    holds = xp.empty(condition.shape, bool)
    if _same(otherwise, out):

        def replace() -> None:
            xp.not_equal(condition, 0, out=holds)
            xp.copyto(out, then, where=holds)

        return replace
    there = _same(then, out)

    def choose() -> None:
        xp.equal(condition, 0, out=holds)
        if not there:
            xp.copyto(out, then)
        xp.copyto(out, otherwise, where=holds)

    return choose


def _same(a: Any, out: Array) -> bool:
    """Whether an operand is the output itself: the same numbers in the same order."""
    return hasattr(a, "data") and a.shape == out.shape and a.strides == out.strides and a.dtype == out.dtype and _start(a) == _start(out)


def _start(a: Array) -> int:
    return int(a.data.ptr if hasattr(a.data, "ptr") else a.__array_interface__["data"][0])


def _reduction(xp: Any, step: Reduction, view: View) -> Call:
    source, out, axes, keep = view(step.operand), view(step.out), step.axes, step.keep
    if step.function in ("argmax", "argmin"):
        best = getattr(xp, step.function)
        return lambda: _assign(out, best(source, axis=axes[0]))
    if not math.prod(source.shape[k] for k in axes) and step.function != "add":
        return lambda: None
    function = getattr(xp, step.function)
    if hasattr(function, "reduce"):
        return lambda: function.reduce(source, axis=axes, out=out, keepdims=keep)
    whole = {"add": xp.sum, "maximum": xp.max, "minimum": xp.min}[step.function]
    return lambda: _assign(out, whole(source, axis=axes, keepdims=keep))


def _picks(xp: Any, step: Gather | Scatter, rank: int, view: View) -> Callable[[], tuple[Array, ...]]:
    """The index arrays of a table, each shaped to broadcast with the others; whole axes behind them need none."""
    whole = _whole_axes(step, rank)
    kept = rank - whole
    fixed: list[Array] = []
    moving: list[tuple[int, Array, int]] = []
    for k, (place, low, axis) in enumerate(zip(step.places[: len(step.places) - whole], step.lows, step.axes, strict=False)):
        if isinstance(place, Operand):
            moving.append((k, view(place)[(..., *(0,) * whole)], low))
            fixed.append(None)
        elif isinstance(place, range):
            shape = [1] * kept
            shape[axis] = len(place)
            fixed.append(xp.arange(place.start, place.stop).reshape(shape))
        else:
            fixed.append(place)

    def picks() -> tuple[Array, ...]:
        found = list(fixed)
        for k, array, low in moving:
            found[k] = array.astype(xp.int64) - low
        return tuple(found)

    return picks


def _whole_axes(step: Gather | Scatter, rank: int) -> int:
    """How many of the last axes are taken whole, so that what is picked are runs of numbers."""
    arrays = [p for p in step.places if isinstance(p, Operand)]
    found = 0
    for place, size, axis in list(zip(step.places, step.table.shape, step.axes, strict=True))[:0:-1]:
        at = rank - 1 - found
        if place != range(size) or axis != at or any(a.shape[at] != 1 for a in arrays) or not arrays:
            break
        found += 1
    return found


def _gather(xp: Any, step: Gather, view: View) -> Call:
    table, out = view(step.table), view(step.out)
    row = step.places[0] if step.places else None
    if isinstance(row, Operand) and table.ndim == 2 and _whole_rows(step, table, out.ndim) and xp.__name__ == "numpy":
        where, low = view(row), step.lows[0]
        if where.shape == (*out.shape[:-1], 1):
            return lambda: xp.take(table, where[..., 0] - low, axis=0, out=out, mode="wrap")
    picks = _picks(xp, step, out.ndim, view)
    return lambda: _assign(out, table[picks()])


def _whole_rows(step: Gather | Scatter, table: Array, rank: int) -> bool:
    """Whether whole rows of a table are picked, and lie along the last axis."""
    along = all(isinstance(p, range) and p == range(n) for p, n in zip(step.places[1:], table.shape[1:], strict=True))
    return along and table.ndim == 2 and step.axes[1] == rank - 1


def _scatter(xp: Any, step: Scatter, view: View) -> Call:
    table, values = view(step.table), view(step.value)
    picks = _picks(xp, step, values.ndim, view)

    def unique() -> None:
        at = picks()
        table[at] += values

    def repeated() -> None:
        xp.add.at(table, picks(), values)

    if step.unique:
        return unique
    return _scatter_rows(xp, step, table, values, view) or repeated


def _scatter_rows(xp: Any, step: Scatter, table: Array, values: Array, view: View) -> Call | None:
    """Rows added to a table of few rows: a product with the matrix that says which row goes where, faster than one by one."""
    row = step.places[0] if step.places else None
    if not isinstance(row, Operand) or not _whole_rows(step, table, values.ndim) or table.shape[0] > _FEW_ROWS:
        return None
    where = view(row)
    if where.shape != (*values.shape[:-1], 1):
        return None
    count = math.prod(values.shape[:-1])
    chosen = xp.zeros((count, table.shape[0]), values.dtype)
    every = xp.arange(count)
    low = step.lows[0]

    def product() -> None:
        chosen[...] = 0
        chosen[every, where.reshape(-1) - low] = 1
        xp.add(table, xp.matmul(chosen.T, values.reshape(count, -1)), out=table)

    return product


def erf(xp: Any, x: Array) -> Array:
    """The error function: its series near 0, the continued fraction of erfc beyond (both to double precision)."""
    x = xp.asarray(x, dtype=xp.float64)
    near = xp.clip(x, -3.0, 3.0)
    square = near * near
    term = near.copy()
    total = near.copy()
    for n in range(1, 60):
        term = term * (-square / n)
        total = total + term / (2 * n + 1)
    far = xp.maximum(xp.abs(x), 2.0)
    fraction = xp.zeros_like(far)
    for n in range(60, 0, -1):
        fraction = (n / 2) / (far + fraction)
    tail = xp.exp(-far * far) / ((far + fraction) * math.sqrt(math.pi))
    return xp.where(xp.abs(x) < 3.0, total * (2 / math.sqrt(math.pi)), xp.sign(x) * (1 - tail))
