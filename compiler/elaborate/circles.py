"""Circles of equations by what is written: those without indices, and those that failed and so have no place in a schedule.

A read is at the same point where all that stands in its bracket is an index of the left side as it is, or one that a reduction
around it binds without a condition; an equation without indices needs all of what it reads at once.
"""

from __future__ import annotations

from collections.abc import Sequence, Set

from netc.compiler.diagnostics.problems.causality import CycleWithoutDelay
from netc.compiler.elaborate.left import Defining, is_boundary, parts_of, target_names, targets
from netc.compiler.elaborate.scope import Build, Scope
from netc.compiler.syntax import tree

Step = tuple[Defining, str, str]  # an equation, what it reads at its own point, and the name in that


def written_circle(b: Build, group: Sequence[Defining], scope: Scope) -> CycleWithoutDelay | None:
    """A shortest circle of reads at one point among these equations, if there is one."""
    mains = [s for s in group if not is_boundary(b, s, scope)]
    owners = {n.name: s for s in mains for n in target_names(s)}
    steps = {s: _same_point(s, owners.keys()) for s in mains}
    best: list[Step] = []
    for start in mains:
        paths = [[(start, text, name)] for text, name in steps[start].items()]
        seen: set[str] = set()
        while paths:
            path = paths.pop(0)
            name = path[-1][2]
            if owners[name] is start:
                best = path if not best or len(path) < len(best) else best
                break
            if name not in seen:
                seen.add(name)
                paths += [[*path, (owners[name], text, further)] for text, further in steps[owners[name]].items()]
    if not best:
        return None
    return CycleWithoutDelay(best[0][0].span, tuple((_written(s), text, s.span) for s, text, _ in best))


def _written(statement: Defining) -> str:
    """The left side without ranges: `h[t]` of `h[t in 1..T]`."""
    target = targets(statement)[0]
    if not isinstance(target, tree.Index):
        return target.span.text
    return f"{target.base.span.text}[{', '.join((i.left if isinstance(i, tree.Compare) else i).span.text for i in target.items)}]"


def _indices(items: Sequence[tree.Expr], ranges: bool) -> set[str]:
    """Names that stand alone in a bracket, or with `ranges` before `in`."""
    alone = [i.left if ranges and isinstance(i, tree.Compare) and i.operator == "in" else i for i in items]
    return {i.name for i in alone if isinstance(i, tree.Name)}


def _same_point(statement: Defining, names: Set[str]) -> dict[str, str]:
    """What an equation reads of these names at the point that it computes: the text, and the name in it."""
    own = {name for t in targets(statement) if isinstance(t, tree.Index) for name in _indices(t.items, ranges=True)}
    whole = not any(isinstance(t, tree.Index) for t in targets(statement))
    found: dict[str, str] = {}
    stack: list[tuple[object, frozenset[str]]] = [(statement.value, frozenset(own))]
    while stack:
        x, known = stack.pop()
        if isinstance(x, tuple):
            stack += [(part, known) for part in reversed(x)]
            continue
        if isinstance(x, tree.Index) and isinstance(x.base, tree.Name) and x.base.name in names:
            if whole or all(isinstance(i, tree.Name) and i.name in known for i in x.items):
                found.setdefault(x.span.text, x.base.name)
            stack.append((x.items, known))
            continue
        if isinstance(x, tree.Name) and x.name in names:
            found.setdefault(x.name, x.name)
            continue
        if isinstance(x, tree.Call) and isinstance(x.function, tree.Index):
            bound = _indices(x.function.items, ranges=False)
            known = known | bound if len(bound) == len(x.function.items) else known - bound
        stack += [(part, known) for part in reversed(parts_of(x))]
    return found
