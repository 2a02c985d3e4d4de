"""Scalar expressions as C text."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

from netc.compiler.kernels.language.sizes import Size
from netc.compiler.kernels.language.storage import Access, Storage
from netc.compiler.statements.expressions import (
    BATCH,
    Affine,
    Apply,
    Expr,
    Index,
    IndexValue,
    Number,
    Read,
    free_indices,
    reads,
)

_COMPARE = ("<", "<=", ">", ">=", "==", "!=")
_INFIX = {"+", "-", "*", "/", *_COMPARE}
_CALLS = {
    "exp": "real_exp", "log": "real_log", "sqrt": "real_sqrt", "tanh": "real_tanh", "sigmoid": "real_sigmoid", "softplus": "real_softplus",
    "sin": "real_sin", "cos": "real_cos", "erf": "real_erf", "abs": "real_abs", "sign": "real_sign", "floor": "real_floor",
    "max": "real_max", "min": "real_min", "//": "real_floordiv", "%": "real_mod", "^": "real_pow", "logaddexp": "real_logaddexp",
}  # fmt: skip


class Scalars(ABC):
    """Prints scalar functions; what is read differs from user to user."""

    @abstractmethod
    def read(self, r: Read) -> str: ...

    def repeats(self, divisor: Expr) -> bool:
        """Whether many numbers, one after another, are divided by this."""
        return isinstance(divisor, Number) and math.frexp(divisor.value)[0] != 0.5

    def expression(self, e: Expr) -> str:
        match e:
            case Number():
                return number(e.value)
            case Read():
                return self.read(e)
            case Apply():
                return self._apply(e)
            case _:
                raise TypeError(f"not in normal form: {type(e).__name__}")

    def _apply(self, e: Apply) -> str:
        name, arguments = e.function, [self.expression(a) for a in e.arguments]
        match name:
            case "neg":
                return f"(-{arguments[0]})"
            case "stop":
                return arguments[0]
            case "where":
                return f"({truth(e.arguments[0], arguments[0])} ? {arguments[1]} : {arguments[2]})"
            case "and" | "or":
                a, b = (truth(x, t) for x, t in zip(e.arguments, arguments, strict=True))
                return f"({a} {'&' if name == 'and' else '|'} {b})"
            case "not":
                return f"(!{truth(e.arguments[0], arguments[0])})"
            case "^" if isinstance(e.arguments[1], Number) and e.arguments[1].value in (2, 3):
                return f"real_{'square' if e.arguments[1].value == 2 else 'cube'}({arguments[0]})"
            case _ if name in _COMPARE and all(isinstance(a, IndexValue) for a in e.arguments):
                x, y = (a.removeprefix("(real)") for a in arguments)
                return f"((int){x} {name} (int){y})"
            case "/" if self.repeats(e.arguments[1]):
                return f"real_quotient({', '.join(arguments)})"
            case _ if name in _INFIX:
                return f"({arguments[0]} {name} {arguments[1]})"
            case _:
                return f"{_CALLS[name]}({', '.join(arguments)})"


class Texts(Scalars):
    """Prints expressions; `names` are the C names of the indices at hand, `forwards` what is still in a register."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self.names: dict[Index, str] = {}
        self.forwards: dict[str, str] = {}
        self.inner: Index | None = None  # of the innermost loop, where turns are likely to go side by side

    def repeats(self, divisor: Expr) -> bool:
        i = self.inner
        if i is None or isinstance(divisor, Number):
            return super().repeats(divisor)
        return i not in free_indices(divisor) and not (i is BATCH and any(r.variable.per_sample for r in reads(divisor)))

    def expression(self, e: Expr) -> str:
        return f"(real)({self.affine(e.affine)})" if isinstance(e, IndexValue) else super().expression(e)

    def condition(self, e: Expr) -> str:
        return truth(e, self.expression(e))

    def affine(self, a: Affine) -> str:
        parts = [f"{'' if c == 1 else f'{c} * '}{self.names[i]}" for i, c in a.terms]
        const = self.storage.names.size(a.const)
        if const.terms or not parts:
            parts.append(str(const))
        return " + ".join(parts).replace("+ -", "- ")

    def read(self, r: Read) -> str:
        element = self.element(self.storage.access(r.variable, r.indices))
        if element in self.forwards:
            return self.forwards[element]
        self.storage.loaded.add(self.storage.place(r.variable).name)
        return f"(real){element}" if self.storage.place(r.variable).integer else element

    def element(self, access: Access) -> str:
        return f"{access.place.name}[{self.address(access)}]"

    def address(self, access: Access) -> str:
        """Where an element lies in its buffer."""
        self.storage.touch(access.place)
        parts = []
        if access.place.tile.terms and not access.place.own:
            parts.append(product("tile", access.place.tile))
        parts += [product(self.names[i], s) for i, s in access.terms.items() if self.names[i] != "0"]
        for e, low, size, stride in access.data:
            parts.append(product(f"pick({self.integer(e)} - {low.factor}, {size})", stride))
        if access.const.terms or not parts:
            parts.append(str(access.const))
        return " + ".join(parts).replace("+ -", "- ")

    def integer(self, e: Expr) -> str:
        """A data index, as an integer."""
        if isinstance(e, Read):
            element = self.element(self.storage.access(e.variable, e.indices))
            if element not in self.forwards:
                self.storage.loaded.add(self.storage.place(e.variable).name)
            return f"(long){self.forwards.get(element, element)}"
        return f"(long)({self.expression(e)})"


def product(name: str, stride: Size) -> str:
    return name if stride.known == 1 else f"{name} * {stride.factor}"


def truth(e: Expr, text: str) -> str:
    """A condition, as 0 or 1."""
    if isinstance(e, Apply) and e.function in (*_COMPARE, "and", "or", "not"):
        return text
    return f"({text} != 0)"


def number(x: float | int | bool) -> str:
    if isinstance(x, bool):
        return "(real)1" if x else "(real)0"
    if math.isinf(x):
        return "(real)INFINITY" if x > 0 else "(real)-INFINITY"
    if math.isnan(x):
        return "(real)NAN"
    return f"(real){float(x)!r}" if x >= 0 else f"((real){float(x)!r})"
