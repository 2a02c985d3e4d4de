"""What sizes decide of a kernel's text. Batches and lengths that decide alike share one text."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from netc.compiler.plan.extents import Range, at_sizes, extents
from netc.compiler.plan.pieces import Writing, decide
from netc.compiler.schedule import Scan, Schedule, all_scans
from netc.compiler.statements.domains import Bound, Length, value
from netc.compiler.statements.expressions import Affine, Variable
from netc.compiler.statements.program import Program, Statement


@dataclass(frozen=True, eq=False)
class Choices:
    """Which bound is the wider of an axis and of a scan, and which pieces write and which add."""

    ranges: Mapping[Variable, Sequence[Range]]
    writing: Writing
    turns: Mapping[Scan, tuple[Bound, Bound]]

    def key(self) -> Hashable:
        """Equal where the choices are, for one schedule."""
        ranges = tuple(bound for axes in self.ranges.values() for axis in axes for bound in axis)
        return ranges, frozenset(self.writing.adds), tuple(self.writing.clears.items()), tuple(self.turns.values())


def choose(schedule: Schedule, program: Program, lengths: Mapping[Length, int]) -> Choices:
    """The choices at these sizes."""
    ranges = extents(program, schedule.statements, lengths)
    turns = {}
    for scan in all_scans(schedule.items):
        times = [times_of(scan, s) for s in scan.statements()]
        turns[scan] = min((a for a, _ in times), key=lambda b: value(b, lengths)), max((b for _, b in times), key=lambda b: value(b, lengths))
    return Choices(ranges, decide(schedule.statements, at_sizes(ranges, lengths), lengths), turns)


def shift_of(scan: Scan, s: Statement) -> Bound:
    """How far behind its index a statement of a scan writes."""
    place = s.place[scan.axis[s.target]]
    return place.const if isinstance(place, Affine) else 0


def times_of(scan: Scan, s: Statement) -> tuple[Bound, Bound]:
    """The first and the last turn of a statement."""
    i, shift = scan.index[s], shift_of(scan, s)
    return i.domain.lo + shift, i.domain.hi + shift
