"""Which pieces of a variable write and which add: decided on the boxes that they reach.

A piece that adds may write where nothing has been written yet. Where pieces overlap in part, or leave gaps, the variable
is cleared in front of them and all of them add.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from netc.compiler.schedule import Item, Scan
from netc.compiler.statements.domains import Length, value
from netc.compiler.statements.expressions import Affine, Read, Variable
from netc.compiler.statements.program import Operation, Statement

Box = tuple[tuple[int, int], ...]


@dataclass
class Writing:
    """Variables to be cleared before their first piece, and the statements that add."""

    clears: dict[Variable, float] = field(default_factory=dict)
    adds: set[Statement] = field(default_factory=set)


def decide(statements: Sequence[Statement], hulls: Mapping[Variable, Sequence[Sequence[int]]], lengths: Mapping[Length, int]) -> Writing:
    """Statements in the order in which they run."""
    groups: dict[Variable, list[Statement]] = {}
    for s in statements:
        groups.setdefault(s.target, []).append(s)
    found = Writing()
    for variable, group in groups.items():
        if variable.fill is not None:
            found.clears[variable] = variable.fill
        hull: Box = tuple((a, b) for a, b in hulls[variable])
        adding = [s for s in group if s.accumulate]
        if not adding:
            if variable.fill is None and outside([hull], [box_of(s, hull, lengths) for s in group]):
                found.clears[variable] = 0.0  # read where no piece lies: nothing arrives there
            continue
        begun: list[Box] = []
        adds: set[Statement] = set()
        for s in group:
            box = box_of(s, hull, lengths)
            left = outside([box], begun)
            if not s.accumulate or left == [box] and reaches(s, lengths):
                begun.append(box)
            elif not left:
                adds.add(s)
            else:
                begun = []
                break
        upward = any(isinstance(p, Read) and p.variable.tree for s in adding for p in s.place)  # it comes before its node's turn
        if upward or not begun or outside([hull], begun):
            found.clears[variable] = 0.0
            adds = set(adding)
        found.adds |= adds
    return found


def box_of(s: Statement, hull: Box, lengths: Mapping[Length, int]) -> Box:
    """The points that a statement may write; a place picked by data may be any."""
    box: list[tuple[int, int]] = []
    for place, whole in zip(s.place, hull, strict=True):
        if isinstance(place, Affine):
            lo, hi = place.range()
            box.append((value(lo, lengths), value(hi, lengths)))
        else:
            box.append(whole)
    return tuple(box)


def reaches(s: Statement, lengths: Mapping[Length, int]) -> bool:
    """Whether every point of its box is written."""
    if s.operation not in (Operation.MAP, Operation.SUM):
        return False
    seen = [i for p in s.place if isinstance(p, Affine) for i in p.indices]
    if len(seen) != len(set(seen)):
        return False
    for place in s.place:
        if not isinstance(place, Affine):
            return False
        points = 1
        for i in place.indices:
            points *= i.domain.points(lengths)
        lo, hi = (value(b, lengths) for b in place.range())
        if points != hi - lo + 1:
            return False
    return True


def outside(boxes: Iterable[Box], taken: Iterable[Box]) -> list[Box]:
    """What is left of some boxes when others are taken out."""
    left = list(boxes)
    for t in taken:
        left = [part for box in left for part in _without(box, t)]
    return left


def _without(box: Box, taken: Box) -> list[Box]:
    if any(hi < lo for lo, hi in box):
        return []
    if any(b[1] < t[0] or t[1] < b[0] for b, t in zip(box, taken, strict=True)):
        return [box]
    parts: list[Box] = []
    rest = list(box)
    for k, (t, b) in enumerate(zip(taken, box, strict=True)):
        if b[0] < t[0]:
            parts.append((*rest[:k], (b[0], t[0] - 1), *rest[k + 1 :]))
        if t[1] < b[1]:
            parts.append((*rest[:k], (t[1] + 1, b[1]), *rest[k + 1 :]))
        rest[k] = (max(b[0], t[0]), min(b[1], t[1]))
    return parts


def read_ahead(items: Sequence[Item]) -> Iterator[Variable]:
    """What a scan reads at points that it has not come to. Such points count for nothing, but they must hold numbers."""
    for item in items:
        if not isinstance(item, Scan):
            continue
        for s in item.statements():
            for read in s.reads():
                place = read.indices[item.axis[read.variable]] if read.variable in item.axis else None
                if isinstance(place, Affine) and place.plain is not item.index[s]:
                    yield read.variable
        yield from read_ahead(item.body)
