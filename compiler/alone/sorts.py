"""What a setting of a layer is, from where it stands: a size, a count, a layer or function, a table, a first value, a choice."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, auto

from netc.compiler.elaborate.left import parts_of
from netc.compiler.elaborate.module import Module
from netc.compiler.syntax import tree


class Sort(Enum):
    """In order of weight: of two uses the first says what a setting is."""

    FUNCTION = auto()  # `act(x)`, `x -> f`
    SIZE = auto()  # an axis: `W[n, X]`, `real[1..T, H]`
    TABLE = auto()  # `links[c, o]`
    COUNT = auto()  # a whole number in another place: `x[stride*i]`, `0..size-1`, `repeat(L, ...)`
    FIRST = auto()  # `init weights`
    CHOICE = auto()  # `a if after else b`, `where bias`
    NUMBER = auto()


class Sorts:
    """The sorts of settings of layers, each found once."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.known: dict[tuple[tree.Layer | tree.Def, str], Sort] = {}

    def of(self, owner: tree.Layer | tree.Def, name: str) -> Sort:
        """The sort of a setting of a layer, or of an argument of a function."""
        if (owner, name) not in self.known:
            self.known[owner, name] = Sort.NUMBER  # for what is given on to itself
            found = {sort for sort, _ in self._uses(owner, name)}
            self.known[owner, name] = next((s for s in Sort if s in found), Sort.NUMBER)
        return self.known[owner, name]

    def _uses(self, owner: tree.Layer | tree.Def, name: str) -> Iterator[tuple[Sort, tree.Name]]:
        stack: list[tuple[object, Sort]] = [(owner.body, Sort.NUMBER)]
        if isinstance(owner, tree.Layer):
            stack += [(p.type, Sort.SIZE) for p in (*owner.inputs, *owner.outputs)]
        while stack:
            node, sort = stack.pop()
            if isinstance(node, tree.Name):
                if node.name == name:
                    yield sort, node
            elif isinstance(node, tuple):
                stack += [(part, sort) for part in node]
            elif node is not None:
                stack += self._below(node, sort)

    def _below(self, node: object, sort: Sort) -> list[tuple[object, Sort]]:
        """What stands directly below a node, each with what a name there would be."""
        match node:
            case tree.Var(items=items, init=init, where=where):
                return [(items, Sort.SIZE), (init, Sort.FIRST), (where, Sort.CHOICE)]
            case tree.Item(axes=axes) | tree.Table(axes=axes):
                return [(axes, Sort.SIZE)]
            case tree.AxisName(size=size):
                return [(size, Sort.SIZE)]
            case tree.Binding(item=item, value=value):
                return [(item, sort), (value, sort)]
            case tree.Dims(bindings=bindings):
                return [(bindings, Sort.SIZE)]
            case tree.Range(low=low, high=high):
                ends = Sort.SIZE if sort is Sort.SIZE else Sort.COUNT
                return [(low, ends), (high, ends)]
            case tree.Index(base=base, items=items):
                return [(base, sort if sort is Sort.SIZE else Sort.TABLE), (items, sort if sort is Sort.SIZE else Sort.COUNT)]
            case tree.Conditional(then=then, condition=condition, otherwise=otherwise):
                return [(then, sort), (condition, Sort.CHOICE), (otherwise, sort)]
            case tree.Logic() | tree.Not():
                return [(part, Sort.CHOICE) for part in parts_of(node)]
            case tree.Compare(operator=operator, left=left, right=right):
                return [(left, Sort.NUMBER), (right, Sort.COUNT if operator == "in" else Sort.NUMBER)]
            case tree.Pipe(left=left, right=right):
                return [(left, Sort.FUNCTION if sort is Sort.FUNCTION else Sort.NUMBER), (right, Sort.FUNCTION)]
            case tree.Call():
                return self._of_call(node, sort)
            case tree.Binary() | tree.Sign():
                return [(part, sort if sort in (Sort.SIZE, Sort.COUNT) else Sort.NUMBER) for part in parts_of(node)]
            case _:
                return [(part, Sort.NUMBER) for part in parts_of(node)]

    def _of_call(self, node: tree.Call, sort: Sort) -> list[tuple[object, Sort]]:
        """The arguments of a call; of a layer of the language each is a setting there."""
        function = node.function
        values = [a.value for a in node.arguments]
        if not isinstance(function, tree.Name):
            reduced = isinstance(function, tree.Index)
            return [(function.items if isinstance(function, tree.Index) else function, Sort.COUNT if reduced else Sort.FUNCTION), *((v, Sort.NUMBER) for v in values)]
        owner = self.module.names.get(function.name)
        if isinstance(owner, tree.Layer):
            wanted = [p.name.name for p in owner.settings]
            named = [(a.value, a.name.name if a.name else wanted[k] if k < len(wanted) else "") for k, a in enumerate(node.arguments)]
            return [(value, self.of(owner, key)) for value, key in named if key in wanted]
        if isinstance(owner, tree.Def):
            return [(v, self.of(owner, p.name.name)) for v, p in zip(values, owner.parameters, strict=False)]
        first: list[tuple[object, Sort]] = [(function, Sort.FUNCTION)]
        match function.name:
            case "repeat":
                return [*first, *zip(values, (Sort.COUNT, Sort.FUNCTION), strict=False)]
            case "each":
                return [*first, *((v, Sort.FUNCTION) for v in values)]
            case "border":
                return [*first, *zip(values, (Sort.NUMBER, Sort.COUNT, Sort.NUMBER), strict=False)]
            case "class" | "index" | "tree":
                return [*first, *((v, Sort.SIZE) for v in values)]
            case _:
                return [*first, *((v, sort if sort is Sort.SIZE else Sort.NUMBER) for v in values)]
