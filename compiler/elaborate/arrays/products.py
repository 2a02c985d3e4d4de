"""`@`: the last axis of the left meets the first axis of the right."""

from __future__ import annotations

from collections.abc import Sequence

from netc.compiler.diagnostics.problems.domains import ClassTooLarge
from netc.compiler.diagnostics.problems.sizes import DimsMixed, InnerSizesDiffer, NumberForVector, RankUnfit
from netc.compiler.elaborate.ranges.unequal import redeclared
from netc.compiler.elaborate.scope import Broken, Build, Environment, Scope
from netc.compiler.elaborate.values import Array, Place, Value, lifted, shape_text
from netc.compiler.source.text import Span
from netc.compiler.statements.expressions import (
    Affine,
    Apply,
    Expr,
    Index,
    Kind,
    Number,
    Reduce,
    Type,
    Variable,
    affine,
)
from netc.compiler.syntax import tree

_WRITTEN = "write the sum: `y[i, j] = sum[k](a[i, k] * b[k, j])`"


def matrix_product(
    b: Build, node: tree.Binary | tree.Compare, operands: tuple[Value, Value], scope: Scope, env: Environment
) -> Array:  # fmt: skip
    """The product of two vectors or matrices; a class value is a one-hot vector and picks a column (or a row)."""
    left, right = lifted(operands[0]), lifted(operands[1])
    if left is None or right is None:
        wrong = node.left if left is None else node.right
        parts = "; ".join(i.span.text for i in wrong.items) if isinstance(wrong, tree.ListOf) else "a; b"
        raise Broken(RankUnfit(wrong.span, "`@` joins two arrays", "a list", f"`[{parts}]` with `;` joins vectors to one; a list with `,` holds settings"))
    if right.classes is not None and not right.axes and left.axes:
        return _picked(left, right, node.left, node.right, node.span, last=True)
    if left.classes is not None and not left.axes and right.axes:
        return _picked(right, left, node.right, node.left, node.span, last=False)
    if left.open or right.open:  # an unknown operand is taken for a vector
        axes = () if left.open and right.open else right.axes[1:] if left.open else left.axes[:-1]
        unsure = left.open and right.open or b.guessing and not axes  # two vectors, or a vector and a matrix
        return Array(axes, lambda _: Number(0), open=unsure)
    for array, span in ((left, node.left.span), (right, node.right.span)):
        if not 1 <= array.rank <= 2:
            side = node.left if array is left else node.right
            base = side.base if isinstance(side, tree.Index) else side
            product = product_of(base.name, scope) if isinstance(base, tree.Name) and not array.axes else None
            if product is not None:
                raise Broken(NumberForVector(product.span, base.span.text, span))
            if not array.axes and isinstance(side, tree.Binary) and side.operator == "@":
                raise Broken(NumberForVector(span, span.text, None, f"{_factor(side.left)} * {_factor(side.right)}"))
            times = f"one number multiplies with `*`: `{_factor(node.left)} * {_factor(node.right)}`"
            raise Broken(RankUnfit(span, "`@` works on vectors and matrices", shape_text(array.axes), _WRITTEN if array.axes else times))
    inner, other = left.axes[-1], right.axes[0]
    if inner.size != other.size:
        raise Broken(
            InnerSizesDiffer(
                node.operator_span if isinstance(node, tree.Binary) else node.span, node.left.span, _listed(left), node.right.span, _listed(right), str(inner.size), str(other.size),
                _declared(node, scope), _way_out(node, left, right, scope, env),
            )
        )
    if inner.name != other.name and inner.name in b.dims and other.name in b.dims and not scope.layer:
        b.report(DimsMixed(node.span, inner.name, other.name, str(inner.size)), scope)
    count = left.rank - 1
    shift = other.lo - inner.lo

    def at(places: Sequence[Place]) -> Expr:
        given = tuple(places)
        k = Index("k", inner)
        x, y = left.at((*given[:count], affine(k))), right.at((affine(k) + shift, *given[count:]))
        return Reduce("sum", (k,), None, Apply("*", (x, y)))

    return Array(left.axes[:-1] + right.axes[1:], at)


def _way_out(node: tree.Binary | tree.Compare, left: Array, right: Array, scope: Scope, env: Environment) -> str:
    """The product that fits: at one point of a length that is left open, the other way round, or with one side transposed."""
    for side, axis in ((node.right, right.axes[0]), (node.left, left.axes[-1])):
        if not axis.known:
            return _one_point(side, str(axis.size), scope, env)
    x, y = _factor(node.left), _factor(node.right)
    if left.rank == 1 and right.rank == 2 and right.axes[1].size == left.axes[0].size:
        return f"write `{y} @ {x}`: the matrix stands first"
    if left.rank == 2 and left.axes[0].size == right.axes[0].size:
        return f"write `{_transposed(x)} @ {y}`{_turned(node.left, scope)}"
    if right.rank == 2 and right.axes[1].size == left.axes[-1].size:
        return f"write `{x} @ {_transposed(y)}`{_turned(node.right, scope)}"
    for side, place, wanted in ((node.left, left.rank - 1, right.axes[0]), (node.right, 0, left.axes[-1])):
        variable = _parameter(side, scope) if isinstance(side, tree.Name) and not scope.layer else None
        declaration = redeclared(variable, place, wanted) if variable is not None else ""
        if declaration:
            return f"make the two sizes equal: declare `{declaration}`"
    return ""


