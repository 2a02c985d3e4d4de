"""The syntax tree: frozen nodes with spans, one class for each construct of `grammar/net.lark`.

Equality is identity: two places that look alike are two nodes (one occurrence of a layer is one set of parameters).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from netc.compiler.source.text import Source, Span

# ---- expressions -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, slots=True)
class Name:
    span: Span
    name: str


@dataclass(frozen=True, eq=False, slots=True)
class Number:
    span: Span
    value: int | float


@dataclass(frozen=True, eq=False, slots=True)
class String:
    span: Span
    value: str


@dataclass(frozen=True, eq=False, slots=True)
class Argument:
    """An argument of a call; `name` for `key=value`."""

    span: Span
    name: Name | None
    value: Expr


@dataclass(frozen=True, eq=False, slots=True)
class Call:
    span: Span
    function: Expr
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, eq=False, slots=True)
class AxisName:
    """`o: n` in a bracket of a declaration: an axis with a name."""

    span: Span
    name: Name
    size: Expr


@dataclass(frozen=True, eq=False, slots=True)
class Star:
    """`*S`: all further axes under one name."""

    span: Span
    name: str


@dataclass(frozen=True, eq=False, slots=True)
class Index:
    """`base[items]`: an index, a slice, binders of a reduction or a list of axes."""

    span: Span
    base: Expr
    items: tuple[Expr, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Attribute:
    span: Span
    base: Expr
    name: Name


@dataclass(frozen=True, eq=False, slots=True)
class Sign:
    span: Span
    operator: Literal["+", "-"]
    operand: Expr


@dataclass(frozen=True, eq=False, slots=True)
class Binary:
    """`+ - * / // % @ ^`; `operator_span` is the operator alone."""

    span: Span
    operator: str
    operator_span: Span
    left: Expr
    right: Expr


@dataclass(frozen=True, eq=False, slots=True)
class Compare:
    """`== != <= >= < > in`."""

    span: Span
    operator: str
    left: Expr
    right: Expr


@dataclass(frozen=True, eq=False, slots=True)
class Logic:
    span: Span
    operator: Literal["and", "or"]
    left: Expr
    right: Expr


@dataclass(frozen=True, eq=False, slots=True)
class Not:
    span: Span
    operand: Expr


@dataclass(frozen=True, eq=False, slots=True)
class Conditional:
    """`then if condition else otherwise`."""

    span: Span
    then: Expr
    condition: Expr
    otherwise: Expr


@dataclass(frozen=True, eq=False, slots=True)
class Range:
    """`low..high`, both ends included."""

    span: Span
    low: Expr
    high: Expr


@dataclass(frozen=True, eq=False, slots=True)
class TupleOf:
    """`(a, b)`."""

    span: Span
    items: tuple[Expr, ...]


@dataclass(frozen=True, eq=False, slots=True)
class ListOf:
    """`[a, b]`: a list of settings or sizes."""

    span: Span
    items: tuple[Expr, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Join:
    """`[a; b]`: along the first axis."""

    span: Span
    items: tuple[Expr, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Pipe:
    """`left -> right`."""

    span: Span
    left: Expr
    right: Expr


Expr = (
    Name | Number | String | Call | AxisName | Star | Index | Attribute | Sign | Binary | Compare | Logic | Not
    | Conditional | Range | TupleOf | ListOf | Join | Pipe
)  # fmt: skip

# ---- statements --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, slots=True)
class Item:
    """`name[axes]` in a declaration; no bracket gives no axes."""

    span: Span
    name: Name
    axes: tuple[Expr, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Binding:
    span: Span
    item: Item
    value: Expr | None


@dataclass(frozen=True, eq=False, slots=True)
class Dims:
    span: Span
    bindings: tuple[Binding, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Const:
    span: Span
    bindings: tuple[Binding, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Input:
    span: Span
    names: tuple[Name, ...]
    type: Expr


@dataclass(frozen=True, eq=False, slots=True)
class Var:
    """`param` or `state`."""

    span: Span
    kind: Literal["param", "state"]
    items: tuple[Item, ...]
    init: Expr | None
    where: Expr | None


@dataclass(frozen=True, eq=False, slots=True)
class Next:
    span: Span
    target: Expr
    value: Expr


@dataclass(frozen=True, eq=False, slots=True)
class Output:
    span: Span
    name: Name
    value: Expr | None


@dataclass(frozen=True, eq=False, slots=True)
class Objective:
    span: Span
    kind: Literal["loss", "metric"]
    name: Name
    value: Expr


@dataclass(frozen=True, eq=False, slots=True)
class Assert:
    span: Span
    condition: Expr
    message: str | None


@dataclass(frozen=True, eq=False, slots=True)
class Equation:
    """`target = value`; the target is a Name, an Index or a TupleOf of these."""

    span: Span
    role: Literal["gate", "attention"] | None
    target: Expr
    type: Expr | None
    value: Expr


@dataclass(frozen=True, eq=False, slots=True)
class Likelihood:
    """`target ~ distribution`, and `where` for what is observed."""

    span: Span
    target: Expr
    distribution: Expr
    where: Expr | None


@dataclass(frozen=True, eq=False, slots=True)
class Table:
    """A drawn 0/1 grid. `rows[i][j]` is True where an X stands."""

    span: Span
    name: Name
    axes: tuple[Expr, ...]
    rows: tuple[tuple[bool, ...], ...]
    row_spans: tuple[Span, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Unread:
    """A statement that could not be read; its problem is with the reporter. `names` are what it may define."""

    span: Span
    names: tuple[str, ...]


Statement = Dims | Const | Input | Var | Next | Output | Objective | Assert | Equation | Likelihood | Table | Unread

# ---- top level ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, slots=True)
class Parameter:
    """A name in a header: setting, layer input or output, function argument."""

    span: Span
    name: Name
    type: Expr | None
    default: Expr | None


@dataclass(frozen=True, eq=False, slots=True)
class Use:
    span: Span
    path: String


@dataclass(frozen=True, eq=False, slots=True)
class Net:
    span: Span
    name: Name
    body: tuple[Statement, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Layer:
    span: Span
    name: Name
    settings: tuple[Parameter, ...]
    inputs: tuple[Parameter, ...]
    outputs: tuple[Parameter, ...]
    body: tuple[Statement, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Def:
    span: Span
    name: Name
    parameters: tuple[Parameter, ...]
    body: Expr


@dataclass(frozen=True, eq=False, slots=True)
class Block:
    """`train` or `sample` settings; `net` is None where they are of every net that has none of its own."""

    span: Span
    kind: Literal["train", "sample"]
    net: Name | None
    body: tuple[Statement, ...]


Top = Use | Net | Layer | Def | Table | Block | Dims | Const | Unread


@dataclass(frozen=True, eq=False, slots=True)
class File:
    """One parsed file. Statements that could not be read are `Unread`."""

    source: Source
    items: tuple[Top, ...]
