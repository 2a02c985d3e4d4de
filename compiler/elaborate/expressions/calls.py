"""Calls: reductions, functions of the language and of the file, layers being made and applied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeGuard

from netc.compiler.diagnostics import foreign
from netc.compiler.diagnostics.model import LIBRARY
from netc.compiler.diagnostics.problems.calls import ExtraArgument, LayerNotMade, MissingArgument, NotApplicable
from netc.compiler.diagnostics.problems.limits import LayersTooDeep, TooManyCopies
from netc.compiler.diagnostics.problems.sizes import NotASize
from netc.compiler.elaborate.arrays.draws import draw
from netc.compiler.elaborate.arrays.joins import border, flatten, named
from netc.compiler.elaborate.arrays.pointwise import pointwise
from netc.compiler.elaborate.arrays.trees import TREE_FUNCTIONS, tree_function
from netc.compiler.elaborate.expressions.normalised import no_vector
from netc.compiler.elaborate.expressions.reductions import (
    NORMALISERS,
    REDUCTIONS,
    evaluate_reduction,
    reduce_all,
    without_bracket,
)
from netc.compiler.elaborate.layers.instances import instantiate, make_layer
from netc.compiler.elaborate.misapplied import needed, unfit
from netc.compiler.elaborate.scope import Broken, Build, Environment, Scope
from netc.compiler.elaborate.values import (
    Array,
    Builtin,
    Composition,
    Function,
    LayerName,
    LayerValue,
    Load,
    Mapped,
    Outputs,
    Place,
    Rule,
    Value,
    first,
    is_number,
    lifted,
    sort_text,
)
from netc.compiler.functions.scalar import PUBLIC, SCALAR
from netc.compiler.source.text import Span
from netc.compiler.statements.domains import Domain
from netc.compiler.statements.expressions import Affine, Expr, Index, affine, substitute
from netc.compiler.syntax import tree

DISTRIBUTIONS = ("softmax", "sigmoid", "categorical", "bernoulli", "normal", "poisson", "uniform")
INITIALISERS = ("glorot", "he", "orthogonal", "lecun98", "normal", "uniform")
_OTHERS = ("identity", "border", "flatten", "each", "repeat", "draw", "load", "params", "shape", "connections", "batch")
BUILTINS = frozenset((*PUBLIC, *REDUCTIONS, *NORMALISERS, *DISTRIBUTIONS, *INITIALISERS, "tree", *TREE_FUNCTIONS, *_OTHERS))
_BARE = "behind `->` a function stands without a bracket: `x -> {}`; else give it a value"
DEEPEST = 100
MOST_COPIES = 10_000


def evaluate_call(b: Build, node: tree.Call, scope: Scope, env: Environment) -> Value:
    """`f(...)`."""
    function = node.function
    if isinstance(function, tree.Index) and isinstance(function.base, tree.Name) and function.base.name not in scope.names:
        operation = function.base.name
        if operation in REDUCTIONS or operation in NORMALISERS:
            (argument,) = _exactly(node, operation, 1)
            return evaluate_reduction(b, operation, function.items, argument, node, scope, env)
    if isinstance(function, tree.Name) and function.name == "repeat":
        return _repeat(b, node, scope, env)
    if isinstance(function, tree.Name) and function.name in ("params", "shape", "connections"):
        return _query(b, node, function.name, scope, env)
    target = b.evaluate(function, scope, env)
    try:
        values = [(a, b.evaluate(a.value, scope, env)) for a in node.arguments]
    except Broken as broken:
        raise Broken(without_bracket(b, broken.problem, node, scope, env)) from None
    if isinstance(target, LayerName):
        return make_layer(b, node, target.declaration, values, scope)
    for given, _ in values:
        if given.name is not None:
            raise Broken(NotApplicable(given.name.span, "given by name", "an argument", foreign.argument(given.name.name)))
    if lifted(target) is not None:
        raise Broken(_no_function(node, target, [v for _, v in values]))
    return b.apply(target, [v for _, v in values], scope, env, node.span)


def _no_function(node: tree.Call, target: Value, given: list[Value]) -> NotApplicable:
    """A value with a bracket behind it: an element in round brackets, or a product without its operator."""
    written, inner = node.function.span.text, ", ".join(a.span.text for a in node.arguments)
    array = lifted(target)
    elements = array is not None and array.axes and bool(given) and all(isinstance(v, int | Affine) for v in given)
    picked = array is not None and array.axes and len(given) == 1 and isinstance(given[0], Array) and given[0].classes is not None
    hint = f"`{written}[{inner}]` picks a row" if picked else f"an element is read with `{written}[{inner}]`" if elements else f"a product is written `{written} * {inner if inner.isidentifier() else f'({inner})'}`" if len(given) == 1 else ""
    if isinstance(node.function, tree.Attribute):
        hint = f"leave the bracket out: `{written}`" if not given else hint
    return NotApplicable(node.span, "applied", sort_text(target), hint or "layers and functions can be applied")


def _exactly(node: tree.Call, what: str, count: int) -> tuple[tree.Expr, ...]:
    if len(node.arguments) > count:
        raise Broken(ExtraArgument(node.arguments[count].span, f"`{what}`", count, len(node.arguments)))
    if len(node.arguments) < count:
        raise Broken(MissingArgument(node.span, f"`{what}`", "a value", None))
    return tuple(a.value for a in node.arguments)


def apply(b: Build, function: Value, arguments: list[Value], scope: Scope, env: Environment, span: Span) -> Value:
    """Apply a layer, a composition or a function to values."""
    match function:
        case LayerValue():
            return instantiate(b, function, arguments, scope, span)
        case Composition():
            for part in function.parts:
                arguments = [b.apply(part, arguments, scope, env, span)]
            return arguments[0]
        case Mapped():
            return _each(b, function.inner, arguments, scope, env, span)
        case Function():
            return _inline(b, function.declaration, arguments, scope, span)
        case Builtin():
            return _builtin(b, function.name, arguments, scope, env, span)
        case LayerName():
            raise Broken(LayerNotMade(span, function.declaration.name.name, needed(function.declaration)))
        case Outputs():
            return b.apply(function.first, arguments, scope, env, span)
        case _:
            raise Broken(NotApplicable(span, "applied", sort_text(function), "layers and functions can be applied"))


def _inline(b: Build, declaration: tree.Def, arguments: list[Value], scope: Scope, span: Span) -> Value:
    name = f"`{declaration.name.name}`"
    wanted = declaration.parameters
    if len(arguments) > len(wanted):
        raise Broken(ExtraArgument(span, name, len(wanted), len(arguments)))
    if b.depth >= DEEPEST:
        raise Broken(LayersTooDeep(span, declaration.name.name, DEEPEST))
    names: dict[str, Value] = {}
    for k, parameter in enumerate(wanted):
        if k < len(arguments):
            value = first(arguments[k])
        elif parameter.default is not None:
            value = first(b.evaluate(parameter.default, _bare(scope), {}))
        else:
            raise Broken(MissingArgument(span, name, parameter.name.name, declaration.name.span, "" if arguments else _BARE.format(declaration.name.name)))
        if isinstance(value, Array) and _uses(declaration.body, parameter.name.name) > 1:
            value = named(b, value, declaration.name.name, span, scope)
        names[parameter.name.name] = value
    of_prelude = declaration.span.source.name == LIBRARY
    inner = Scope(scope.path, scope.context, names, scope.row, scope.owner, scope.layer, scope.applied, of_prelude=of_prelude)
    if not b.typing:
        b.applied.add(declaration)
    b.depth += 1
    try:
        return b.evaluate(declaration.body, inner, {})
    finally:
        b.depth -= 1


def _bare(scope: Scope) -> Scope:
    return Scope(scope.path, scope.context, {}, scope.row, scope.owner, scope.layer, scope.applied)


def _uses(node: object, name: str) -> int:
    """How often a name stands in an expression."""
    count = 0
    stack: list[Any] = [node]
    while stack:
        x = stack.pop()
        if isinstance(x, tree.Name):
            count += x.name == name
        elif isinstance(x, tuple):
            stack.extend(x)
        elif hasattr(x, "__slots__") and not isinstance(x, Span):
            stack.extend(getattr(x, s) for s in x.__slots__ if s != "span")
    return count


def _builtin(b: Build, name: str, arguments: list[Value], scope: Scope, env: Environment, span: Span) -> Value:
    values = [first(a) for a in arguments]
    if name in DISTRIBUTIONS and name not in (*PUBLIC, *NORMALISERS) or name in INITIALISERS:
        return Rule(name, tuple(values))
    if name in TREE_FUNCTIONS:
        if len(arguments) != 1:
            raise Broken(MissingArgument(span, f"`{name}`", "a node", None))
        return tree_function(b, name, arguments[0], span)
    if name in SCALAR and (name not in REDUCTIONS or len(values) > 1):
        return _scalar(name, values, span)
    if len(values) == 0:
        raise Broken(MissingArgument(span, f"`{name}`", "a value", None, _BARE.format(name)))
    match name:
        case "identity":
            return arguments[0]
        case "flatten":
            return flatten(b, _array(values[0], span), span, scope)
        case "border":
            return _border(b, values, span, scope)
        case "each":
            return Mapped(arguments[0])
        case "draw":
            return draw(b, values[0], scope, env, span)
        case "load":
            if not isinstance(values[0], str):
                raise Broken(NotApplicable(span, "the name of a file", sort_text(values[0])))
            return Load(values[0])
        case _ if name in REDUCTIONS or name in NORMALISERS:
            if len(values) > 1:
                raise Broken(ExtraArgument(span, f"`{name}`", 1, len(values), foreign.argument("axis")))
            array = lifted(values[0])
            if name in NORMALISERS and array is not None and not array.open and array.rank != 1:
                if b.guessing:
                    return array  # over whichever index, it has these axes
                raise Broken(no_vector(b, name, array, span, scope, env))
            return reduce_all(name, values[0], tree.Name(span, name))
        case _:
            raise Broken(NotApplicable(span, "applied", f"`{name}`"))


def _array(value: Value, span: Span) -> Array:
    array = lifted(value)
    if array is None:
        raise Broken(unfit(span, "computed with", value))
    return array


def _scalar(name: str, values: list[Value], span: Span) -> Value:
    row = SCALAR[name]
    if len(values) != row.arity:
        problem = ExtraArgument if len(values) > row.arity else None
        if problem is not None:
            raise Broken(ExtraArgument(span, f"`{name}`", row.arity, len(values)))
        missing = "a second value" if values else "a value"
        raise Broken(MissingArgument(span, f"`{name}`", missing, None, "" if values else _BARE.format(name)))
    if all(is_number(v) for v in values):
        try:
            return row.value(*values)
        except (ValueError, OverflowError, ZeroDivisionError):
            raise Broken(NotApplicable(span, f"given to `{name}`", " and ".join(sort_text(v) for v in values))) from None
    return pointwise(name, [(_array(v, span), span) for v in values])


def _border(b: Build, values: list[Value], span: Span, scope: Scope) -> Value:
    array = _array(values[0], span)
    pad = values[1] if len(values) > 1 else 0
    fill = values[2] if len(values) > 2 else 0.0
    if not is_number(fill):
        raise Broken(NotApplicable(span, "the value of a border", sort_text(fill), "a border has one number everywhere"))
    if isinstance(pad, int) and not isinstance(pad, bool) and pad >= 0:
        pads = [(pad, pad)] * (array.rank - 1)
    elif isinstance(pad, list) and len(pad) == array.rank - 1 and all(_pair(p) for p in pad):
        pads = [(p[0], p[1]) for p in pad if _pair(p)]
    else:
        hint = "give one width for all axes but the first, or `[[before, after], ...]` for each of them"
        raise Broken(NotApplicable(span, "the width of a border", sort_text(pad), hint))
    if all(p == (0, 0) for p in pads):
        return values[0]
    return border(b, array, pads, float(fill), span, scope)


def _pair(value: Value) -> TypeGuard[list[int]]:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(v, int) and v >= 0 for v in value)


def _repeat(b: Build, node: tree.Call, scope: Scope, env: Environment) -> Value:
    """`repeat(6, Block(8))`, or `repeat(l in 1..10, Block(2^l))`: copies with parameters of their own."""
    count, body = _exactly(node, "repeat", 2)
    name: str | None = None
    if isinstance(count, tree.Compare) and count.operator == "in" and isinstance(count.left, tree.Name):
        name = count.left.name
        domain = b.evaluate(count.right, scope, env)
    else:
        domain = b.evaluate(count, scope, env)
    if isinstance(domain, int) and not isinstance(domain, bool) and domain >= 0:
        domain = Domain(0, domain - 1)
    if not isinstance(domain, Domain) or not domain.known:
        layer = isinstance(domain, LayerValue | Composition)
        raise Broken(NotASize(count.span, sort_text(domain), f"write `repeat({body.span.text}, {count.span.text})`" if layer else ""))
    if domain.points() > MOST_COPIES:
        raise Broken(TooManyCopies(count.span, domain.points(), MOST_COPIES))
    parts: list[Value] = []
    assert isinstance(domain.lo, int) and isinstance(domain.hi, int)
    for k in range(domain.lo, domain.hi + 1):
        inner = env if name is None else {**env, name: k}
        parts.append(_copied(b.evaluate(body, scope, inner), f"[{k}]"))
    return Composition(tuple(parts))


def _copied(value: Value, suffix: str) -> Value:
    match value:
        case LayerValue():
            return LayerValue(value.declaration, value.settings, value.path + suffix, value.call, value.text)
        case Composition():
            return Composition(tuple(_copied(p, suffix) for p in value.parts))
        case Mapped():
            return Mapped(_copied(value.inner, suffix))
        case _:
            return value


def _each(b: Build, function: Value, arguments: list[Value], scope: Scope, env: Environment, span: Span) -> Value:
    """Apply along the first axis, with the same parameters at every point."""
    array = _array(first(arguments[0]), span)
    if not array.axes:
        raise Broken(NotApplicable(span, "mapped over", "a single number"))
    index = Index("e", array.axes[0])
    part = Array(array.axes[1:], lambda p: array.at((affine(index), *p)), array.type, array.classes)
    result = _array(first(b.apply(function, [part], scope, {**env, "each": index}, span)), span)

    def at(places: Sequence[Place]) -> Expr:
        head, *rest = places
        assert isinstance(head, Affine)
        return substitute(result.at(rest), {index: head})

    return Array((array.axes[0], *result.axes), at, result.type, result.classes)


def _query(b: Build, node: tree.Call, name: str, scope: Scope, env: Environment) -> Value:
    if name == "shape":
        (argument,) = _exactly(node, name, 1)
        return [a.size for a in _array(first(b.evaluate(argument, scope, env)), argument.span).axes]
    raise Broken(NotApplicable(node.span, "asked here", f"`{name}`", "counts can be asked for in `assert` only"))


