"""Recurrences that are written both ways along an axis, `h[t-1]` beside `h[t+1]`: no boundary gives them an order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from netc.compiler.diagnostics.problems.causality import NoOrder
from netc.compiler.elaborate.left import Defining, is_boundary, parts_of, target_names, targets
from netc.compiler.elaborate.recurrences.circles import ranges_of
from netc.compiler.elaborate.scope import Build, Scope
from netc.compiler.statements.components import components
from netc.compiler.syntax import tree


@dataclass(frozen=True, eq=False)
class _Step:
    """One equation reads a variable of the group, so many points further along each axis."""

    statement: Defining
    read: tree.Index
    name: str
    offsets: tuple[int, ...]


def both_ways(b: Build, group: Sequence[Defining], scope: Scope) -> NoOrder | None:
    """The problem of equations that need each other's earlier and later points along one axis, and no other axis would serve."""
    mains = [s for s in group if not is_boundary(b, s, scope)]
    owners = {n.name: k for k, s in enumerate(mains) for n in target_names(s)}
    steps = [step for s in mains for step in _steps(s, owners.keys())]
    needs = [sorted({owners[x.name] for x in steps if x.statement is s}) for s in mains]
    for members in components(needs):
        inner = [x for x in steps if owners[x.name] in members and any(mains[k] is x.statement for k in members)]
        for axis in range(max((len(x.offsets) for x in inner), default=0)):
            moved = [x for x in inner if axis < len(x.offsets) and x.offsets[axis]]
            alone = all(not any(x.offsets[:axis] + x.offsets[axis + 1 :]) for x in inner)
            if alone and {x.offsets[axis] > 0 for x in moved} == {True, False}:
                b.blamed |= {i.span for x in moved for i in x.read.items}
                names = tuple(dict.fromkeys(n.name for k in sorted(members) for n in target_names(mains[k])))
                split = _split(b, moved, axis, scope) if len(names) == 1 else ()
                return NoOrder(mains[min(members)].span, names, tuple((x.read.span.text, x.read.span) for x in moved), split)
    return None


def _split(b: Build, moved: Sequence[_Step], axis: int, scope: Scope) -> tuple[str, ...]:
    """The two recurrences that a reader can make of one, each with its boundary, and what joins them."""
    statement = moved[0].statement
    target = next(t for t in targets(statement) if isinstance(t, tree.Index))
    items = [(i.left if isinstance(i, tree.Compare) else i).span.text for i in target.items]
    domain = ranges_of(b, statement, scope).get(items[axis])
    if domain is None or not items[axis].isidentifier():
        return ()
    least, most = min(x.offsets[axis] for x in moved), max(x.offsets[axis] for x in moved)
    first = [str(domain.lo - k) for k in range(1, 1 - least)]
    last = [str(domain.hi + k) for k in range(1, 1 + most)]
    return split(target.base.span.text, items, axis, first, last)


def split(name: str, items: Sequence[str], axis: int, first: Sequence[str], last: Sequence[str]) -> tuple[str, ...]:
    """What each recurrence begins with, and the equation that joins them."""

    def at(variable: str, point: str | None = None) -> str:
        return f"{variable}[{', '.join(items if point is None else [*items[:axis], point])}]"

    begins = " and ".join(f"`{at('past', p)} = 0`" for p in first)
    ends = " and ".join(f"`{at('future', p)} = 0`" for p in last)
    return at("past"), begins, at("future"), ends, f"{at(name)} = {at('past')} + {at('future')}"


def _steps(statement: Defining, names: Set[str]) -> Iterator[_Step]:
    left = next((t for t in targets(statement) if isinstance(t, tree.Index)), None)
    own = [_shift(i) for i in left.items] if left is not None else []
    stack: list[object] = [statement.value]
    while stack:
        x = stack.pop()
        if isinstance(x, tree.Index) and isinstance(x.base, tree.Name) and x.base.name in names:
            places = [_shift(i) for i in x.items]
            pairs = list(zip(places, own, strict=False))
            if all(p is not None and q is not None and p[0] == q[0] for p, q in pairs):
                yield _Step(statement, x, x.base.name, tuple(p[1] - q[1] for p, q in pairs if p is not None and q is not None))
        stack.extend(reversed(x) if isinstance(x, tuple) else reversed(parts_of(x)))


def _shift(item: tree.Expr) -> tuple[str, int] | None:
    """`t-1` as `t` and -1."""
    match item:
        case tree.Name(name=name):
            return name, 0
        case tree.Compare(operator="in", left=tree.Name(name=name)):
            return name, 0
        case tree.Binary(operator="+" | "-" as sign, left=tree.Name(name=name), right=tree.Number(value=int(by))):
            return name, by if sign == "+" else -by
        case tree.Binary(operator="+", left=tree.Number(value=int(by)), right=tree.Name(name=name)):
            return name, by
        case _:
            return None
