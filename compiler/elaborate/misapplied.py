"""Layers whose brackets do not fit: values where the settings belong, or no values at all."""

from __future__ import annotations

from netc.compiler.diagnostics.model import LIBRARY, Problem
from netc.compiler.diagnostics.problems.calls import LayerNotApplied, NotApplicable
from netc.compiler.elaborate.left import used_names
from netc.compiler.elaborate.values import Array, LayerValue, Poison, Value, first, sort_text
from netc.compiler.source.text import Span
from netc.compiler.syntax import tree

Given = list[tuple[tree.Argument, Value]]
_TABLES = ("links",)  # settings of the library that are arrays


def needed(declaration: tree.Layer) -> tuple[str, ...]:
    """The settings that a layer cannot do without."""
    return tuple(p.name.name for p in declaration.settings if p.default is None)


def values_for_settings(node: tree.Call, declaration: tree.Layer, values: Given) -> LayerNotApplied | None:
    """The problem where arrays are given for settings that cannot be arrays: `LSTM(x)` where `LSTM(H)(x)` is meant."""
    given = [first(v) for a, v in values if a.name is None]
    arrays = [k for k, v in enumerate(given) if isinstance(v, Array) and v.axes]
    if not arrays or len(given) <= len(declaration.settings) and not any(_is_no_array(declaration, k) for k in arrays):
        return None
    return LayerNotApplied(node.span, declaration.name.name, _as_it_should_be(declaration, values), swapped=True)


def _is_no_array(declaration: tree.Layer, k: int) -> bool:
    """Whether a setting is certainly no array: one of the library, or a size."""
    name = declaration.settings[k].name.name
    if declaration.span.source.name == LIBRARY:
        return name not in _TABLES
    types = [p.type for p in (*declaration.inputs, *declaration.outputs)]
    axes = [i.axes for s in declaration.body if isinstance(s, tree.Var) for i in s.items]
    return any(name in used_names(part) for part in (*types, *axes))


def _as_it_should_be(declaration: tree.Layer, values: Given) -> str:
    """The call with its settings in the first bracket and the values in the second."""
    alone = [(a.value.span.text, isinstance(first(v), Array)) for a, v in values if a.name is None]
    named = {a.name.name: a.span.text for a, _ in values if a.name is not None}
    settings = [text for text, array in alone if not array]
    settings += [name for name in needed(declaration)[len(settings) :] if name not in named]
    return f"{declaration.name.name}({', '.join([*settings, *named.values()])})({', '.join(text for text, array in alone if array)})"


def no_function(span: Span, setting: str, position: int, node: tree.Call, layer: str) -> Problem:
    """The problem of a number where a function belongs: `Dense(64, 32)`, with the size of what goes in before the size that is made."""
    number = f"the number {span.text}" if span.text[:1].isdigit() else f"`{span.text}`, a number,"
    if position != 1:
        return NotApplicable(span, f"the setting `{setting}`", number, f"it is a function, such as `{setting}=relu`")
    named = [a for a in node.arguments if a.name is not None]
    further = [a for a in node.arguments[2:] if a.name is None and all(n.name and n.name.name != setting for n in named)]
    written = f"{layer}({', '.join([span.text, *(a.span.text for a in (*further, *named))])})"
    return NotApplicable(span, f"the setting `{setting}`", number, f"the size of what goes in is found: write `{written}`")


def unfit(span: Span, what: str, value: Value, hint: str = "") -> Problem:
    """The problem of a value that cannot be used so; of a layer, that it was not applied."""
    found = first(value)
    if not isinstance(found, LayerValue):
        return NotApplicable(span, what, sort_text(value), hint)
    layer, made = found.declaration.name.name, found.call.span.text
    if any(isinstance(v, Poison) for v in found.settings.values()):
        made = f"{layer}({', '.join(needed(found.declaration))})"  # what stands there may be the values
    inputs = ", ".join(p.name.name for p in found.declaration.inputs)
    return LayerNotApplied(found.call.span, layer, f"{made}({inputs})", use=span, name=span.text if span.text.isidentifier() else "")
