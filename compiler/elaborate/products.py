"""`@`: the last axis of the left meets the first axis of the right."""

from __future__ import annotations

from collections.abc import Sequence

from netc.compiler.diagnostics.problems.domains import ClassTooLarge
from netc.compiler.diagnostics.problems.sizes import DimsMixed, InnerSizesDiffer, NumberForVector, RankUnfit
from netc.compiler.elaborate.scope import Broken, Build, Scope
from netc.compiler.elaborate.values import Array, Place, Value, lifted, shape_text
from netc.compiler.source.text import Span
from netc.compiler.statements.expressions import Apply, Expr, Index, Kind, Number, Reduce, Type, affine
from netc.compiler.syntax import tree

_WRITTEN = "write the sum: `y[i, j] = sum[k](a[i, k] * b[k, j])`"


def matrix_product(
    b: Build, node: tree.Binary | tree.Compare, operands: tuple[Value, Value], scope: Scope
) -> Array:
    """The product of two vectors or matrices; a class value is a one-hot vector and picks a column (or a row)."""
    left, right = lifted(operands[0]), lifted(operands[1])
    if left is None or right is None:
        wrong = node.left if left is None else node.right
        parts = "; ".join(i.span.text for i in wrong.items) if isinstance(wrong, tree.ListOf) else "a; b"
        raise Broken(RankUnfit(wrong.span, "`@` joins two arrays", "a list", f"`[{parts}]` with `;` joins vectors to one; a list with `,` holds settings"))
    if right.classes is not None and not right.axes and left.axes:
        return _picked(left, right, node.left.span, node.span, last=True)
    if left.classes is not None and not left.axes and right.axes:
        return _picked(right, left, node.right.span, node.span, last=False)
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
            raise Broken(RankUnfit(span, "`@` works on vectors and matrices", shape_text(array.axes), _WRITTEN))
    inner, other = left.axes[-1], right.axes[0]
    if inner.size != other.size:
        raise Broken(
            InnerSizesDiffer(
                node.operator_span if isinstance(node, tree.Binary) else node.span, node.left.span, _listed(left), node.right.span, _listed(right), str(inner.size), str(other.size),
                _declared(node, scope),
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


def _picked(matrix: Array, choice: Array, span: Span, whole: Span, last: bool) -> Array:
    axis = matrix.axes[-1 if last else 0]
    assert choice.classes is not None
    if (axis.lo, axis.hi) != (choice.classes.lo, choice.classes.hi):
        raise Broken(ClassTooLarge(whole, span.text, str(axis), str(choice.classes)))
    rest = matrix.axes[:-1] if last else matrix.axes[1:]

    def at(places: Sequence[Place]) -> Expr:
        given = tuple(places)
        point = choice.at(())
        return matrix.at((*given, point) if last else (point, *given))

    return Array(rest, at, Type.REAL)
