"""Which layers and functions of a file no net applies."""

from __future__ import annotations

from collections.abc import Iterable

from netc.compiler.elaborate.left import used_names
from netc.compiler.elaborate.module import Module
from netc.compiler.syntax import tree


def unreached(module: Module, applied: Iterable[tree.Layer | tree.Def], pending: Iterable[str]) -> list[tree.Layer | tree.Def]:
    """What the file itself declares and no net applies, where the `pending` nets, which were not looked at, do not speak of it either."""
    own = [i for i in module.file.items if isinstance(i, tree.Layer | tree.Def) and module.names.get(i.name.name) is i]
    spoken: set[str] = set()
    stack = [n for net in pending for n in used_names(module.nets[net].body)]
    while stack:
        name = stack.pop()
        if name not in spoken:
            spoken.add(name)
            item = module.names.get(name)
            stack += used_names((item.body, item.settings)) if isinstance(item, tree.Layer) else ()
            stack += used_names((item.body, item.parameters)) if isinstance(item, tree.Def) else ()
    reached = set(applied)
    return [item for item in own if item not in reached and item.name.name not in spoken]
