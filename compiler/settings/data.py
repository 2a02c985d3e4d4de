"""Reads `data = source(...) -> step(...)`: the names and arguments of the setting, without the data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.settings import SettingUnfit, UnknownSource
from netc.compiler.diagnostics.suggest import suggest
from netc.compiler.settings.calls import meant_as, name_of
from netc.compiler.settings.kinds import Kind, Unfit, flat
from netc.compiler.settings.sources import SOURCES, STEPS, USUAL
from netc.compiler.syntax import tree


class Data(Kind):
    """A source and the steps behind it. The value is the text's own tree: the data are read when they are wanted."""

    @property
    def wanted(self) -> str:
        return "a source, with its steps behind it"

    def take(self, value: Any) -> Any:
        return None

    def read(self, node: tree.Expr, name: str, instead: Callable[[str], str], example: str) -> tree.Expr:
        problems: list[Problem] = []
        first, *steps = _parts(node)
        for k, part in enumerate((first, *steps)):
            try:
                arguments_of(_call(part, instead if k == 0 else str), k == 0)
            except Unfit as unfit:
                problems += unfit.problems
        if problems:
            raise Unfit(*problems)
        return node


def calls_of(node: tree.Expr | None) -> list[tree.Call]:
    """The source and the steps of a setting; nothing for no setting. Raises Unfit where one is no call."""
    return [_call(part, str) for part in _parts(node)] if node is not None else []


def arguments_of(call: tree.Call, source: bool) -> dict[str, Any]:
    """What a source, or a step, is given, by name. Raises Unfit with all that is wrong."""
    table, others, what = (SOURCES, STEPS, "source") if source else (STEPS, SOURCES, "step")
    name = name_of(call)
    if name not in table:
        if isinstance(call.function, tree.Attribute):
            steps = " -> ".join(_chained(call))
            raise Unfit(SettingUnfit(call.span, "data", flat(call), "a source with its steps behind it, each with `->`", steps))
        guess = None if name in others else suggest(name, table)
        problem = UnknownSource(call.function.span, what, name, tuple(table), guess, name in others)
        raise Unfit(problem, *meant_as(call, guess, table))
    return table[name].read(call)


def _chained(node: tree.Expr) -> list[str]:
    """`digits().flatten()`, as other languages chain calls, in its parts."""
    if not isinstance(node, tree.Call) or not isinstance(node.function, tree.Attribute):
        return [flat(node)]
    base, name = node.function.base, node.function.name
    return [*_chained(base), name.name + " ".join(node.span.text[name.span.end - node.span.start :].split())]


def _parts(node: tree.Expr) -> list[tree.Expr]:
    return [*_parts(node.left), *_parts(node.right)] if isinstance(node, tree.Pipe) else [node]


def _call(node: tree.Expr, instead: Callable[[str], str]) -> tree.Call:
    """A name alone is a call without arguments. What is no call may be a file."""
    match node:
        case tree.Call():
            return node
        case tree.Name():
            return tree.Call(node.span, node, ())
        case tree.String(value=text):
            ending = text[text.rfind(".") :].lower() if "." in text else ""
            kind = text if text in (*SOURCES, *STEPS) else USUAL.get(ending, "text")
            meant = f"{kind}()" if kind == text else f"{kind}({node.span.text})"
        case _:
            meant = "digits()"
    raise Unfit(SettingUnfit(node.span, "data", flat(node), "a source such as `digits()`, and steps such as `-> resize(28)` behind it", instead(meant)))
