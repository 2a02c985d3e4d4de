"""Layers made and applied: settings are bound, sizes matched against the header, and the body inlined."""

from __future__ import annotations

from netc.compiler.diagnostics import foreign
from netc.compiler.diagnostics.model import LIBRARY, Problem
from netc.compiler.diagnostics.problems.calls import ExtraArgument, MissingArgument, NotApplicable, UnknownSetting
from netc.compiler.diagnostics.problems.limits import LayersTooDeep
from netc.compiler.diagnostics.problems.sizes import LayerInputDiffers
from netc.compiler.diagnostics.suggest import suggest
from netc.compiler.elaborate.arrays.joins import named
from netc.compiler.elaborate.layers.asserts import check_settings
from netc.compiler.elaborate.layers.copies import copied, form_of, mark, remember
from netc.compiler.elaborate.layers.types import bind_type, declared_axes
from netc.compiler.elaborate.misapplied import no_function, unfit, values_for_settings
from netc.compiler.elaborate.model import Applied
from netc.compiler.elaborate.scope import Broken, Build, Scope, Silenced
from netc.compiler.elaborate.values import (
    Array,
    LayerValue,
    Outputs,
    Poison,
    Value,
    first,
    is_number,
    lifted,
    shape_text,
    sort_text,
)
from netc.compiler.source.text import Span
from netc.compiler.statements.expressions import Index, Kind, Number, affine, free_indices
from netc.compiler.syntax import tree
from netc.compiler.syntax.juxtaposed import FUNCTIONS

DEEPEST = 100


def make_layer(
    b: Build, node: tree.Call, declaration: tree.Layer, values: list[tuple[tree.Argument, Value]], scope: Scope
) -> LayerValue:
    """`Conv(6, 5)`: a layer with its settings. Defaults are settled when it is applied."""
    name = declaration.name.name
    wanted = [p.name.name for p in declaration.settings]
    misplaced = values_for_settings(node, declaration, values)
    if misplaced is not None:
        raise Broken(misplaced)
    _known_settings(b, declaration, values, wanted, scope)
    settings: dict[str, Value] = {}
    for k, (argument, value) in enumerate(values):
        if argument.name is not None:
            key = argument.name.name
        elif k >= len(wanted):
            listed = ", ".join(f"`{w}`" for w in wanted)
            hint = f"its settings are {listed}; the size of what goes in is found" if wanted else f"it has no settings: `{name}()`"
            raise Broken(ExtraArgument(argument.span, f"`{name}`", len(wanted), len(values), hint))
        else:
            key = wanted[k]
        if isinstance(value, str) and (value in b.module.names or value in FUNCTIONS):
            raise Broken(NotApplicable(argument.value.span, f"the setting `{key}`", "a text", f"a function stands without quotation marks: `{value}`"))
        if argument.name is None and (isinstance(argument.value, tree.Number) or is_number(value)) and _is_function(declaration.settings[k]):
            raise Broken(no_function(argument.value.span, key, k, node, name))
        if key in settings:
            taken = f"`{values[wanted.index(key)][0].span.text}` is taken as `{key}` already: " if values[wanted.index(key)][0].name is None else ""
            raise Broken(NotApplicable(argument.span, "given twice", f"`{key}`", f"{taken}leave one of the two out"))
        settings[key] = value
    for parameter in declaration.settings:
        if parameter.name.name not in settings and parameter.default is None:
            raise Broken(MissingArgument(node.span, f"`{name}`", parameter.name.name, declaration.name.span))
    text = tuple((a.name.name if a.name else "", a.value.span.text) for a, _ in values)
    return LayerValue(declaration, settings, _path(node, name, scope), node, text)


def _is_function(setting: tree.Parameter) -> bool:
    """Whether a setting is a function, as its default says."""
    return isinstance(setting.default, tree.Name) and setting.default.name in {*FUNCTIONS, "identity"}


