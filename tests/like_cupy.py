"""CuPy as netc sees it, on NumPy: its names and arguments, and arrays that NumPy's functions cannot take and that take none of NumPy's.

As in CuPy 14: an index gives an array and never a number, functions of two numbers reduce by two of them and scatter by three.
`device/test_like_cupy.py` compares the signatures with CuPy's own where that is installed.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

_FACTS = {"shape", "dtype", "itemsize", "nbytes", "size", "ndim", "strides", "T"}
_METHODS = {"reshape", "astype", "view", "fill", "copy", "any", "sum", "ravel"}
_REDUCE, _AT = {"add", "multiply"}, {"add", "maximum", "minimum"}
TYPES = ("int32", "int64", "uint8", "uint64", "float32", "float64", "bool_", "dtype")
FUNCTIONS = {  # with the parameters that CuPy has; those behind the first `=` have defaults
    "empty": "shape, dtype=, order=", "zeros": "shape, dtype=, order=", "empty_like": "prototype, dtype=", "zeros_like": "a, dtype=",
    "arange": "start, stop=, step=, dtype=", "concatenate": "tup, axis=, out=", "moveaxis": "a, source, destination",
    "where": "condition, x=, y=", "clip": "a, a_min, a_max, out=", "copyto": "dst, src, casting=, where=", "result_type": "*arrays_and_dtypes",
    "sum": "a, axis=, dtype=, out=, keepdims=", "max": "a, axis=, out=, keepdims=", "min": "a, axis=, out=, keepdims=",
    "argmax": "a, axis=, dtype=, out=, keepdims=", "argmin": "a, axis=, dtype=, out=, keepdims=", "einsum": "*operands",
    "take": "a, indices, axis=, out=", "matmul": "*args, out=", "asarray": "a, dtype=, order=", "asnumpy": "a, stream=, order=, out=",
}  # fmt: skip


def there(value: Any) -> Any:
    """What NumPy computes with behind the scenes. Raises TypeError for an array of the host's."""
    if isinstance(value, Device):
        return value.host
    if isinstance(value, np.ndarray) and value.ndim:
        raise TypeError("Unsupported type <class 'numpy.ndarray'>")
    return type(value)(map(there, value)) if isinstance(value, list | tuple) else value


class Pointer:
    """A place in memory, counted in bytes."""

    def __init__(self, host: np.ndarray, offset: int = 0) -> None:
        self.host, self.offset = host, offset

    def __add__(self, count: int) -> Pointer:
        return Pointer(self.host, self.offset + count)


