"""Parameters of a layer whose values lead to none of its outputs and states, by the names in its equations alone: in any branch, for any setting."""

from __future__ import annotations

from collections.abc import Iterator

from netc.compiler.diagnostics.problems.unread import LeadsNowhere, ParameterUnread
from netc.compiler.elaborate.left import target_names, used_names
from netc.compiler.source.text import Span
from netc.compiler.syntax import tree


def lead_nowhere(layer: tree.Layer) -> Iterator[ParameterUnread | LeadsNowhere]:
    """Each that nothing reads at its declaration; the others at the equation where their way ends."""
    equations = [s for s in layer.body if isinstance(s, tree.Equation)]
    if any(isinstance(s, tree.Unread) for s in layer.body):
        return
    readers: dict[str, list[tree.Equation]] = {}
    for e in equations:
        of_left = used_names(e.target) - {n.name for n in target_names(e)}
        for name in used_names(e.value) | of_left:
            readers.setdefault(name, []).append(e)
    others = frozenset[str]().union(*(used_names(s) for s in layer.body if not isinstance(s, tree.Equation | tree.Var)))
    goals = {p.name.name for p in layer.outputs} | others
    goals |= frozenset[str]().union(*(used_names((s.init, s.where)) for s in layer.body if isinstance(s, tree.Var)))
    ended: dict[Span, tuple[tree.Equation, dict[str, Span]]] = {}
    for item in [i for s in layer.body if isinstance(s, tree.Var) and s.kind == "param" for i in s.items]:
        name = item.name.name
        way = _way(name, readers)
        if goals.isdisjoint({name, *(n.name for e in way for n in target_names(e))}):
            if not way:
                yield ParameterUnread(item.span, name)
                continue
            end = _end(way, readers)
            ended.setdefault(end.span, (end, {}))[1][name] = item.span
    for end, lost in ended.values():
        yield LeadsNowhere(end.span, target_names(end)[0].name, tuple(lost.items()), _recurs(end), layer=layer.name.name)


def _recurs(e: tree.Equation) -> bool:
    """Whether an equation reads what it computes."""
    return not used_names(e.value).isdisjoint(n.name for n in target_names(e))


def _way(name: str, readers: dict[str, list[tree.Equation]]) -> list[tree.Equation]:
    """The equations whose values hang on a name."""
    found: dict[tree.Equation, None] = {}
    stack = [name]
    while stack:
        for e in readers.get(stack.pop(), ()):
            if e not in found:
                found[e] = None
                stack += [n.name for n in target_names(e)]
    return list(found)


def _end(way: list[tree.Equation], readers: dict[str, list[tree.Equation]]) -> tree.Equation:
    """The last equation of a way: none but itself reads what it computes."""
    ends = [e for e in way if all(r is e for n in target_names(e) for r in readers.get(n.name, ()))]
    return max(ends or way, key=lambda e: e.span.start)
