"""What holds of every schedule: a breach is a mistake of the compiler, not of a spec."""

from __future__ import annotations

from collections.abc import Sequence

from netc.compiler.schedule.order import Item, Scan, Schedule
from netc.compiler.statements.domains import difference
from netc.compiler.statements.expressions import Affine, Read, Variable
from netc.compiler.statements.print import statement
from netc.compiler.statements.program import Program, Statement
from netc.compiler.statements.touch import touches


def verify_schedule(program: Program, schedule: Schedule) -> None:
    """Raise ValueError for a breach.

    Every statement stands there once. Within a scan each variable has one axis, at which each of its statements has the
    index that runs. What is read was written before: by an earlier statement, or by the scan at a point that it has passed.
    """
    if sorted(map(id, schedule.statements)) != sorted(map(id, program.statements)):
        raise ValueError("the schedule and the program differ in their statements")
    _walk(schedule.items, program.pieces(), set(), ())


def _walk(items: Sequence[Item], writers: dict[Variable, list[Statement]], done: set[Statement], scans: tuple[Scan, ...]) -> None:
    for item in items:
        if isinstance(item, Scan):
            _axes(item)
            _walk(item.body, writers, done, (*scans, item))
            continue
        for read in item.reads():
            for writer in writers.get(read.variable, ()):
                if writer not in done and touches(read.indices, writer.place) and not any(_passed(scan, item, read, writer) for scan in scans):
                    raise ValueError(f"{writer.target.name} is read before it is written: {statement(item)}")
        done.add(item)


def _axes(scan: Scan) -> None:
    for s in scan.statements():
        place = s.place[scan.axis[s.target]]
        if not isinstance(place, Affine) or place.plain is not scan.index[s]:
            raise ValueError(f"the scan has no index here: {statement(s)}")


def _passed(scan: Scan, s: Statement, read: Read, writer: Statement) -> bool:
    """Whether the scan has computed what is read at an earlier step."""
    if s not in scan.index or writer not in scan.index:
        return False
    own, other = s.place[scan.axis[s.target]], read.indices[scan.axis[read.variable]]
    if not isinstance(own, Affine) or not isinstance(other, Affine):
        return False
    if other.plain is not scan.index[s]:
        return s.condition is not None or other.plain is not None  # a condition keeps it to one side; `scans` proved it
    distance = difference(other.const, own.const)
    return distance is not None and (distance < 0 if scan.forward else distance > 0)
