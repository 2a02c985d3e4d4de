"""Evaluates an expression of the syntax tree to a value: a number, an index, an array as a rule for its elements, a layer."""

from __future__ import annotations

from collections.abc import Callable

from netc.compiler.diagnostics import foreign
from netc.compiler.diagnostics.problems.calls import LayerNotMade, NotApplicable
from netc.compiler.diagnostics.problems.names import UnknownPart
from netc.compiler.diagnostics.problems.sizes import RankUnfit
from netc.compiler.elaborate.arrays.joins import join
from netc.compiler.elaborate.arrays.pointwise import pointwise
from netc.compiler.elaborate.arrays.products import matrix_product, product_meant
from netc.compiler.elaborate.expressions.calls import BUILTINS, evaluate_call
from netc.compiler.elaborate.expressions.indexing import evaluate_index
from netc.compiler.elaborate.expressions.lookup import lookup, transposed, without_library
from netc.compiler.elaborate.expressions.seldom import check_classes, check_sum
from netc.compiler.elaborate.misapplied import needed, unfit
from netc.compiler.elaborate.scope import Broken, Build, Environment, Scope, Silenced
from netc.compiler.elaborate.values import (
    Array,
    Builtin,
    Composition,
    Function,
    LayerName,
    LayerValue,
    Outputs,
    Value,
    first,
    is_number,
    lifted,
    shape_text,
    sort_text,
)
from netc.compiler.functions.scalar import SCALAR
from netc.compiler.source.text import Span
from netc.compiler.statements.domains import Bound, Domain, Extent, quotient
from netc.compiler.statements.expressions import Affine, Number, Type
from netc.compiler.syntax import tree

_STATIC: dict[str, Callable[..., int | float | bool]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b,
    "//": lambda a, b: a // b, "%": lambda a, b: a % b, "^": lambda a, b: a**b,
    "==": lambda a, b: a == b, "!=": lambda a, b: a != b, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
}  # fmt: skip


def evaluate(b: Build, node: tree.Expr, scope: Scope, env: Environment) -> Value:
    """The value of an expression. Raises Broken with the problem, or Silenced."""
    try:
        match node:
            case tree.Number() | tree.String():
                return node.value
            case tree.Name():
                return lookup(b, node, scope, env)
            case tree.Call():
                return evaluate_call(b, node, scope, env)
            case tree.Index():
                return evaluate_index(b, node, scope, env)
            case tree.Attribute():
                return _attribute(b, node, scope, env)
            case tree.Sign():
                return _sign(b, node, scope, env)
            case tree.Binary() | tree.Compare():
                return _binary(b, node, scope, env)
            case tree.Logic():
                return _logic(b, node, scope, env)
            case tree.Not():
                value = number(b, node.operand, scope, env)
                return not value if isinstance(value, bool) else pointwise("not", [(value, node.operand.span)], Type.BOOLEAN)
            case tree.Conditional():
                return _conditional(b, node, scope, env)
            case tree.Range():
                return _range(b, node, scope, env)
            case tree.TupleOf():
                return tuple(evaluate(b, i, scope, env) for i in node.items)
            case tree.ListOf():
                return [evaluate(b, i, scope, env) for i in node.items]
            case tree.Join():
                parts = [(array(b, i, scope, env), i.span) for i in node.items]
                joined = join(b, parts, node.span, scope)
                check_classes(b, "[a; b]", [*parts], joined.type, scope)
                return joined
            case tree.Pipe():
                return _pipe(b, node, scope, env)
            case tree.AxisName() | tree.Star():
                raise Broken(NotApplicable(node.span, "used as a value", "a list of axes"))
    except (Broken, Silenced):
        if not b.guessing:
            raise
        return Array((), lambda _: Number(0), open=True)