def product_meant(node: tree.Binary | tree.Compare, left: Value, right: Value) -> str:
    """The matrix product of what stands on both sides of a `*`, where the sizes fit one."""
    if not isinstance(left, Array) or not isinstance(right, Array) or {left.rank, right.rank} not in ({1, 2}, {2}):
        return ""
    x, y = _factor(node.left), _factor(node.right)
    if left.axes[-1].size == right.axes[0].size:
        return f"{x} @ {y}"
    return f"{y} @ {x}" if left.rank == 1 and right.axes[1].size == left.axes[0].size else ""


def _one_point(side: tree.Expr, length: str, scope: Scope, env: Environment) -> str:
    """What is read along a whole length is meant at one point of it; which, the indices of the equation may tell."""
    text = side.span.text
    free = [name for name, index in env.items() if isinstance(index, Index | Affine)]
    if isinstance(side, tree.Name):
        point = f"`{text}[{free[0]}]`" if len(free) == 1 else f"`{scope.owner}[t] = ...` and `{text}[t]`"
        return f"`{text}` is read along the whole length {length}: write {point} for one point of it"
    base = scope.names.get(side.base.name) if isinstance(side, tree.Index) and isinstance(side.base, tree.Name) else None
    if isinstance(side, tree.Index) and isinstance(base, Array):
        return f"`{text}` says where on {len(side.items)} of the {base.rank} axes of `{side.base.span.text}`, and the whole length {length} is left: say where on that"
    return ""


def _factor(side: tree.Expr) -> str:
    text = side.span.text
    return text if isinstance(side, tree.Name | tree.Index | tree.Call | tree.Attribute) else f"({text})"


def _transposed(text: str) -> str:
    return text.removesuffix(".T") if text.endswith(".T") else f"{text}.T"


def _turned(side: tree.Expr, scope: Scope) -> str:
    """That a parameter may have its sizes the other way round."""
    base = side.base if isinstance(side, tree.Index) else side
    return f", or declare `{base.span.text}` the other way round" if _parameter(base, scope) else ""


def _parameter(side: tree.Expr, scope: Scope) -> Variable | None:
    """The parameter that a name stands for."""
    value = scope.names.get(side.name) if isinstance(side, tree.Name) else None
    variable = value.variable if isinstance(value, Array) else None
    return variable if variable is not None and variable.kind is Kind.PARAMETER else None


def product_of(name: str, scope: Scope) -> tree.Expr | None:
    """The product that a name stands for, alone or in a sum; where the name is one number, so is that."""
    waiting: list[tree.Expr | None] = [scope.defined.get(name)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, tree.Binary) and node.operator == "@":
            return node
        if isinstance(node, tree.Binary) and node.operator in ("+", "-", "*", "/"):
            waiting += (node.right, node.left)
    return None


def _declared(node: tree.Binary | tree.Compare, scope: Scope) -> tuple[tuple[str, Span], ...]:
    """Where the parameters and inputs of a product are declared, as far as they stand in it by name."""
    found = []
    for side in (node.left, node.right):
        base = side.base if isinstance(side, tree.Index) else side
        value = scope.names.get(base.name) if isinstance(base, tree.Name) else None
        variable = value.variable if isinstance(value, Array) else None
        if isinstance(base, tree.Name) and variable is not None and variable.kind is not Kind.TEMPORARY and variable.span is not None:
            found.append((base.name, variable.span))
    return tuple(found)


def _listed(array: Array) -> str:
    return ", ".join(str(a.size) for a in array.axes)


def _picked(matrix: Array, choice: Array, of: tree.Expr, by: tree.Expr, whole: Span, last: bool) -> Array:
    axis = matrix.axes[-1 if last else 0]
    assert choice.classes is not None
    if (axis.lo, axis.hi) != (choice.classes.lo, choice.classes.hi):
        other = matrix.axes[0 if last else -1]
        fits = matrix.rank == 2 and (other.lo, other.hi) == (choice.classes.lo, choice.classes.hi)
        instead = (f"{_factor(of)}[{by.span.text}]" if last else f"{_factor(of)} @ {_factor(by)}") if fits else ""
        raise Broken(ClassTooLarge(whole, of.span.text, str(axis), str(choice.classes), instead))
    rest = matrix.axes[:-1] if last else matrix.axes[1:]

    def at(places: Sequence[Place]) -> Expr:
        given = tuple(places)
        point = choice.at(())
        return matrix.at((*given, point) if last else (point, *given))

    return Array(rest, at, Type.REAL)
