"""What an expression may stand for while a net is elaborated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeGuard

from netc.compiler.statements.domains import Bound, Domain, Extent
from netc.compiler.statements.expressions import Affine, Apply, Expr, IndexValue, Number, Read, Type, Variable
from netc.compiler.syntax import tree

Place = Affine | Expr
At = Callable[[Sequence[Place]], Expr]


@dataclass(frozen=True, eq=False)
class Array:
    """An array-valued expression: its axes, and the scalar expression of one element."""

    axes: tuple[Domain, ...]
    at: At
    type: Type = Type.REAL
    classes: Domain | None = None  # of integers: the values they take
    variable: Variable | None = None  # where this is a variable as it stands
    open: bool = False  # while the sizes of a recurrence are being found: this one is not known yet
    hints: tuple[Domain | None, ...] = ()  # of an open array: the axes that are known already

    @property
    def rank(self) -> int:
        return len(self.axes)


@dataclass(frozen=True, eq=False)
class LayerValue:
    """A layer with its settings: `Conv(6, 5)`. `path` names its parameters."""

    declaration: tree.Layer
    settings: dict[str, Value]
    path: str
    call: tree.Call
    text: tuple[tuple[str, str], ...] = ()  # the settings as written, for tables


@dataclass(frozen=True)
class Composition:
    """`f -> g`: apply in order."""

    parts: tuple[Value, ...]


@dataclass(frozen=True)
class Mapped:
    """`each(f)`: apply along the first axis."""

    inner: Value


@dataclass(frozen=True, eq=False)
class LayerName:
    declaration: tree.Layer


@dataclass(frozen=True, eq=False)
class Function:
    declaration: tree.Def


@dataclass(frozen=True)
class Builtin:
    """A function or rule that the language knows by name."""

    name: str


@dataclass(frozen=True)
class Rule:
    """`normal(0, 1)`, `glorot`, `softmax(z)` on the right of `~`: a distribution or an initialiser."""

    name: str
    arguments: tuple[Value, ...]


@dataclass(frozen=True)
class Load:
    path: str


@dataclass(frozen=True)
class Outputs:
    """What a layer with several outputs gives; the first stands for all where one value is needed."""

    values: dict[str, Value]

    @property
    def first(self) -> Value:
        return next(iter(self.values.values()))


@dataclass(frozen=True)
class Children:
    """`children(n)`: the slots of a node; a slot may be empty."""

    structure: Variable
    node: Affine

    @property
    def slots(self) -> Domain:
        return self.structure.axes[1]

    def child(self, slot: Affine) -> Array:
        """The position of one child."""
        e = Read(self.structure, (self.node, slot))
        return Array((), lambda _: e, Type.INTEGER, self.structure.axes[0])

    def present(self, slot: Affine) -> Expr:
        """Whether there is a child in the slot."""
        return Apply(">=", (Read(self.structure, (self.node, slot)), Number(0)))


@dataclass(frozen=True)
class Everywhere:
    """`all`: a table without gaps."""


@dataclass(frozen=True)
class Poison:
    """A name whose definition failed; using it is silent, because the mistake was reported.

    What depends on it is judged by its sizes, where they are known.
    """

    sized: Array | Outputs | None = None


@dataclass
class StarIndices:
    """`*s`: the indices of all further axes, made at the first use."""

    name: str
    indices: tuple[Affine, ...] | None = None
    bound: bool = field(default=True)


Static = int | float | bool | str
Value = (
    Static | Bound | list["Value"] | Array | Affine | Domain | LayerValue | Composition | Mapped | LayerName | Function
    | Builtin | Rule | Load | Outputs | Everywhere | Children | Poison | tuple["Value", ...]
)  # fmt: skip


def is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float)


def first(value: Value) -> Value:
    """One value where several outputs are given."""
    while isinstance(value, Outputs):
        value = value.first
    return value


def scalar(e: Expr, type: Type = Type.REAL, classes: Domain | None = None) -> Array:
    return Array((), lambda _: e, type, classes)


def lifted(value: Value) -> Array | None:
    """The value as an array, or None where it is no number."""
    value = first(value)
    if isinstance(value, Array):
        return value
    if isinstance(value, Affine):
        return scalar(IndexValue(value), Type.INTEGER)
    if isinstance(value, bool):
        return scalar(Number(value), Type.BOOLEAN)
    if isinstance(value, Extent):
        return scalar(IndexValue(Affine(value)), Type.INTEGER)
    if isinstance(value, int | float):
        return scalar(Number(value), Type.INTEGER if isinstance(value, int) else Type.REAL)
    return None


def shape_text(axes: Sequence[Domain]) -> str:
    """`6×28×28`, or the domain where it does not begin at 0; `a single number` without axes."""
    return "×".join(str(a.size) if a.lo == 0 else f"({a})" for a in axes) or "a single number"


def type_text(axes: Sequence[Domain], kind: Type = Type.REAL, classes: Domain | None = None) -> str:
    """A type as a declaration would write it: `real[1..T, 3]`."""
    name = {Type.REAL: "real", Type.INTEGER: f"class({classes.size})" if classes is not None else "real", Type.BOOLEAN: "bool"}[kind]
    return f"{name}[{', '.join(str(a) for a in axes)}]" if axes else name


def sort_text(value: Value) -> str:
    """What a value is, in words."""
    value = first(value)
    match value:
        case Array():
            kind = {Type.REAL: "real", Type.INTEGER: "class", Type.BOOLEAN: "bool"}[value.type]
            return f"{kind}[{', '.join(map(str, value.axes))}]" if value.axes else f"a single {kind} number"
        case bool() | int() | float():
            return f"the number {value}"
        case Affine():
            return "an index"
        case Extent():
            return f"the length {value}"
        case Domain():
            return f"the range {value}"
        case LayerValue():
            return f"the layer `{value.declaration.name.name}`"
        case LayerName():
            return f"the layer `{value.declaration.name.name}` without its settings"
        case Function():
            return f"the function `{value.declaration.name.name}`"
        case Builtin() | Rule():
            return f"`{value.name}`"
        case str():
            return "a text"
        case list():
            return "a list"
        case _:
            return "something that is not a number"
