"""What a body declares before its equations: sizes, constants, tables, inputs, parameters, states."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from netc.compiler.diagnostics.problems.calls import NotApplicable
from netc.compiler.diagnostics.problems.causality import NotYet
from netc.compiler.diagnostics.problems.names import Duplicate
from netc.compiler.diagnostics.problems.sizes import DeclaredSizeDiffers, NotASize
from netc.compiler.diagnostics.problems.tables import TableSizeDiffers
from netc.compiler.elaborate.arrays.trees import declare_tree
from netc.compiler.elaborate.expressions.calls import BUILTINS, INITIALISERS
from netc.compiler.elaborate.expressions.lookup import table_value
from netc.compiler.elaborate.layers.extents import check_extents, check_links
from netc.compiler.elaborate.layers.types import axes_of, declared_input
from netc.compiler.elaborate.model import Row
from netc.compiler.elaborate.scope import Broken, Build, Environment, Scope, Silenced, reading
from netc.compiler.elaborate.values import (
    Array,
    Builtin,
    Load,
    Poison,
    Rule,
    Value,
    first,
    is_number,
    lifted,
    shape_text,
    sort_text,
)
from netc.compiler.source.text import Span
from netc.compiler.statements.domains import Domain, sized
from netc.compiler.statements.expressions import (
    Index,
    Initialiser,
    Kind,
    Number,
    Support,
    free_indices,
)
from netc.compiler.syntax import tree

_WORDS = BUILTINS | {"PI", "inf", "true", "false", "all"}


def declare(b: Build, body: tuple[tree.Statement, ...], scope: Scope) -> None:
    """All declarations of a body, each with its problems caught. What unread statements may define is known as failed."""
    for statement in body:
        if isinstance(statement, tree.Unread):
            lost = [n for n in statement.names if n not in scope.names and n not in b.module.names and n not in _WORDS]
            scope.names.update({name: Poison() for name in lost})
            scope.unread.update(statement.names)
    for kind in (tree.Dims, tree.Const, tree.Table, tree.Input, tree.Var):
        for statement in body:
            if isinstance(statement, kind):
                _declare_one(b, statement, scope)


def _declare_one(b: Build, statement: tree.Statement, scope: Scope) -> None:
    match statement:
        case tree.Dims():
            for binding in statement.bindings:
                _guarded(b, binding.item.name, scope, partial(_dim, b, binding, scope))
        case tree.Const():
            for binding in statement.bindings:
                _guarded(b, binding.item.name, scope, partial(constant, b, binding, scope))
        case tree.Table():
            _guarded(b, statement.name, scope, partial(_table, b, statement, scope))
        case tree.Input():
            for name in statement.names:
                _guarded(b, name, scope, partial(_input, b, name, statement, scope))
        case tree.Var():
            for item in statement.items:
                _guarded(b, item.name, scope, partial(_variable, b, item, statement, scope))
        case _:
            pass


def _guarded(b: Build, name: tree.Name, scope: Scope, make: Callable[[], Value]) -> None:
    """Run one declaration; a failed one poisons its name."""
    key = name.name
    if key in scope.spans and scope.net_level and key in scope.names:
        b.report(Duplicate(name.span, key, scope.spans[key]), scope)
        return
    scope.spans[key] = name.span
    kept = len(b.pending), len(b.reads)
    try:
        scope.names[key] = make()
        return
    except Broken as broken:
        b.report(broken.problem, scope)
    except Silenced:
        pass
    del b.pending[kept[0] :], b.reads[kept[1] :]
    scope.names[key] = Poison()


def _dim(b: Build, binding: tree.Binding, scope: Scope) -> Value:
    name = binding.item.name.name
    if scope.net_level and name in b.options.dims:
        given = b.options.dims[name]
        if given < 0:
            raise Broken(NotASize(binding.span, f"{given}, as given from outside"))
        b.dims[name] = given
        return given
    if binding.value is None:
        raise Broken(NotASize(binding.span, "left open"))
    if (
        isinstance(binding.value, tree.Call)
        and isinstance(binding.value.function, tree.Name)
        and binding.value.function.name == "tree"
    ):
        return declare_tree(b, name, _widest(b, binding.value, scope), binding.value.span)
    value = b.evaluate(binding.value, scope, {})
    if isinstance(value, bool) or not isinstance(value, int | Domain) or isinstance(value, int) and value < 0:
        raise Broken(NotASize(binding.value.span, str(value) if is_number(value) else sort_text(value)))
    if isinstance(value, int) and scope.net_level:
        b.dims[name] = value
    return value


def _widest(b: Build, call: tree.Call, scope: Scope) -> Value | None:
    return first(b.evaluate(call.arguments[0].value, scope, {})) if call.arguments else None


def constant(b: Build, binding: tree.Binding, scope: Scope) -> Value:
    """`const j = 0.1`, `const code[10, 84] = load("...")`, `const K[2, 2] = [[1, 2], [1, 0]]`, `const w[V]` (open)."""
    name = binding.item.name.name
    axes = axes_of(b, binding.item.axes, scope)
    indices, env = _axis_indices(binding.item.axes, axes)
    if binding.value is None:
        if not axes:
            raise Broken(NotApplicable(binding.span, "left open", "a constant without axes", "give it a value"))
        return _constant(b, name, axes, Initialiser("open"), binding.span, scope)
    value = first(b.evaluate(binding.value, scope, env))
    if isinstance(value, Load):
        return _constant(b, name, axes, Initialiser("load", (value.path,)), binding.span, scope)
    if isinstance(value, list):
        shape, cells = _cells(value, binding.value.span)
        found = tuple(sized(n) for n in shape)
        if axes and tuple(a.size for a in axes) != shape:
            raise Broken(
                DeclaredSizeDiffers(binding.value.span, name, shape_text(axes), shape_text(found), binding.item.span)
            )
        return _constant(b, name, axes or found, Initialiser("values", cells), binding.span, scope)
    if not axes:
        return value
    if is_number(value):
        return _constant(b, name, axes, Initialiser("fill", (float(value),)), binding.span, scope)
    array = lifted(value)
    if array is None or array.axes:
        raise Broken(NotApplicable(binding.value.span, "the value of a constant", sort_text(value)))
    init = Initialiser("expression", (), indices, array.at(()))
    check_extents(array.at(()), indices, binding.item, binding.value.span, scope)
    return _constant(b, name, axes, init, binding.span, scope)


def _constant(b: Build, name: str, axes: tuple[Domain, ...], init: Initialiser, span: Span, scope: Scope) -> Array:
    return reading(b.variable(scope.qualified(name), axes, Kind.CONSTANT, span=span, init=init))


def _cells(value: list[Value], span: Span) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """The sizes and numbers of a nested list."""
    shape: list[int] = []
    level: list[Value] = [value]
    while level and isinstance(level[0], list):
        sizes = {len(v) if isinstance(v, list) else -1 for v in level}
        if len(sizes) != 1 or -1 in sizes:
            raise Broken(NotApplicable(span, "a grid of numbers", "a list of uneven rows"))
        shape.append(sizes.pop())
        level = [x for v in level if isinstance(v, list) for x in v]
    numbers = [float(v) for v in level if is_number(v)]
    if len(numbers) != len(level):
        raise Broken(NotApplicable(span, "a grid of numbers", "a list that holds something else"))
    return tuple(shape), tuple(numbers)


def _table(b: Build, table: tree.Table, scope: Scope) -> Value:
    check_table(b, table, scope)
    return table_value(b, table)


def check_table(b: Build, table: tree.Table, scope: Scope) -> None:
    """The drawn size against the declared one."""
    axes = axes_of(b, table.axes, scope)
    drawn = (len(table.rows), len(table.rows[0]) if table.rows else 0)
    if axes and table.rows and tuple(a.size for a in axes) != drawn:
        rows = table.row_spans[0].to(table.row_spans[-1])
        raise Broken(
            TableSizeDiffers(table.name.span, table.name.name, shape_text(axes), "×".join(map(str, drawn)), rows)
        )


def _input(b: Build, name: tree.Name, statement: tree.Input, scope: Scope) -> Value:
    found = declared_input(b, statement.type, scope)
    if found.classes is not None and not found.classes.known:
        raise Broken(NotYet(statement.type.span, "data that are points of a length of the sample's own"))
    variable = b.variable(
        scope.qualified(name.name),
        found.axes,
        Kind.INPUT,
        found.type,
        span=statement.span,
        classes=found.classes,
        per_sample=True,
    )
    b.rows.append(Row(name.name, "input", statement.span, variable))
    return reading(variable)


def _axis_indices(items: tuple[tree.Expr, ...], axes: tuple[Domain, ...]) -> tuple[tuple[Index, ...], Environment]:
    """One index for each axis, under the names that the brackets give."""
    named = len(items) == len(axes)
    names = [i.name.name if named and isinstance(i, tree.AxisName) else f"a{k}" for k, i in enumerate(items)]
    indices = tuple(Index(names[k] if named else f"a{k}", axis) for k, axis in enumerate(axes))
    env: Environment = {}
    if named:
        for item, index in zip(items, indices, strict=True):
            if isinstance(item, tree.AxisName):
                env[item.name.name] = index
    return indices, env


def _variable(b: Build, item: tree.Item, statement: tree.Var, scope: Scope) -> Value:
    """A parameter or a state; applied twice, a named layer finds the one it made before."""
    axes = axes_of(b, item.axes, scope)
    path = scope.qualified(item.name.name)
    kind = Kind.PARAMETER if statement.kind == "param" else Kind.STATE
    indices, env = _axis_indices(item.axes, axes)
    support: Support | None = None
    if statement.where is not None:
        condition = first(b.evaluate(statement.where, scope, env))
        if is_number(condition) and not condition:
            return Array(axes, lambda _: Number(0))
        array = lifted(condition)
        if array is not None and not is_number(condition):
            e = array.at(())
            check_extents(e, indices, item, statement.where.span, scope)
            check_links(b, e, scope)
            support = Support(indices, e) if free_indices(e) else None
        b.resolve((), statement.where.span)
    made = b.variables.get(path)
    if made is not None and made.kind is kind:
        if made.axes != axes:
            raise Broken(DeclaredSizeDiffers(item.span, path, shape_text(made.axes), shape_text(axes), made.span))
        return reading(made)
    init = _initialiser(b, statement.init, indices, env, scope)
    if init.expression is not None and statement.init is not None:
        check_extents(init.expression, indices, item, statement.init.span, scope)
    return reading(b.variable(path, axes, kind, span=item.span, init=init, support=support))


def _initialiser(
    b: Build, node: tree.Expr | None, indices: tuple[Index, ...], env: Environment, scope: Scope
) -> Initialiser:
    if node is None:
        return Initialiser("fill", (0.0,))
    value = first(b.evaluate(node, scope, env))
    if is_number(value):
        return Initialiser("fill", (float(value),))
    if isinstance(value, Builtin) and value.name in INITIALISERS:
        return Initialiser(value.name)
    if isinstance(value, Rule) and value.name in INITIALISERS:
        numbers = [v for v in value.arguments if is_number(v)]
        wanted = 2 if value.name in ("normal", "uniform") else len(value.arguments)
        if len(numbers) != len(value.arguments) or len(numbers) != wanted:
            raise Broken(
                NotApplicable(
                    node.span,
                    f"made of {len(value.arguments)} values",
                    f"`{value.name}`",
                    f"`{value.name}` takes two numbers",
                )
            )
        return Initialiser(value.name, tuple(float(v) for v in numbers))
    array = lifted(value)
    if array is not None and not array.axes:
        return Initialiser("expression", (), indices, array.at(()))
    hint = f"write a number, {', '.join(f'`{i}`' for i in INITIALISERS[:4])}, `normal(m, s)` or `uniform(a, b)`"
    raise Broken(NotApplicable(node.span, "the first value of a parameter", sort_text(value), hint))
