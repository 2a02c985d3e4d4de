"""A normaliser without a bracket, given a matrix: the equation with the index that it lacks."""

from __future__ import annotations

from netc.compiler.diagnostics.problems.sizes import RankUnfit
from netc.compiler.elaborate.scope import Build, Environment, Scope
from netc.compiler.elaborate.values import Array, first, shape_text
from netc.compiler.source.text import Span
from netc.compiler.statements.expressions import Index
from netc.compiler.syntax import tree


def no_vector(b: Build, operation: str, array: Array, span: Span, scope: Scope, env: Environment) -> RankUnfit:
    """The problem of `softmax(x)` where `x` is no vector."""
    written = _with_index(b, operation, array, span, scope, env) or f"name the index: `{operation}[i](...)`"
    return RankUnfit(span, f"`{operation}` without a bracket takes a vector", shape_text(array.axes), written)


def _with_index(b: Build, operation: str, matrix: Array, span: Span, scope: Scope, env: Environment) -> str:
    """That it is written `a[t, s] = softmax[s](Q[t] @ K[s])` for `a = softmax(Q @ K.T)`; nothing where that is not what the equation is."""
    whole = scope.defined.get(scope.owner)
    if not isinstance(whole, tree.Call) or whole.span != span or matrix.rank != 2 or any(isinstance(i, Index) for i in env.values()):
        return ""
    wanted = "ijklmn" if matrix.axes[0].known else "tsuvij"
    free = [c for c in wanted if c not in scope.names and c not in scope.defined and c not in b.globals][:2]
    if len(free) < 2:
        return ""
    one, other = free
    body = whole.arguments[0].value
    element = _element(body, one, other, scope)
    name = next((n for n in ("scores", "logits") if n not in scope.names and n not in scope.defined and n not in b.globals), "")
    if element or not name:
        return f"name the index: `{scope.owner}[{one}, {other}] = {operation}[{other}]({element})`" if element else ""
    return f"name what it is taken of, `{name} = {body.span.text}`, and the index: `{scope.owner}[{one}, {other}] = {operation}[{other}]({name}[{one}, {other}])`"


def _element(node: tree.Expr, one: str, other: str, scope: Scope) -> str:
    """One element of what is written, as it would be written; nothing where that is not plain to see."""
    if isinstance(node, tree.Name):
        return f"{node.name}[{one}, {other}]" if _rank(node, scope) == 2 else ""
    if isinstance(node, tree.Attribute):
        return f"{node.base.span.text}[{other}, {one}]" if node.name.name == "T" and _rank(node.base, scope) == 2 else ""
    if not isinstance(node, tree.Binary):
        return ""
    left, right = node.left, node.right
    if node.operator == "@":
        turned = isinstance(right, tree.Attribute) and right.name.name == "T" and _rank(right.base, scope) == 2
        if not turned or _rank(left, scope) != 2 or not isinstance(right, tree.Attribute):
            return ""
        return f"{left.span.text}[{one}] @ {right.base.span.text}[{other}]"
    if node.operator not in ("/", "*"):
        return ""
    element = _element(left, one, other, scope)
    return f"{element} {node.operator} {right.span.text}" if element and _is_number(right, scope) else ""


def _rank(node: tree.Expr, scope: Scope) -> int:
    value = first(scope.names[node.name]) if isinstance(node, tree.Name) and node.name in scope.names else None
    return value.rank if isinstance(value, Array) and not value.open else -1


def _is_number(node: tree.Expr, scope: Scope) -> bool:
    """Whether something is written as one number: `8`, `D`, `sqrt(D)`."""
    if isinstance(node, tree.Call) and isinstance(node.function, tree.Name) and node.function.name == "sqrt" and len(node.arguments) == 1:
        return _is_number(node.arguments[0].value, scope)
    return isinstance(node, tree.Number) or isinstance(node, tree.Name) and isinstance(scope.names.get(node.name), int | float)
