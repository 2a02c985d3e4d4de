"""What an operator may do and is seldom meant to: a class number as a quantity, one number beside a vector, a vector for its element."""

from __future__ import annotations

from netc.compiler.diagnostics.problems.seldom import ClassAsQuantity, NumberAddedToVector
from netc.compiler.elaborate.scope import Build, Environment, Scope
from netc.compiler.elaborate.values import Array, Value, first, shape_text, type_text
from netc.compiler.source.text import Span
from netc.compiler.statements.domains import Domain
from netc.compiler.statements.expressions import Affine, Index, Kind, Read, Type, affine
from netc.compiler.syntax import tree

_BIT = 2  # of two classes, the number says whether it is the second


def check_classes(b: Build, operator: str, operands: list[tuple[Value, Span]], result: Type, scope: Scope) -> None:
    """Report class inputs whose numbers enter arithmetic, or a join with others. Integers among themselves stay classes or places."""
    for value, span in operands if result is Type.REAL else ():
        variable = _class_input(b, value)
        if variable is not None:
            name, declaration, classes, real = variable
            b.report(ClassAsQuantity(span, name, classes, span.text, operator, declaration, real), scope)


def _class_input(b: Build, value: Value) -> tuple[str, Span, int, str] | None:
    """The name of an input of several classes, where it is declared, how many classes there are, and its type if it were real."""
    if not isinstance(value, Array) or value.classes is None or value.open:
        return None
    read = value.at([affine(Index("p", axis)) for axis in value.axes])
    variable = b.extended.get(read.variable, read.variable) if isinstance(read, Read) else None
    if variable is None or variable.kind is not Kind.INPUT or variable.span is None or variable.classes is None:
        return None
    count = variable.classes.points()
    written = variable.span.text.partition(":")[2].strip()
    return (variable.name, variable.span, count, type_text(variable.axes)) if written.startswith("class") and count > _BIT else None


def check_sum(b: Build, node: tree.Binary, left: Value, right: Value, scope: Scope, env: Environment) -> None:
    """Report a product of two vectors, one number, that is added to a vector."""
    if not isinstance(left, Array) or not isinstance(right, Array) or left.open or right.open:
        return
    for one, other, value, side in ((left, right, node.left, node.right), (right, left, node.right, node.left)):
        product = value.operand if isinstance(value, tree.Sign) else value
        if one.axes or not other.axes or not isinstance(product, tree.Binary) or product.operator != "@":
            continue
        factors = [_axes(b, factor, scope, env) for factor in (product.left, product.right)]
        if not all(factors):
            continue  # a class picks an element
        text = product.span.text
        at = product.operator_span.start - product.span.start
        free = [n for n, i in env.items() if isinstance(i, Index | Affine)]
        named = f"s[{', '.join(free)}]" if free else "s"
        fits = all(axes == other.axes for axes in factors)
        elementwise = f"{text[:at]}*{text[at + 1 :]}" if fits else ""
        b.report(NumberAddedToVector(product.span, text, side.span, shape_text(other.axes), elementwise, named), scope)


def _axes(b: Build, node: tree.Expr, scope: Scope, env: Environment) -> tuple[Domain, ...]:
    with b.trial():
        value = first(b.evaluate(node, scope, env))
    return value.axes if isinstance(value, Array) else ()