def _known_settings(b: Build, declaration: tree.Layer, values: list[tuple[tree.Argument, Value]], wanted: list[str], scope: Scope) -> None:
    """Report the settings that a layer does not have. Raises Broken with the last of them."""
    unknown = [a.name for a, _ in values if a.name is not None and a.name.name not in wanted]
    for word in unknown:
        called, instead = foreign.setting(word.name, wanted)
        guess = called or suggest(word.name, wanted)
        problem = UnknownSetting(word.span, declaration.name.name, word.name, tuple(wanted), guess, "" if called else instead)
        if word is unknown[-1]:
            raise Broken(problem)
        b.report(problem, scope)


def no_value(value: Value, node: tree.Expr) -> Problem:
    """What stands where a value is needed: a layer that is not applied, a list, or the like."""
    hint = ""
    if isinstance(node, tree.ListOf):
        hint = f"`[{'; '.join(i.span.text for i in node.items)}]` with `;` joins vectors to one; a list with `,` holds settings"
    return unfit(node.span, "the value of an equation", value, hint)


def _path(node: tree.Call, name: str, scope: Scope) -> str:
    """`c1.Conv`; a second occurrence of the layer in the same equation is `c1.Conv_2`."""
    seen = scope.occurrences.setdefault((scope.owner, name), [])
    if node not in seen:
        seen.append(node)
    k = seen.index(node)
    return scope.qualified(f"{scope.owner}.{name}" + (f"_{k + 1}" if k else ""))


def instantiate(b: Build, layer: LayerValue, arguments: list[Value], scope: Scope, span: Span) -> Value:
    """Apply a layer: its body becomes equations, under the indices that its arguments depend on."""
    declaration = layer.declaration
    name = declaration.name.name
    if b.depth >= DEEPEST:
        raise Broken(LayersTooDeep(layer.call.span, name, DEEPEST))
    if len(arguments) != len(declaration.inputs):
        if len(arguments) > len(declaration.inputs):
            raise Broken(ExtraArgument(span, f"`{name}`", len(declaration.inputs), len(arguments)))
        missing = declaration.inputs[len(arguments)].name.name
        raise Broken(MissingArgument(span, f"`{name}`", missing, declaration.name.span))
    arrays = _arguments(b, layer, arguments, scope, span)
    inner = Scope(
        layer.path, _context(arrays, scope), dict(layer.settings), scope.row, name, name,
        (*scope.applied, (name, layer.call.span)), of_prelude=declaration.span.source.name == LIBRARY,
    )  # fmt: skip
    if scope.row:
        b.layers.setdefault(scope.row, []).append(Applied(name, layer.text, scope.net_level and declaration.span.source.name != LIBRARY))
    form = form_of(b, layer, arrays, scope)
    made = b.made.get(form)
    again = copied(b, made, layer.path, arrays, scope.row) if made is not None else None
    if again is not None:
        return again
    begin = mark(b, scope.row)
    for parameter in declaration.settings:
        if parameter.name.name not in inner.names and parameter.default is not None:
            inner.names[parameter.name.name] = b.evaluate(parameter.default, inner, {})
    for parameter, array in sorted(zip(declaration.inputs, arrays, strict=True), key=lambda pair: not pair[1].axes):
        _bind_input(b, layer, parameter, array, inner, span)  # numbers last: they fill sizes that the others settle
    if declaration.span.source.name == LIBRARY:
        check_settings(b, layer, inner)
    if b.typing:
        found = _sizes_alone(b, declaration, arrays, inner)
        if found is not None:
            return found
        if b.guessing:
            raise Silenced  # only the body could tell
    for parameter in declaration.outputs:
        if parameter.type is not None:
            axes = declared_axes(b, parameter.type, inner)
            if axes is not None:
                inner.declared[parameter.name.name] = axes
                inner.spans[parameter.name.name] = parameter.span
    if not b.typing:
        b.applied.add(declaration)
    b.depth += 1
    try:
        b.run(declaration.body, inner)
    finally:
        b.depth -= 1
    result = _results(declaration, inner)
    if form is not None:
        remember(b, form, begin, layer.path, arrays, result, scope.row)
    return result


