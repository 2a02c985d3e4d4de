"""First values of parameters, states and constants."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
from netc.compiler.counting.points import evaluate
from netc.compiler.diagnostics.error import MissingError, NetcError
from netc.compiler.diagnostics.problems.values import ConstantFileWrong, ConstantOpen
from netc.compiler.source.text import Span, typed
from netc.compiler.statements.expressions import Initialiser, Variable, free_indices
from netc.runtime.data.formats import npy

Array = np.ndarray[Any, np.dtype[Any]]
Read = Callable[[str], bytes | None]


def shape_of(variable: Variable) -> tuple[int, ...]:
    """The variable's sizes, in the order of its axes, without the batch."""
    return tuple(axis.points() for axis in variable.axes)


def generator(seed: int, name: str) -> np.random.Generator:
    """A stream of its own for each name: adding a parameter leaves the others' first values as they were."""
    return np.random.Generator(np.random.Philox(key=[seed, zlib.crc32(name.encode())]))


def initial(variable: Variable, seed: int, read: Read | None = None, given: Array | None = None) -> Array:
    """The first value of a parameter, state or constant, in float64, zero outside its support.

    Raises MissingError for a file that is not there, NetcError for one that does not fit.
    """
    init = variable.init or Initialiser("fill", (0.0,))
    shape = shape_of(variable)
    match init.rule:
        case "fill":
            values = np.full(shape, init.arguments[0], np.float64)
        case "values":
            values = np.array(init.arguments, np.float64).reshape(shape)
        case "open":
            values = _given(variable, shape, given)
        case "load":
            values = given if given is not None else _loaded(variable, str(init.arguments[0]), shape, read)
        case "expression":
            values = _tabulated(init, shape, variable)
        case rule:
            values = _drawn(rule, init, shape, generator(seed, variable.name))
    return np.where(support_mask(variable), values, 0.0) if variable.support is not None else np.asarray(values, np.float64)


def is_drawn(variable: Variable) -> bool:
    """Whether first values are random numbers, not numbers that the spec gives."""
    return variable.init is not None and variable.init.rule not in ("fill", "values", "open", "load", "expression")


def support_mask(variable: Variable) -> Array:
    """True where the variable exists, in its own shape."""
    shape = shape_of(variable)
    if variable.support is None:
        return np.ones(shape, bool)
    indices, condition = variable.support.indices, variable.support.condition
    lows = [axis.first for axis in variable.axes]
    free = free_indices(condition)
    used = [k for k, i in enumerate(indices) if i in free]
    mask = np.ones([shape[k] if k in used else 1 for k in range(len(shape))], bool)
    for point in np.ndindex(*mask.shape):
        mask[point] = bool(evaluate(condition, {i: p + lo for i, p, lo in zip(indices, point, lows, strict=True)}, {}))
    return np.broadcast_to(mask, shape)


def _fans(shape: tuple[int, ...]) -> tuple[float, float]:
    """Fan-in and fan-out: outputs first, inputs second, the rest a window."""
    if len(shape) < 2:
        return (shape[0] if shape else 1), (shape[0] if shape else 1)
    window = math.prod(shape[2:])
    return shape[1] * window, shape[0] * window


def _drawn(rule: str, init: Initialiser, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    numbers = [float(a) for a in init.arguments]
    fan_in, fan_out = _fans(shape)
    match rule:
        case "normal":
            return rng.normal(numbers[0], numbers[1], shape)
        case "uniform":
            return rng.uniform(numbers[0], numbers[1], shape)
        case "glorot":  # Glorot and Bengio 2010, equation 16
            bound = math.sqrt(6 / (fan_in + fan_out))
            return rng.uniform(-bound, bound, shape)
        case "he":  # He et al. 2015, equation 10
            return rng.normal(0, math.sqrt(2 / fan_in), shape)
        case "lecun98":  # LeCun et al. 1998, section A: uniform within 2.4 / fan-in
            return rng.uniform(-2.4 / fan_in, 2.4 / fan_in, shape)
        case "orthogonal":  # Saxe, McClelland, Ganguli 2014: Q of a Gaussian matrix, signs made unique
            rows, columns = shape[0], math.prod(shape[1:])
            q, r = np.linalg.qr(rng.normal(size=(max(rows, columns), min(rows, columns))))
            q = q * np.sign(np.diag(r))
            return (q if rows >= columns else q.T).reshape(shape)
        case _:
            raise ValueError(f"no initialiser {rule}")


def _tabulated(init: Initialiser, shape: tuple[int, ...], variable: Variable) -> Array:
    assert init.expression is not None
    values = np.empty(shape, np.float64)
    lows = [axis.first for axis in variable.axes]
    for point in np.ndindex(*shape):
        at = {i: p + lo for i, p, lo in zip(init.indices, point, lows, strict=True)}
        values[point] = float(evaluate(init.expression, at, {}))
    return values


def _given(variable: Variable, shape: tuple[int, ...], given: Array | None) -> Array:
    if given is None or given.shape != shape:
        found = None if given is None else given.shape
        raise NetcError(ConstantOpen(variable.span or typed("netc", variable.name), variable.name, shape, found))
    return np.asarray(given, np.float64)


def _loaded(variable: Variable, name: str, shape: tuple[int, ...], read: Read | None) -> Array:
    span = variable.span or typed("netc", variable.name)
    data = read(name) if read else None
    if data is None:
        raise MissingError(ConstantFileWrong(span, name, shape, "there is no such file below the spec's folder"))
    if name.endswith(".npy"):
        return _numpy_file(data, name, shape, span)
    try:
        numbers = np.array([float(word) for word in _text_numbers(data.decode("utf-8"))])
    except (UnicodeDecodeError, ValueError) as error:
        raise NetcError(ConstantFileWrong(span, name, shape, f"not a text of numbers ({error})")) from None
    if numbers.size != math.prod(shape):
        raise NetcError(ConstantFileWrong(span, name, shape, f"it holds {numbers.size:,} numbers"))
    return numbers.reshape(shape)


def _text_numbers(text: str) -> list[str]:
    """Numbers parted by blanks or commas; a drawn bitmap gives +1 for `X` or `#` and -1 for `.`."""
    lines = [line.split("//")[0].strip() for line in text.splitlines()]
    drawn = [line for line in lines if line and set(line) <= set("X#. ")]
    if drawn:
        return ["1" if c in "X#" else "-1" for line in drawn for c in line if c != " "]
    words: list[str] = []
    for line in lines:
        words += line.split("#")[0].replace(",", " ").split()
    return words


def _numpy_file(data: bytes, name: str, shape: tuple[int, ...], span: Span) -> Array:
    try:
        array = npy.decode(data, len(data))
    except ValueError as error:
        raise NetcError(ConstantFileWrong(span, name, shape, str(error))) from None
    if array.shape != shape:
        raise NetcError(ConstantFileWrong(span, name, shape, f"it holds {array.shape}"))
    return np.asarray(array, np.float64)
