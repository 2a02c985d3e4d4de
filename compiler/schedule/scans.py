"""Finds an axis along which statements that need each other can be computed point by point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netc.compiler.schedule.vanish import Pieces, condition_side, support_side
from netc.compiler.statements.domains import difference
from netc.compiler.statements.expressions import Affine, Expr, Index, Read, Variable
from netc.compiler.statements.program import Operation, Statement


class Circle(ValueError):
    """Statements that need each other at the same point; `cycle` names one circle with its offsets."""

    def __init__(self, cycle: list[tuple[Statement, Read]]) -> None:
        super().__init__("no order for " + ", ".join(dict.fromkeys(s.target.name for s, _ in cycle)))
        self.cycle = cycle


@dataclass(frozen=True, eq=False)
class Direction:
    """A scan: for each statement the index that runs, for each variable the axis, and which way."""

    index: dict[Statement, Index]
    axis: dict[Variable, int]
    forward: bool
    offsets: dict[tuple[Statement, Read], int | None]  # None: any point before, but not the same
    upward: frozenset[Statement] = frozenset()  # what adds to the children of the node at hand: they are done later
    tree: Variable | None = None  # where points need others only as the children that this tree gives them

    def elsewhere(self, s: Statement, read: Read) -> bool:
        """Whether this reads what the scan has computed at another point already."""
        return s in self.index and self.offsets.get((s, read), 0) != 0


def find_scan(members: Sequence[Statement], scans: tuple[Direction, ...] = (), defined: Pieces | None = None) -> Direction:
    """The first axis that works, by the order of the axes of the first statement; `defined` are the pieces of all variables.

    Raises Circle.
    """
    taken = {i for d in scans for i in d.index.values()}
    for candidate in members[0].indices:
        if candidate in taken:
            continue
        found = _Try(members, candidate, defined or {}).run()
        if found is not None:
            return found
    raise Circle(_circle(members))


class _Try:
    """One candidate: the index of the first statement, carried to all others through what they read and write."""

    def __init__(self, members: Sequence[Statement], candidate: Index, defined: Pieces) -> None:
        self.members, self.defined = members, defined
        self.index: dict[Statement, Index] = {members[0]: candidate}
        self.axis: dict[Variable, int] = {}
        self.pieces: dict[Variable, list[Statement]] = {}
        for s in members:
            self.pieces.setdefault(s.target, []).append(s)

    def run(self) -> Direction | None:
        if not self._spread() or any(self.index[s] in s.over for s in self.members):
            return None  # a softmax along the index needs all its points at once
        offsets: dict[tuple[Statement, Read], int | None] = {}
        signs: set[bool] = set()
        ways: set[Variable | None] = set()  # the trees that lead from point to point; None stands for anything else
        upward = frozenset(s for s in self.members if self._goes_to_children(s))
        for s in self.members:
            for read in s.reads():
                if read.variable not in self.axis:
                    continue
                for p in self.pieces[read.variable]:
                    if p in upward:
                        signs.add(False)
                        ways |= {q.variable for q in p.place if isinstance(q, Read)}
                known = self._offset(s, read)
                if known is None:
                    return None
                offset, sign = known
                offsets[s, read] = offset
                if sign:
                    other = read.indices[self.axis[read.variable]]
                    signs.add(sign < 0)
                    ways.add(other.variable if isinstance(other, Read) else None)
        if len(signs) != 1:
            return None
        return Direction(self.index, self.axis, signs.pop(), offsets, upward, ways.pop() if len(ways) == 1 else None)

    def _spread(self) -> bool:
        """Give every variable its axis and every statement its index; False where one has none."""
        moved = True
        while moved:
            moved = False
            for s in self.members:
                if s not in self.index:
                    found = self._index_of(s)
                    if found is None:
                        continue
                    self.index[s] = found
                    moved = True
                i = self.index[s]
                if s.target not in self.axis and not self._goes_to_children(s):
                    axis = _alone(s.place, i)
                    if axis is None:
                        return False
                    self.axis[s.target] = axis
                    moved = True
                for read in s.reads():
                    if read.variable in self.pieces and read.variable not in self.axis:
                        axis = _alone(read.indices, i)
                        if axis is not None:
                            self.axis[read.variable] = axis
                            moved = True
        return len(self.index) == len(self.members) and all(
            s.target in self.axis and (self._goes_to_children(s) or _plain(s.place[self.axis[s.target]]) is self.index[s])
            for s in self.members
        )

    def _index_of(self, s: Statement) -> Index | None:
        if s.target in self.axis and not self._goes_to_children(s):
            return _plain(s.place[self.axis[s.target]])
        for read in s.reads():
            if read.variable in self.axis:
                i = _plain(read.indices[self.axis[read.variable]])
                if i in s.indices:
                    return i
        return None

    def _goes_to_children(self, s: Statement) -> bool:
        return any(isinstance(p, Read) and p.variable.tree for p in s.place)

    def _offset(self, s: Statement, read: Read) -> tuple[int | None, int] | None:
        """How far from the point being computed a read lies: (offset, sign); None where that is not known.

        An offset of None stands for all points on one side, the same point not among them.
        """
        own, other = s.place[self.axis[s.target]], read.indices[self.axis[read.variable]]
        if self._goes_to_children(s):
            own = Affine(0, ((self.index[s], 1),))
        if isinstance(other, Read) and _plain(other) is self.index[s]:
            return None, -2
        if not isinstance(own, Affine) or not isinstance(other, Affine):
            return None
        i = self.index[s]
        if other.plain is i:
            d = difference(other.const, own.const)
            return None if d is None else (d, d)
        if other.plain is not None and own.const == 0 and other.const == 0:
            bound = self._bounded(s, other.plain, i)
            if bound is not None:
                return (None, bound) if abs(bound) == 2 else (0, bound)
        return None

    def _bounded(self, s: Statement, free: Index, scan: Index, seen: tuple[Statement, ...] = ()) -> int | None:
        """Whether only points with `free < scan` (-2), `free <= scan` (-1), `>=` (1) or `>` (2) matter, by conditions or zeros here or downstream."""
        found = condition_side(s.condition, free, scan)
        if found is None and s.operation in (Operation.SUM, Operation.MAP):
            found = support_side(self.defined, s.body, free, scan)
        if found is not None:
            return found
        if s in seen or free in s.over:
            return None
        axis, at = _alone(s.place, free), _alone(s.place, scan)
        if axis is None or at is None:
            return None
        signs: set[int | None] = set()
        for reader in self.members:
            for read in reader.reads():
                if read.variable is not s.target:
                    continue
                f, t = (_plain(read.indices[k]) for k in (axis, at))
                signs.add(None if f is None or t is None else self._bounded(reader, f, t, (*seen, s)))
        return signs.pop() if len(signs) == 1 else None


def _plain(place: Affine | Expr) -> Index | None:
    """The index that stands at a place, by itself or as the node whose child it is."""
    if isinstance(place, Read) and place.variable.tree:
        return _plain(place.indices[0])
    return place.plain if isinstance(place, Affine) else None


def _alone(places: Sequence[Affine | Expr], i: Index) -> int | None:
    """The axis at which an index stands by itself, and nowhere else."""
    at = [k for k, p in enumerate(places) if isinstance(p, Affine) and i in p.indices or isinstance(p, Read) and _plain(p) is i]
    return at[0] if len(at) == 1 and _plain(places[at[0]]) is i else None


def _circle(members: Sequence[Statement]) -> list[tuple[Statement, Read]]:
    """One circle, as statements with the read that leads to the next."""
    writers = {s.target: s for s in reversed(members)}
    path: list[tuple[Statement, Read]] = []
    seen: dict[Variable, int] = {}
    s = members[0]
    while s.target not in seen:
        seen[s.target] = len(path)
        read = next((r for r in s.reads() if r.variable in writers), None)
        if read is None:
            return path
        path.append((s, read))
        s = writers[read.variable]
    return path[seen[s.target] :]