def _arguments(b: Build, layer: LayerValue, arguments: list[Value], scope: Scope, span: Span) -> list[Array]:
    found = []
    for parameter, argument in zip(layer.declaration.inputs, arguments, strict=True):
        value = first(argument)
        array = lifted(value)
        if array is None:
            raise Broken(unfit(span, f"given to `{layer.declaration.name.name}`", value))
        found.append(named(b, array, parameter.name.name, span, scope))
    probes = [a.at([affine(Index("p", axis)) for axis in a.axes]) for a in found]
    b.resolve([i for p in probes for i in free_indices(p) if i.name != "p"], span)
    return found


def _context(arrays: list[Array], scope: Scope) -> tuple[Index, ...]:
    context = dict.fromkeys(scope.context)
    for array in arrays:
        own = [Index("p", axis) for axis in array.axes]
        context.update({i: None for i in free_indices(array.at([affine(i) for i in own])) if i not in own})
    return tuple(context)


def _sizes_alone(b: Build, declaration: tree.Layer, arrays: list[Array], inner: Scope) -> Value | None:
    """What the header says of the outputs, without the body; None where only the body can tell."""
    results: dict[str, Value] = {}
    for parameter in declaration.outputs:
        axes = declared_axes(b, parameter.type, inner) if parameter.type is not None else None
        if axes is None and not any(a.open for a in arrays):
            return None
        results[parameter.name.name] = Array(axes or (), lambda _: Number(0), open=axes is None)
    return Outputs(results) if len(results) > 1 else next(iter(results.values()))


def _bind_input(b: Build, layer: LayerValue, parameter: tree.Parameter, array: Array, inner: Scope, span: Span) -> None:
    filled = declared_axes(b, parameter.type, inner) if parameter.type is not None and not array.axes and not array.open else None
    if filled:
        single = array
        array = Array(filled, lambda _: single.at(()), single.type, single.classes)  # a single number fills
    if parameter.type is not None and not array.open:
        wanted = bind_type(b, parameter.type, array, inner)
        if wanted is not None:
            problem = LayerInputDiffers(
                span, layer.declaration.name.name, parameter.name.name, parameter.type.span.text + wanted,
                f"{sort_text(array)}" if array.axes else shape_text(array.axes), parameter.span, *_declared(array, "" if wanted else parameter.type.span.text),
            )  # fmt: skip
            raise Broken(problem)
    inner.names[parameter.name.name] = array
    inner.spans[parameter.name.name] = parameter.span


def _declared(array: Array, type: str) -> tuple[str, Span | None, str]:
    """The input that stands there alone, where it is declared, and how that is with the single channel that it lacks."""
    variable = array.variable
    if variable is None or variable.kind is not Kind.INPUT or variable.span is None or len(variable.axes) != array.rank:
        return "", None, ""
    written = variable.span.text.partition(":")[2]
    channels = type.startswith("real[C, ") and type.count(",") == array.rank and "*" not in type and written.count("[") == 1
    return variable.name, variable.span, f"input {variable.name}:{written.replace('[', '[1, ')}" if channels else ""


def _results(declaration: tree.Layer, inner: Scope) -> Value:
    results: dict[str, Value] = {}
    for parameter in declaration.outputs:
        name = parameter.name.name
        value = inner.names.get(name)
        if value is None or isinstance(value, Poison):
            raise Silenced if value is not None or name in inner.defined else Broken(_undefined(declaration, parameter))
        if lifted(first(value)) is None and name in inner.defined:
            raise Broken(no_value(value, inner.defined[name]))
        results[name] = value
    return Outputs(results) if len(results) > 1 else next(iter(results.values()))


def _undefined(declaration: tree.Layer, parameter: tree.Parameter) -> MissingArgument:
    return MissingArgument(parameter.span, f"the layer `{declaration.name.name}`", f"{parameter.name.name} = ...", declaration.name.span)
