"""What a source or a step is given, checked against what its function takes."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import UnionType
from typing import Any, Literal, get_args, get_origin

from netc.compiler.diagnostics.error import NetcError
from netc.compiler.diagnostics.problems.data import ArgumentUnfit
from netc.compiler.syntax import tree

Range = int | tuple[int, int]  # a whole number, or `[smallest, largest]`
_GIVEN = ("place", "seed", "splits")  # what netc gives, not the spec
_FROM_ZERO = ("first", "last", "width", "gap", "symbols", "longest", "depth")  # whole numbers that may be 0; all others count something
_MOST = {"size": 4096, "width": 4096, "samples": 10_000_000, "arms": 1000, "length": 1_000_000, "gap": 1_000_000}  # beyond these nothing is made
_SHARES = ("train", "validation")


def arguments_of(call: tree.Call, function: Callable[..., Any]) -> dict[str, Any]:
    """The arguments of a call by name. Raises NetcError at the one that the function does not take."""
    wanted = _parameters(function)
    name = call.function.span.text
    written = usage_of(name, function)
    found: dict[str, Any] = {}
    for position, argument in enumerate(call.arguments):
        key = argument.name.name if argument.name else list(wanted)[position] if position < len(wanted) else ""
        if key not in wanted:
            raise NetcError(ArgumentUnfit(argument.span, name, f"does not take `{argument.span.text}`", written))
        value, kind = _literal(argument.value), wanted[key].annotation
        if not any(_fits(value, k) for k in (get_args(kind) if isinstance(kind, UnionType) else (kind,))):
            reason = f"cannot use `{argument.value.span.text}` for `{key}`"
            if get_origin(kind) is Literal:
                reason += f": it is {' or '.join(_written(k) for k in get_args(kind))}"
            raise NetcError(ArgumentUnfit(argument.span, name, reason, written))
        least = 0 if key in _FROM_ZERO else 1
        whole = (value,) if isinstance(value, int) and not isinstance(value, bool) and kind in (int, Range) else value if isinstance(value, tuple) else ()
        if any(v < least for v in whole):
            raise NetcError(ArgumentUnfit(argument.span, name, f"needs `{key}` of at least {least}", written))
        if any(v > _MOST.get(key, v) for v in whole):
            raise NetcError(ArgumentUnfit(argument.span, name, f"takes `{key}` of at most {_MOST[key]:,}", written))
        if key in _SHARES and isinstance(value, int | float) and not 0 <= value <= 1:
            raise NetcError(ArgumentUnfit(argument.span, name, f"needs `{key}` as a share from 0 to 1", written))
        if len(whole) == 2 and whole[0] > whole[1]:
            raise NetcError(ArgumentUnfit(argument.span, name, f"needs `{key}` as `[smallest, largest]`", written))
        found[key] = value
    missing = [k for k, p in wanted.items() if p.default is p.empty and k not in found]
    if missing:
        raise NetcError(ArgumentUnfit(call.span, name, f"needs `{missing[0]}`", written))
    return found


def usage_of(name: str, function: Callable[..., Any]) -> str:
    """`spirals(samples=1000, arms=2, noise=0.05)`: what a call may say, with what holds where it does not."""
    shown = [k if p.default is p.empty else f"{k}={_written(p.default)}" for k, p in _parameters(function).items()]
    return f"{name}({', '.join(shown)})"


def _parameters(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    return {k: p for k, p in inspect.signature(function, eval_str=True).parameters.items() if k not in _GIVEN}


def _written(value: Any) -> str:
    """A value as a spec writes it."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case tuple():
            return f"[{', '.join(map(str, value))}]"
        case _:
            return str(value)


def _fits(value: Any, kind: Any) -> bool:
    if get_origin(kind) is Literal:
        return value in get_args(kind)
    if get_origin(kind) is tuple:
        return isinstance(value, tuple) and len(value) == 2 and all(_fits(v, int) for v in value)
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, (int, float) if kind is float else kind)


def _literal(node: tree.Expr) -> Any:
    match node:
        case tree.Number() | tree.String():
            return node.value
        case tree.Sign():
            inner = _literal(node.operand)
            return (-inner if node.operator == "-" else inner) if isinstance(inner, int | float) else None
        case tree.Name(name="true" | "false" as word):
            return word == "true"
        case tree.ListOf():
            return tuple(_literal(item) for item in node.items)
        case _:
            return None
