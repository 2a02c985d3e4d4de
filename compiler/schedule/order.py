"""The order of evaluation: what needs itself at other points of an axis is computed along that axis, the rest at once.

Nobody writes a loop. Statements that need each other form a component. If there is an axis along which all their reads of
each other go one way, the component is a scan along it; what remains inside, at one point, is ordered by the same rule.
Along the nodes of a tree, where the order comes from the data, points of one height do not need each other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from netc.compiler.rewrites.order_statements import topological
from netc.compiler.schedule.scans import Direction, find_scan
from netc.compiler.schedule.vanish import Pieces
from netc.compiler.statements.components import components
from netc.compiler.statements.expressions import Index, Variable
from netc.compiler.statements.program import Program, Statement
from netc.compiler.statements.touch import touches


@dataclass(frozen=True, eq=False)
class Scan:
    """Statements computed point by point along one axis; `index` is what each of them runs over there."""

    index: dict[Statement, Index]
    axis: dict[Variable, int]
    forward: bool
    body: tuple[Item, ...]
    tree: Variable | None = None  # points are the nodes of this tree: those of one height can be done together

    def statements(self) -> Iterator[Statement]:
        return leaves(self.body)


    def carried(self) -> dict[Variable, int]:
        """The variables that are read at another point than the one at hand, each with the axis along which it is computed."""
        found: dict[Variable, int] = {}
        for s in self.statements():
            for read in s.reads():
                axis = self.axis.get(read.variable)
                if axis is not None and s in self.index and s.target in self.axis and read.indices[axis] != s.place[self.axis[s.target]]:
                    found.setdefault(read.variable, axis)
        return found


Item = Statement | Scan


def all_scans(items: Sequence[Item]) -> list[Scan]:
    """All scans, those inside others too."""
    found: list[Scan] = []
    waiting = list(items)
    while waiting:
        item = waiting.pop(0)
        if isinstance(item, Scan):
            found.append(item)
            waiting += item.body
    return found


def leaves(items: Sequence[Item]) -> Iterator[Statement]:
    """All statements, in order."""
    for item in items:
        if isinstance(item, Statement):
            yield item
        else:
            yield from item.statements()


@dataclass(frozen=True, eq=False)
class Schedule:
    """Statements and scans in an order in which each can run."""

    items: tuple[Item, ...]

    @property
    def statements(self) -> tuple[Statement, ...]:
        return tuple(leaves(self.items))


def schedule(program: Program, trees: Collection[Variable] = ()) -> Schedule:
    """Order a program; the nodes of these trees may be in any order that has children first.

    Raises Circle for statements that need each other at the same point.
    """
    return Schedule(tuple(order(program.statements, defined=program.pieces(), trees=trees)))


def recurrent(statements: Sequence[Statement]) -> list[list[Statement]]:
    """The groups of statements that need each other."""
    needs = _needs(statements)
    found = [c for c in components(needs) if len(c) > 1 or c[0] in needs[c[0]]]
    return [[statements[k] for k in c] for c in found]


def order(
    statements: Sequence[Statement], scans: tuple[Direction, ...] = (), defined: Pieces | None = None, trees: Collection[Variable] = ()
) -> list[Item]:
    """Statements in an order in which they can run, inside the given scans."""
    needs = _needs(statements, scans)
    parts = components(needs)
    if all(len(c) == 1 and c[0] not in needs[c[0]] for c in parts):
        return [statements[k] for k in topological(needs)]
    owner = {k: n for n, c in enumerate(parts) for k in c}
    outer = [sorted({owner[j] for k in c for j in needs[k]} - {n}) for n, c in enumerate(parts)]
    items: list[Item] = []
    for n in topological(outer, [min(c) for c in parts]):
        members = [statements[k] for k in sorted(parts[n])]
        if len(members) == 1 and parts[n][0] not in needs[parts[n][0]]:
            items.append(members[0])
            continue
        d = find_scan(members, scans, defined)
        body = tuple(order(members, (*scans, d), defined, trees))
        items.append(Scan(d.index, d.axis, d.forward, body, d.tree if d.tree in trees else None))
    return items


def _needs(statements: Sequence[Statement], scans: tuple[Direction, ...] = ()) -> list[list[int]]:
    """For each statement those that must run before it; what a scan has computed at earlier points is there."""
    writers: dict[Variable, list[int]] = {}
    for k, s in enumerate(statements):
        writers.setdefault(s.target, []).append(k)
    needs: list[list[int]] = []
    for s in statements:
        found: set[int] = set()
        for read in s.reads():
            group = [j for j in writers.get(read.variable, ()) if not any(statements[j] in d.upward for d in scans)]
            if any(d.elsewhere(s, read) for d in scans):
                continue
            found.update(j for j in group if len(group) == 1 or touches(read.indices, statements[j].place))
        needs.append(sorted(found))
    for group in writers.values():  # what adds comes after what writes
        first = [k for k in group if not statements[k].accumulate]
        for k in group:
            if statements[k].accumulate and first:
                needs[k] = sorted({*needs[k], *first} - {k})
    return needs
