"""Values of settings: numbers, words and lists of texts; what does not fit is raised as `Unfit`."""

from __future__ import annotations

import math

from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.settings import SettingUnfit
from netc.compiler.syntax import tree


class Unfit(Exception):
    """A setting that cannot be what it is; the reader reports the problem and goes on."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


def number(node: tree.Expr, name: str) -> float:
    """A number, with a sign, as a fraction or as a product."""
    match node:
        case tree.Number():
            return node.value
        case tree.Sign():
            return -number(node.operand, name) if node.operator == "-" else number(node.operand, name)
        case tree.Name(name="inf"):
            return math.inf
        case tree.Name(name="nan"):
            return math.nan
        case tree.Name(name="true"):
            return 1
        case tree.Name(name="false"):
            return 0
        case tree.Binary(operator="/" | "*" | "^") as b:
            left, right = number(b.left, name), number(b.right, name)
            try:
                return left / right if b.operator == "/" else left * right if b.operator == "*" else left**right
            except (ZeroDivisionError, OverflowError):
                return math.nan
        case _:
            raise Unfit(SettingUnfit(node.span, name, f"`{node.span.text}`", "a number"))


def positive(node: tree.Expr, name: str) -> float:
    found = number(node, name)
    if not found > 0 or math.isinf(found):
        raise Unfit(SettingUnfit(node.span, name, f"{found:g}", "a number above 0"))
    return found


def whole(node: tree.Expr, name: str, least: int = 1) -> int:
    found = number(node, name)
    if math.isnan(found) or math.isinf(found) or found != int(found) or found < least:
        raise Unfit(SettingUnfit(node.span, name, f"{found:g}", f"a whole number of at least {least}"))
    return int(found)


def choice(node: tree.Expr, name: str, known: tuple[str, ...]) -> str:
    text = node.value if isinstance(node, tree.String) else node.name if isinstance(node, tree.Name) else ""
    if text not in known:
        raise Unfit(SettingUnfit(node.span, name, f"`{node.span.text}`", " or ".join(f'"{k}"' for k in known)))
    return text


def texts(node: tree.Expr, name: str) -> tuple[str, ...]:
    items = node.items if isinstance(node, tree.ListOf) else (node,)
    for item in items:
        if not isinstance(item, tree.String):
            raise Unfit(SettingUnfit(item.span, name, f"`{item.span.text}`", 'a list of patterns such as ["features.*"]'))
    return tuple(i.value for i in items if isinstance(i, tree.String))
