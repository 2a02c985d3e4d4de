"""What stands for the settings and the inputs of a layer while it is judged by itself.

Sizes are large numbers that tell each other apart: those of settings are prime, those of inputs are multiples of all of them and of 64, as
heads, strides and halvings ask for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from netc.compiler.alone.sorts import Sort, Sorts
from netc.compiler.elaborate.arrays.trees import TREE_FUNCTIONS, declare_tree
from netc.compiler.elaborate.layers.types import declared, take_lengths
from netc.compiler.elaborate.left import parts_of, used_names
from netc.compiler.elaborate.scope import Build, Scope, reading
from netc.compiler.elaborate.values import Array, Builtin, Everywhere, LayerValue, Poison, Value
from netc.compiler.statements.domains import sized
from netc.compiler.statements.expressions import Kind, Variable
from netc.compiler.syntax import tree

_OF_SETTINGS = (1301, 1709, 2111, 2503, 2903, 3307, 3701, 4133, 4507, 4909, 5303, 5701)
_OF_INPUTS = (211, 223, 227, 229, 233, 239, 241, 251, 257, 263, 269, 271, 277, 281, 283, 293)
_HALVED = 64
_LIKELY: Mapping[Sort, Value] = {
    Sort.FUNCTION: Builtin("identity"), Sort.TABLE: Everywhere(), Sort.COUNT: 2, Sort.FIRST: 0, Sort.CHOICE: True, Sort.NUMBER: 0.5,
}  # fmt: skip
STARS = 3  # axes that `*S` stands for, at most


@dataclass(frozen=True)
class Given:
    """One choice of all that a layer leaves open."""

    sizes: Mapping[str, int]  # of settings, of names in the types of inputs, and of the axes of `*S` under `S1`, `S2`
    own_lengths: bool = True  # whether `1..T` is a length of each sample's own; else a number
    axes: int = 2  # that `*S` stands for, and inputs without a type have
    likely: bool = True  # whether settings that are no sizes have a likely value; else nothing is known of them
    flipped: str = ""  # the setting whose default, true or false, is turned round

    def put(self, name: str, size: int) -> Given:
        """The same with another size."""
        return replace(self, sizes={**self.sizes, name: size})


@dataclass(frozen=True)
class Open:
    """What a layer leaves open."""

    layer: tree.Layer
    settings: tuple[str, ...]  # without a default, that are sizes
    inputs: tuple[str, ...]  # sizes that the types of inputs name
    others: Mapping[str, Sort]  # further settings without a default
    switches: tuple[str, ...]  # settings whose default is true or false
    of_a_tree: bool  # whether it asks for children: then the first axis of its first input is a tree's

    def choices(self) -> list[Given]:
        """Choices that are as unlike as can be: what fails for each of them is not mended by the sizes alone."""
        apart = _OF_SETTINGS[: len(self.settings)]
        down = tuple(math.prod(apart[k:]) for k in range(len(apart)))
        up = tuple(math.prod(apart[: k + 1]) for k in range(len(apart)))
        first = Given(self._sizes(apart))
        found = [first, Given(self._sizes(down), axes=1), Given(self._sizes(up), axes=3), replace(first, own_lengths=False, axes=0)]
        if self.others:
            found.append(replace(first, likely=False))
        return [*found, *(replace(first, flipped=name) for name in self.switches)]

    def _sizes(self, of_settings: Sequence[int]) -> dict[str, int]:
        whole = math.prod(of_settings) * _HALVED
        return dict(zip(self.settings, of_settings, strict=False)) | {n: whole * q for n, q in zip(self.inputs, _OF_INPUTS, strict=False)}


def what_is_open(layer: tree.Layer, sorts: Sorts, known: Collection[str]) -> Open:
    """The settings and sizes of a layer that only its application says; `known` are the sizes of the file."""
    required = {p.name.name: sorts.of(layer, p.name.name) for p in layer.settings if p.default is None}
    settings = tuple(n for n, sort in required.items() if sort is Sort.SIZE)
    own = {p.name.name for p in layer.settings}
    named = dict.fromkeys(n for p in layer.inputs for n in _sizes_in(p.type) if n not in own and n not in known)
    switches = tuple(p.name.name for p in layer.settings if isinstance(p.default, tree.Name) and p.default.name in ("true", "false"))
    others = {n: sort for n, sort in required.items() if sort is not Sort.SIZE}
    return Open(layer, settings, tuple(named), others, switches, not used_names(layer.body).isdisjoint(TREE_FUNCTIONS))


def _sizes_in(node: tree.Expr | None) -> Iterator[str]:
    """The names of sizes in a type; `S1`, `S2`, `S3` for `*S`, and for all axes of an input that has no type."""
    items = node.items if isinstance(node, tree.Index) else ()
    base = node.base if isinstance(node, tree.Index) else node
    for star in [i.name for i in items if isinstance(i, tree.Star)] if node is not None else ["S"]:
        yield from (f"{star}{k + 1}" for k in range(STARS))
    for part in (*items, *(base.arguments if isinstance(base, tree.Call) else ())):
        yield from (n.name for n in _names(part))


def _names(node: object) -> Iterator[tree.Name]:
    """The names of an expression that stand for sizes, in order: in `o: n` the second alone."""
    stack = [node]
    while stack:
        x = stack.pop()
        if isinstance(x, tree.Name):
            yield x
        elif isinstance(x, tree.AxisName):
            stack.append(x.size)
        elif isinstance(x, tuple):
            stack.extend(reversed(x))
        elif isinstance(x, tree.Call):
            stack.append(x.arguments)
        else:
            stack.extend(reversed(parts_of(x)))


def layer_and_inputs(b: Build, open_: Open, given: Given, evaluate: Callable[[tree.Expr, Scope], Value]) -> tuple[LayerValue, list[Array]]:
    """The layer with its settings, and a value for each of its inputs. Raises Broken where its header has a mistake."""
    layer = open_.layer
    settings: dict[str, Value] = {name: given.sizes[name] for name in open_.settings}
    for name, sort in open_.others.items():
        settings[name] = _LIKELY[sort] if given.likely else Poison()
    for p in layer.settings:
        if p.name.name == given.flipped:
            assert isinstance(p.default, tree.Name)
            settings[p.name.name] = p.default.name == "false"
    header = Scope("", names=dict(settings), layer=layer.name.name)
    for p in layer.settings:
        if p.name.name not in settings and p.default is not None:
            header.names[p.name.name] = evaluate(p.default, header)
    inputs = [_input(b, p, given, header, open_.of_a_tree and k == 0) for k, p in enumerate(layer.inputs)]
    call = tree.Call(layer.name.span, layer.name, ())
    return LayerValue(layer, settings, "", call), inputs


def _input(b: Build, parameter: tree.Parameter, given: Given, header: Scope, of_a_tree: bool) -> Array:
    kind = parameter.type
    if kind is None:
        axes = tuple(sized(given.sizes[f"S{k + 1}"]) for k in range(given.axes))
        return reading(b.variable(parameter.name.name, axes, Kind.INPUT, span=parameter.span, per_sample=True))
    if given.own_lengths:
        take_lengths(b, kind, header)
    items = kind.items if isinstance(kind, tree.Index) else ()
    if of_a_tree and items and isinstance(items[0], tree.Name) and items[0].name not in header.names:
        header.names[items[0].name] = declare_tree(b, items[0].name, None if given.axes == 1 else 2, parameter.span)
    for name in (*_sizes_in(kind), *(n.name for i in items if isinstance(i, tree.Range) for n in _names(i.high))):
        if name not in header.names and name in given.sizes:
            header.names[name] = given.sizes[name]
    for star in (i.name for i in items if isinstance(i, tree.Star)):
        header.names.setdefault(f"*{star}", tuple(sized(given.sizes[f"{star}{k + 1}"], f"{star}{k + 1}") for k in range(given.axes)))
    found = declared(b, kind, header)
    made: Variable = b.variable(
        parameter.name.name, found.axes, Kind.INPUT, found.type, span=parameter.span, classes=found.classes, per_sample=True
    )
    return reading(made)
