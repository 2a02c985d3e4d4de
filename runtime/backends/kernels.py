"""Steps of a plan as functions on preallocated arrays, for any module that follows NumPy's names (NumPy, CuPy).

A step is made into a function once; which views it takes in a turn of a loop is told with each call.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from operator import methodcaller
from typing import Any

from netc.compiler.plan.model import Draw, Einsum, Elementwise, Gather, Loop, MatMul, Operand, Reduction, Scatter, Step

_FEW_ROWS = 1024
Array = Any
Function = Callable[..., object]
Kernel = tuple[Function, tuple[Any, ...]]  # what to call and with what: operands, numbers, arrays; what is written comes last

UFUNCS = {
    "+": "add", "-": "subtract", "*": "multiply", "/": "divide", "neg": "negative", "^": "power", "exp": "exp", "log": "log",
    "sqrt": "sqrt", "tanh": "tanh", "sin": "sin", "cos": "cos", "abs": "absolute", "sign": "sign", "floor": "floor",
    "max": "maximum", "min": "minimum", "logaddexp": "logaddexp", "//": "floor_divide", "%": "remainder", "<": "less",
    "<=": "less_equal", ">": "greater", ">=": "greater_equal", "==": "equal", "!=": "not_equal", "and": "logical_and",
    "or": "logical_or", "not": "logical_not",
}  # fmt: skip
_TRUTH = ("<", "<=", ">", ">=", "==", "!=", "and", "or", "not")


def make_kernel(xp: Any, step: Step, real: Any) -> Kernel:
    """One step; `real` is the type of its numbers. Draws are made elsewhere: they need the seed."""
    match step:
        case Elementwise():
            return _elementwise(xp, step, real)
        case MatMul():
            if xp.__name__ == "numpy":
                return xp.matmul, (step.a, step.b, step.out)
            return lambda a, b, out: xp.matmul(a, b, out=out), (step.a, step.b, step.out)
        case Einsum():
            text = step.subscripts
            if xp.__name__ == "numpy":
                return lambda a, b, out: xp.einsum(text, a, b, out=out), (step.a, step.b, step.out)
            return lambda a, b, out: _assign(xp.einsum(text, a, b), out), (step.a, step.b, step.out)
        case Reduction():
            return _reduction(xp, step)
        case Gather():
            return _gather(xp, step)
        case Scatter():
            return _scatter(xp, step, real)
        case Draw() | Loop():
            raise TypeError("draws and loops are made by the backend")


def _assign(values: Array, out: Array) -> None:
    out[...] = values


def _nothing(*_: Array) -> None:
    pass


def _elementwise(xp: Any, step: Elementwise, real: Any) -> Kernel:
    out, name = step.out, step.function
    number = xp.int32 if out.buffer.integer else real
    operands = tuple(o if isinstance(o, Operand) else number(o) for o in step.operands)
    match name:
        case "fill":
            return methodcaller("fill", operands[0]), (out,)
        case "copy":
            return _assign, (operands[0], out)
        case "where":
            return _where(xp, step, operands)
        case "erf":
            return lambda x, to: _assign(erf(xp, x), to), (operands[0], out)
        case "*" if _same(operands[0], operands[1]):
            return xp.square, (operands[0], out)
    function = getattr(xp, UFUNCS[name])
    mixed = any(isinstance(o, Operand) and o.buffer.integer != out.buffer.integer for o in operands)
    if name in ("max", "min") and not mixed:  # NumPy wants their output by name
        return lambda a, b, to: function(a, b, out=to), (*operands, out)
    if name not in _TRUTH and not mixed:
        return function, (*operands, out)
    if len(operands) == 1:
        return lambda a, to: function(a, out=to, casting="unsafe"), (*operands, out)
    return lambda a, b, to: function(a, b, out=to, casting="unsafe"), (*operands, out)


def _where(xp: Any, step: Elementwise, operands: tuple[Any, ...]) -> Kernel:
    """`then` where the condition holds; what already lies in `out` is left there."""
    condition, then, otherwise = operands
    if not isinstance(condition, Operand):
        return _assign, (then if condition else otherwise, step.out)
    holds = xp.empty(condition.shape, bool)
    there = _same(then, step.out)

    def change(condition: Array, then: Array, out: Array) -> None:
        xp.not_equal(condition, 0, out=holds)
        xp.copyto(out, then, where=holds)

    def choose(condition: Array, then: Array, otherwise: Array, out: Array) -> None:
        xp.equal(condition, 0, out=holds)
        if not there:
            xp.copyto(out, then)
        xp.copyto(out, otherwise, where=holds)

    if _same(otherwise, step.out):
        return change, (condition, then, step.out)
    return choose, (*operands, step.out)


def _same(a: Any, b: Any) -> bool:
    """Whether two operands are the same numbers in the same order, in all turns."""
    if not isinstance(a, Operand) or not isinstance(b, Operand) or a.buffer is not b.buffer:
        return False
    return (a.offset, a.shape, a.strides, a.moves) == (b.offset, b.shape, b.strides, b.moves)


def _reduction(xp: Any, step: Reduction) -> Kernel:
    axes, keep, operands = step.axes, step.keep, (step.operand, step.out)
    if step.function in ("argmax", "argmin"):
        best = getattr(xp, step.function)
        return lambda source, out: _assign(best(source, axis=axes[0]), out), operands
    if not math.prod(step.operand.shape[k] for k in axes) and step.function != "add":
        return _nothing, operands
    function = getattr(xp, step.function)
    if xp.__name__ == "numpy":  # CuPy's functions of two numbers reduce sums and products alone
        return lambda source, out: function.reduce(source, axis=axes, out=out, keepdims=keep), operands
    whole = {"add": xp.sum, "maximum": xp.max, "minimum": xp.min}[step.function]
    return lambda source, out: _assign(whole(source, axis=axes, keepdims=keep), out), operands


def _picks(xp: Any, step: Gather | Scatter, rank: int) -> tuple[Callable[[tuple[Array, ...]], tuple[Array, ...]], list[Operand]]:
    """The index arrays of a table, each shaped to broadcast with the others; whole axes behind them need none.

    Those that are data are given with each call.
    """
    whole = _whole_axes(step, rank)
    kept = rank - whole
    fixed: list[Array] = []
    moving: list[tuple[int, int]] = []
    given: list[Operand] = []
    for k, pick in enumerate(step.picks[: len(step.picks) - whole]):
        place = pick.place
        if isinstance(place, Operand):
            moving.append((k, pick.low))
            given.append(place)
            fixed.append(None)
        elif isinstance(place, range):
            shape = [1] * kept
            shape[pick.axis] = len(place)
            fixed.append(xp.arange(place.start, place.stop).reshape(shape))
        else:
            fixed.append(place)

    def picks(arrays: tuple[Array, ...]) -> tuple[Array, ...]:
        found = list(fixed)
        for (k, low), array in zip(moving, arrays, strict=True):
            found[k] = array[(..., *(0,) * whole)].astype(xp.int64) - low
        return tuple(found)

    return picks, given


def _whole_axes(step: Gather | Scatter, rank: int) -> int:
    """How many of the last axes are taken whole, so that what is picked are runs of numbers."""
    arrays = [p.place for p in step.picks if isinstance(p.place, Operand)]
    found = 0
    for pick, size in list(zip(step.picks, step.table.shape, strict=True))[:0:-1]:
        at = rank - 1 - found
        if pick.place != range(size) or pick.axis != at or any(a.shape[at] != 1 for a in arrays) or not arrays:
            break
        found += 1
    return found


def _gather(xp: Any, step: Gather) -> Kernel:
    out, (row, low) = step.out, _first(step)
    whole = xp.__name__ == "numpy" and _whole_rows(step, len(out.shape))
    if whole and isinstance(row, Operand) and row.shape == (*out.shape[:-1], 1):
        return lambda table, where, to: xp.take(table, where[..., 0] - low, axis=0, out=to, mode="wrap"), (step.table, row, out)
    picks, given = _picks(xp, step, len(out.shape))
    return lambda table, *rest: _assign(table[picks(rest[:-1])], rest[-1]), (step.table, *given, out)


def _first(step: Gather | Scatter) -> tuple[Operand | range | int, int]:
    """What picks from the first axis of a table, and what is subtracted from it."""
    return (step.picks[0].place, step.picks[0].low) if step.picks else (0, 0)


def _whole_rows(step: Gather | Scatter, rank: int) -> bool:
    """Whether whole rows of a table are picked, and lie along the last axis."""
    shape = step.table.shape
    return len(shape) == 2 and step.picks[1].place == range(shape[1]) and step.picks[1].axis == rank - 1


def _scatter(xp: Any, step: Scatter, real: Any) -> Kernel:
    picks, given = _picks(xp, step, len(step.value.shape))

    def unique(values: Array, *rest: Array) -> None:
        at = picks(rest[:-1])
        rest[-1][at] += values

    def repeated(values: Array, *rest: Array) -> None:
        xp.add.at(rest[-1], picks(rest[:-1]), values)

    if step.unique:
        return unique, (step.value, *given, step.table)
    return _scatter_rows(xp, step, real) or (repeated, (step.value, *given, step.table))


def _scatter_rows(xp: Any, step: Scatter, real: Any) -> Kernel | None:
    """Rows added to a table of few rows: a product with the matrix that says which row goes where, faster than one by one."""
    shape, (row, low) = step.value.shape, _first(step)
    if not isinstance(row, Operand) or not _whole_rows(step, len(shape)) or step.table.shape[0] > _FEW_ROWS:
        return None
    if row.shape != (*shape[:-1], 1):
        return None
    count = math.prod(shape[:-1])
    chosen = xp.zeros((count, step.table.shape[0]), xp.int32 if step.value.buffer.integer else real)
    every = xp.arange(count)

    def product(values: Array, where: Array, table: Array) -> None:
        chosen[...] = 0
        chosen[every, where.reshape(-1) - low] = 1
        xp.add(table, xp.matmul(chosen.T, values.reshape(count, -1)), out=table)

    return product, (step.value, row, step.table)


def erf(xp: Any, x: Array) -> Array:
    """The error function: its series near 0, the continued fraction of erfc beyond (both to double precision)."""
    x = x.astype(xp.result_type(x.dtype, xp.float64), copy=False)
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
