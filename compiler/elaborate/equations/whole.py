"""A parameter vector where its element is meant: what `h[i] = tanh(b + ...)` defines gets a further axis from it."""

from __future__ import annotations

from collections.abc import Iterator

from netc.compiler.diagnostics.problems.seldom import WholeVector
from netc.compiler.elaborate.expressions.reductions import REDUCTIONS
from netc.compiler.elaborate.left import Defining, Left
from netc.compiler.elaborate.scope import Build, Environment, Scope
from netc.compiler.elaborate.values import Array, first, shape_text, type_text
from netc.compiler.statements.domains import Domain
from netc.compiler.statements.expressions import Index, Kind, free_indices
from netc.compiler.syntax import tree

_SUM = ("+", "-")
_ELEMENTWISE = (*_SUM, "*", "/")


def check_whole(b: Build, statement: Defining, left: Left, array: Array, axes: tuple[Domain, ...], scope: Scope, env: Environment) -> None:
    """Report whole vectors beside numbers that an index of the left side tells apart, where the two have the same range.

    A type on the left says that the further axis is meant.
    """
    if not isinstance(statement, tree.Equation) or not isinstance(statement.target, tree.Index):
        return
    if b.typing or statement.type is not None or not array.axes:
        return
    for vector, others in _pairs(statement.value):
        whole = _parameter(vector, scope)
        told = ((one, _told_apart(b, one, whole, left, scope, env)) for one in others if whole is not None)
        beside, index = next(((one, i) for one, i in told if i is not None), (vector, ""))
        if index:
            typed = f"{statement.target.span.text}: {type_text(axes)}"
            b.report(WholeVector(vector.span, vector.name, f"{vector.name}[{index}]", beside.span, index, left.name, shape_text(axes), typed), scope)


def _pairs(node: tree.Expr) -> Iterator[tuple[tree.Name, tuple[tree.Expr, ...]]]:
    """Every name with the other terms of its sum, or the other factor, in what is computed element by element."""
    match node:
        case tree.Binary() if node.operator in _ELEMENTWISE:
            parts = _terms(node) if node.operator in _SUM else (node.left, node.right)
            for k, part in enumerate(parts):
                bare = part.operand if isinstance(part, tree.Sign) else part
                if isinstance(bare, tree.Name):
                    yield bare, (*parts[:k], *parts[k + 1 :])
                yield from _pairs(part)
        case tree.Sign():
            yield from _pairs(node.operand)
        case tree.Conditional():
            yield from _pairs(node.then)
            yield from _pairs(node.otherwise)
        case tree.Call(function=tree.Name(name=name)) if name not in REDUCTIONS or len(node.arguments) > 1:
            for argument in node.arguments:
                yield from _pairs(argument.value)
        case _:
            return


def _terms(node: tree.Expr) -> tuple[tree.Expr, ...]:
    if isinstance(node, tree.Binary) and node.operator in _SUM:
        return *_terms(node.left), *_terms(node.right)
    return (node,)


def _parameter(name: tree.Name, scope: Scope) -> Array | None:
    value = scope.names.get(name.name)
    whole = isinstance(value, Array) and value.rank == 1 and value.variable is not None and value.variable.kind is Kind.PARAMETER
    return value if whole and isinstance(value, Array) else None


def _told_apart(b: Build, beside: tree.Expr, vector: Array, left: Left, scope: Scope, env: Environment) -> str | None:
    """The index of the left side by which a single number differs and by which the vector could be read."""
    with b.trial():
        value = first(b.evaluate(beside, scope, env))
    if not isinstance(value, Array) or value.axes or value.open:
        return None
    free = free_indices(value.at(()))
    fitting = (i for i in left.items if isinstance(i, Index) and i in free and i.domain == vector.axes[0])
    return next((i.name for i in fitting), None)
