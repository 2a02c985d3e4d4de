"""Names that nothing defines, in an equation that is silent because of an earlier mistake: each is a mistake of its own."""

from __future__ import annotations

from collections.abc import Iterator

from netc.compiler.elaborate.left import Defining, parts_of, targets, used_names
from netc.compiler.elaborate.scope import Broken, Build, Scope, Silenced
from netc.compiler.syntax import tree


def report_unknown_names(b: Build, statement: Defining, scope: Scope) -> None:
    """Report them; what the equation binds itself, as an index, is known."""
    nodes = list(_nodes(statement.value))
    bound = {name for part in (*targets(statement), *filter(None, map(_binding, nodes))) for name in used_names(part)}
    for node in nodes:
        if isinstance(node, tree.Name) and node.name not in bound:
            try:
                b.evaluate(node, scope, {})
            except Broken as broken:
                b.report(broken.problem, scope)
            except Silenced:
                pass


def _binding(node: object) -> object:
    """What binds names: the bracket of `sum[i](...)`, the left of `l in 1..10`."""
    match node:
        case tree.Call(function=tree.Index(items=items)):
            return items
        case tree.Compare(operator="in", left=left):
            return left
        case _:
            return None


def _nodes(value: object) -> Iterator[object]:
    stack = [value]
    while stack:
        x = stack.pop()
        yield x
        stack.extend(x if isinstance(x, tuple) else parts_of(x))