def _swapped(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda a, b: function(b, a)


class Device:
    """An array on the device."""

    __array_ufunc__ = None  # numbers of NumPy's leave arithmetic to it

    def __init__(self, host: Any) -> None:
        self.host = np.asarray(host)

    @property
    def data(self) -> Pointer:
        return Pointer(self.host)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name not in _FACTS | _METHODS:
            raise NotImplementedError(f"cupy.ndarray.{name}")
        found = getattr(self.host, name)
        if name == "T":
            return Device(found)
        return (lambda *a, **k: Device(found(*map(there, a), **k))) if name in _METHODS else found

    def __array__(self, *_: Any, **__: Any) -> np.ndarray:
        raise TypeError("Implicit conversion to a NumPy array is not allowed. Please use `.get()` to construct a NumPy array explicitly.")

    def __iter__(self) -> Iterator[Device]:
        return (self[k] for k in range(len(self)))

    def __getitem__(self, at: Any) -> Device:
        key = tuple(k.host if isinstance(k, Device) else k for k in (at if isinstance(at, tuple) else (at,)))
        return Device(self.host[key if any(k is Ellipsis for k in key) else (*key, ...)])

    def __setitem__(self, at: Any, value: Any) -> None:
        key = tuple(k.host if isinstance(k, Device) else k for k in (at if isinstance(at, tuple) else (at,)))
        self.host[key] = there(value)

    def __float__(self) -> float:
        return float(self.host)

    def __int__(self) -> int:
        return int(self.host)

    def __bool__(self) -> bool:
        return bool(self.host)

    def __len__(self) -> int:
        return len(self.host)

    def __neg__(self) -> Device:
        return Device(-self.host)

    def __invert__(self) -> Device:
        return Device(~self.host)


def _operators() -> None:
    for name in ("add", "sub", "mul", "truediv", "pow", "and_", "rshift", "lshift", "xor", "lt", "le", "gt", "ge", "eq", "ne"):
        function, plain = getattr(operator, name), name.rstrip("_")
        setattr(Device, f"__{plain}__", lambda a, b, f=function: Device(f(a.host, there(b))))
        if name in ("lt", "le", "gt", "ge", "eq", "ne"):
            continue
        setattr(Device, f"__r{plain}__", lambda a, b, f=_swapped(function): Device(f(a.host, there(b))))
        in_place = getattr(operator, f"i{plain}")
        setattr(Device, f"__i{plain}__", lambda a, b, f=in_place: (f(a.host, there(b)), a)[1])


_operators()


class Ufunc:
    """A function of numbers, with the arguments and methods that CuPy's has."""

    def __init__(self, function: np.ufunc) -> None:
        self.function, self.name = function, function.__name__

    def __call__(self, *given: Any, out: Any = None, dtype: Any = None, casting: str = "same_kind") -> Any:
        written = out if out is not None else given[self.function.nin] if len(given) > self.function.nin else None
        if written is not None and not isinstance(written, Device):
            raise TypeError("Output arguments type must be cupy.ndarray")
        found = self.function(*map(there, given), dtype=dtype, casting=casting, **({} if out is None else {"out": out.host}))
        return written if written is not None else Device(found)

    def at(self, a: Device, indices: Any, b: Any) -> None:
        if self.name not in _AT:
            raise NotImplementedError(f"`cupy.{self.name}.at` is not supported")
        self.function.at(a.host, tuple(k.host if isinstance(k, Device) else k for k in indices), there(b))

    def reduce(self, a: Device, axis: Any = 0, dtype: Any = None, out: Any = None, keepdims: bool = False) -> Device:
        if self.name not in _REDUCE:
            raise NotImplementedError(f"`cupy.{self.name}.reduce` is not supported")
        return Device(self.function.reduce(there(a), axis, dtype, None if out is None else out.host, keepdims))


class Function:
    """Any other function, with the parameters in `FUNCTIONS`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.known = [p.strip().rstrip("=") for p in FUNCTIONS[name].split(",")]

    def __call__(self, *given: Any, **named: Any) -> Any:
        fixed = [p for p in self.known if not p.startswith("*")]
        if set(named) - set(fixed) or len(fixed) == len(self.known) and len(given) > len(fixed):
            raise TypeError(f"cupy.{self.name} does not take {len(given)} arguments and {', '.join(named) or 'no names'}")
        if self.name == "asnumpy":
            return np.array(given[0].host)
        if self.name == "asarray":
            return given[0] if isinstance(given[0], Device) and len(given) == 1 else Device(np.asarray(_host(given[0]), *given[1:], **named))
        out = named.get("out")
        values = getattr(np, self.name)(*map(there, given), **{k: there(v) for k, v in named.items()})
        return values if self.name == "result_type" else out if out is not None else Device(values) if values is not None else None


def _host(value: Any) -> Any:
    return value.host if isinstance(value, Device) else value


class Module:
    """The module."""

    __name__ = "cupy"

    def __getattr__(self, name: str) -> Any:
        if name in FUNCTIONS:
            return Function(name)
        found = getattr(np, name)
        if name not in TYPES and not isinstance(found, np.ufunc):
            raise NotImplementedError(f"cupy.{name}")
        return found if name in TYPES else Ufunc(found)

    def ndarray(self, shape: tuple[int, ...], dtype: Any, memptr: Pointer, strides: tuple[int, ...]) -> Device:
        return Device(np.ndarray(shape, dtype, memptr.host, memptr.offset, strides))
