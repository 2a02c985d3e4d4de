"""Circles of equations by what is written: those without indices, and those that failed and so have no place in a schedule.

A read is at the same point where all that stands in its bracket is an index of the left side as it is, or one that a reduction
around it binds without a condition; an equation without indices needs all of what it reads at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from netc.compiler.diagnostics.problems.causality import CycleWithoutDelay
from netc.compiler.elaborate.left import Defining, is_boundary, parts_of, read_left, target_names, targets, used_names
from netc.compiler.elaborate.scope import Broken, Build, Environment, Scope, Silenced
from netc.compiler.source.text import Span
from netc.compiler.statements.domains import Domain
from netc.compiler.statements.expressions import Index
from netc.compiler.syntax import tree

Step = tuple[Defining, str, str]  # an equation, what it reads at its own point, and the name in that


def written_circle(b: Build, group: Sequence[Defining], scope: Scope) -> CycleWithoutDelay | None:
    """A shortest circle of reads at one point among these equations, if there is one."""
    mains = [s for s in group if not is_boundary(b, s, scope)]
    owners = {n.name: s for s in mains for n in target_names(s)}
    steps = {s: _same_point(b, s, owners.keys(), scope) for s in mains}
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
    reads = {name: text for _, text, name in best}
    if len(best) == 1:
        b.blamed |= set(_places(best[0][0], best[0][1]))
    return CycleWithoutDelay(best[0][0].span, tuple((_written(s), text, s.span) for s, text, _ in best), *_earlier(b, best, reads, group, scope))


def _earlier(b: Build, circle: Sequence[Step], reads: Mapping[str, str], group: Sequence[Defining], scope: Scope) -> tuple[str, str, str]:
    """What of a circle could be read at an earlier point, that point, and the boundary that it lacks; a variable that has one comes first."""
    given = [t for s in group if is_boundary(b, s, scope) for t in targets(s) if isinstance(t, tree.Index) and isinstance(t.base, tree.Name)]
    bounded = {t.base.name: t for t in given if isinstance(t.base, tree.Name) and t.base.name in reads}
    name = next(iter(bounded), circle[0][2])
    statement = next(s for s in group if not is_boundary(b, s, scope) and name in {n.name for n in target_names(s)})
    target = next((t for t in targets(statement) if isinstance(t, tree.Index) and t.base.span.text == name), None)
    if target is None:
        return "", "", ""
    items = [(i.left if isinstance(i, tree.Compare) else i).span.text for i in target.items]
    domains = ranges_of(b, statement, scope)
    axis = next((k for k, i in enumerate(items) if i in domains and not domains[i].known), 0)
    begins = ""
    if name in bounded:
        axis = next((k for k, i in enumerate(bounded[name].items) if not isinstance(i, tree.Name)), axis)
    elif items[axis] in domains:
        begins = f"{name}[{', '.join([*items[:axis], str(domains[items[axis]].lo - 1)])}] = 0"
    earlier = f"{name}[{', '.join([*items[:axis], f'{items[axis]}-1', *items[axis + 1 :]])}]"
    return reads[name], earlier, begins


def ranges_of(b: Build, statement: Defining, scope: Scope) -> dict[str, Domain]:
    """What the indices on the left range over, as far as it is known."""
    assert statement.value is not None
    env: Environment = {}
    try:
        with b.trial(guess=True):
            for target in targets(statement):
                read_left(b, target, scope, env)
            b.evaluate(statement.value, scope, env)
            found = {name: i for name, i in env.items() if isinstance(i, Index)}
            return {name: i.domain for name, i in found.items() if b.ranges.resolve((i,), statement.span) is None}
    except (Broken, Silenced):
        return {}


def _places(statement: Defining, text: str) -> list[Span]:
    """Where an equation reads what is written so."""
    found: list[Span] = []
    stack: list[object] = [statement.value]
    while stack:
        x = stack.pop()
        if isinstance(x, tuple):
            stack += x
            continue
        if isinstance(x, tree.Index | tree.Name) and x.span.text == text:
            found.append(x.span)
        stack += parts_of(x)
    return found


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


def _fixed(b: Build, items: Sequence[tree.Expr], scope: Scope) -> bool:
    """Whether all that stands in a bracket is known; an index that nothing binds is another mistake."""
    return all(n in scope.names or n in scope.defined or n in b.globals or n in b.module.names for n in used_names(tuple(items)))


def _same_point(b: Build, statement: Defining, names: Set[str], scope: Scope) -> dict[str, str]:
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
            if all(isinstance(i, tree.Name) and i.name in known for i in x.items) or whole and _fixed(b, x.items, scope):
                found.setdefault(x.span.text, x.base.name)
            stack.append((x.items if whole else tuple(i for i in x.items if not isinstance(i, tree.Name)), known))
            continue
        if isinstance(x, tree.Index) and not whole:
            stack += [(x.base, known), (tuple(i for i in x.items if not isinstance(i, tree.Name)), known)]
            continue
        if isinstance(x, tree.Name) and x.name in names:
            found.setdefault(x.name, x.name)
            continue
        if isinstance(x, tree.Call) and isinstance(x.function, tree.Name):
            stack.append((x.arguments, known))  # `h(t)` reads nothing
            continue
        if isinstance(x, tree.Call) and isinstance(x.function, tree.Index):
            bound = _indices(x.function.items, ranges=False)
            known = known | bound if len(bound) == len(x.function.items) else known - bound
        stack += [(part, known) for part in reversed(parts_of(x))]
    return found