def number(b: Build, node: tree.Expr, scope: Scope, env: Environment) -> Value:
    """A number or an array; anything else is a problem at the node."""
    value = first(evaluate(b, node, scope, env))
    if isinstance(value, Array | Affine | Extent) or is_number(value):
        return value
    if isinstance(value, LayerName):
        raise Broken(LayerNotMade(node.span, value.declaration.name.name, needed(value.declaration)))
    hint = "apply it to a value: `f(x)` or `x -> f`" if isinstance(value, Function | Builtin | Composition) else ""
    raise Broken(unfit(node.span, "used as a number", value, hint))


def array(b: Build, node: tree.Expr, scope: Scope, env: Environment) -> Array:
    """The node's value as an array (a number is one without axes)."""
    value = lifted(number(b, node, scope, env))
    assert value is not None
    return value


# ---- operators -------------------------------------------------------------------------------------------------------


def _integer(values: list[Value]) -> bool:
    return all(isinstance(v, int | Affine | Extent) or isinstance(v, Array) and v.type is not Type.REAL for v in values)


def _binary(b: Build, node: tree.Binary | tree.Compare, scope: Scope, env: Environment) -> Value:
    left, operator = number_or_list(b, node.left, scope, env), node.operator
    if operator == "^" and isinstance(node.right, tree.Name) and node.right.name == "T" and isinstance(left, Array) and left.rank == 2:
        raise Broken(transposed(b, node.left, node.right, scope, env))
    right = number_or_list(b, node.right, scope, env)
    if operator == "@":
        return matrix_product(b, node, (left, right), scope, env)
    if isinstance(left, list) or isinstance(right, list):
        return _compare_lists(node, left, right)
    if is_number(left) and is_number(right) and operator in _STATIC:
        return _static(node, operator, left, right)
    if isinstance(left, int | Extent | Affine) and isinstance(right, int | Extent | Affine) and operator in ("+", "-", "*"):
        moved = _affine(operator, left, right)
        if moved is not None:
            return moved
    if operator == "//" and isinstance(left, Extent) and isinstance(right, int) and right > 0:
        return quotient(left, right)
    if operator == "in":
        raise Broken(NotApplicable(node.span, "asked here", "`in`", "`in` sets the range of an index: `[i in 0..4]`"))
    boolean = SCALAR[operator].boolean
    kind = Type.BOOLEAN if boolean else Type.INTEGER if operator != "/" and _integer([left, right]) else Type.REAL
    operands: list[tuple[Value, Span]] = [(left, node.left.span), (right, node.right.span)]
    check_classes(b, operator, operands, kind, scope)
    if isinstance(node, tree.Binary) and operator in ("+", "-"):
        check_sum(b, node, left, right, scope, env)
    place = node.operator_span if isinstance(node, tree.Binary) else None
    return pointwise(operator, operands, kind, place, product_meant(node, left, right) if operator == "*" else "")


def number_or_list(b: Build, node: tree.Expr, scope: Scope, env: Environment) -> Value:
    """As `number`, and lists of sizes for comparisons such as `shape(x) == [6, 28, 28]`."""
    value = first(evaluate(b, node, scope, env))
    if isinstance(value, list | str):
        return value
    if isinstance(value, Array | Affine | Extent) or is_number(value):
        return value
    return number(b, node, scope, env)


def _compare_lists(node: tree.Binary | tree.Compare, left: Value, right: Value) -> Value:
    if node.operator in ("==", "!="):
        return (left == right) is (node.operator == "==")
    raise Broken(NotApplicable(node.span, "computed with", "a list", "lists can be compared with `==`"))


def _static(node: tree.Expr, operator: str, left: Value, right: Value) -> Value:
    try:
        return _STATIC[operator](left, right)
    except ZeroDivisionError:
        raise Broken(NotApplicable(node.span, "divided by", "the number 0")) from None
    except OverflowError:
        raise Broken(NotApplicable(node.span, "computed", "a number of this size")) from None


def _affine(operator: str, left: Bound | Affine, right: Bound | Affine) -> Value | None:
    if operator == "*":
        factor, other = (left, right) if isinstance(left, int) else (right, left)
        return other * factor if isinstance(factor, int) else None
    if not isinstance(left, Affine) and not isinstance(right, Affine):
        return left + right if operator == "+" else left - right
    base = left if isinstance(left, Affine) else Affine(left)
    return base + right if operator == "+" else base - right


def _sign(b: Build, node: tree.Sign, scope: Scope, env: Environment) -> Value:
    value = number(b, node.operand, scope, env)
    if node.operator == "+":
        return value
    if isinstance(value, Affine | Extent):
        return value * -1
    if isinstance(value, int | float):
        return -value
    assert isinstance(value, Array)
    return pointwise("neg", [(value, node.operand.span)], value.type)


def _logic(b: Build, node: tree.Logic, scope: Scope, env: Environment) -> Value:
    left = number(b, node.left, scope, env)
    if isinstance(left, bool):
        if left is (node.operator == "or"):
            return left
        return number(b, node.right, scope, env)
    right = number(b, node.right, scope, env)
    return pointwise(node.operator, [(left, node.left.span), (right, node.right.span)], Type.BOOLEAN)


def _conditional(b: Build, node: tree.Conditional, scope: Scope, env: Environment) -> Value:
    condition = number(b, node.condition, scope, env)
    if is_number(condition):
        return evaluate(b, node.then if condition else node.otherwise, scope, env)
    then, otherwise = number(b, node.then, scope, env), number(b, node.otherwise, scope, env)
    parts = [(condition, node.condition.span), (then, node.then.span), (otherwise, node.otherwise.span)]
    return pointwise("where", parts, Type.INTEGER if _integer([then, otherwise]) else Type.REAL)


def _range(b: Build, node: tree.Range, scope: Scope, env: Environment) -> Value:
    low, high = evaluate(b, node.low, scope, env), evaluate(b, node.high, scope, env)
    for value, part in ((low, node.low), (high, node.high)):
        if not isinstance(value, int | Extent) or isinstance(value, bool):
            raise Broken(NotApplicable(part.span, "an end of a range", sort_text(value), "a range has whole numbers at its ends"))
    assert isinstance(low, int | Extent) and isinstance(high, int | Extent)
    return Domain(low, high)


def _pipe(b: Build, node: tree.Pipe, scope: Scope, env: Environment) -> Value:
    steps: list[tree.Expr] = [node.right]
    left = node.left
    while isinstance(left, tree.Pipe):
        steps.append(left.right)
        left = left.left
    value = evaluate(b, left, scope, env)
    for step in reversed(steps):
        function = evaluate(b, step, scope, env)
        if isinstance(first(value), LayerValue | Composition | Function | Builtin):
            value = Composition((value, function))
        else:
            value = b.apply(function, [value], scope, env, step.span)
    return value


def _attribute(b: Build, node: tree.Attribute, scope: Scope, env: Environment) -> Value:
    try:
        value = evaluate(b, node.base, scope, env)
    except Broken as broken:
        raise Broken(without_library(b, broken.problem, node)) from None
    if isinstance(value, Outputs) and node.name.name in value.values:
        return value.values[node.name.name]
    if node.name.name == "T" and isinstance(first(value), Array):
        matrix = first(value)
        assert isinstance(matrix, Array)
        if matrix.open:
            return matrix
        if matrix.rank != 2:
            raise Broken(RankUnfit(node.span, "`.T` transposes a matrix", shape_text(matrix.axes), "write the axes in another order with indices"))
        return Array(matrix.axes[::-1], lambda places: matrix.at(tuple(places)[::-1]), matrix.type, matrix.classes)
    if isinstance(value, LayerValue):
        raise Broken(unfit(node.base.span, "split into parts", value))
    functions = (*BUILTINS, *(n for n, d in b.module.names.items() if isinstance(d, tree.Def)))
    base, word = node.base.span.text, node.name.name
    instead = foreign.part(word, base, functions) or (f"{base} @ {word}" if word in scope.names else "") if lifted(value) is not None else ""
    raise Broken(UnknownPart(node.name.span, node.name.name, tuple(value.values) if isinstance(value, Outputs) else (), instead))
