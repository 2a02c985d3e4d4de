"""A schedule as text: what is computed at once, what along which axis, and in which direction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from netc.compiler.schedule.order import Item, Scan, Schedule, leaves
from netc.compiler.statements.expressions import Index
from netc.compiler.statements.print import statement
from netc.compiler.statements.program import Statement


def outline(schedule: Schedule) -> str:
    """One line for each scan and for what stands between: the names that are computed there.

    ```
    at once             e, i, f, g, o
    t = 1..T forward    c, h
    at once             z, loss
    ```
    """
    rows = list(_outline(schedule.items, 0))
    width = max((len(left) for left, _ in rows), default=0)
    return "\n".join(f"{left:<{width}}   {names}" for left, names in rows)


def done_to(heading: str, notes: Mapping[str, Sequence[str]]) -> str:
    """What was done below a heading, each with a line of the equations' names below it; nothing for nothing."""
    lines = [line for what, names in notes.items() for line in (f"  {what}", f"    {', '.join(names)}")]
    return "\n".join([f"{heading}:", *lines]) if lines else ""


def _outline(items: Sequence[Item], depth: int) -> Iterator[tuple[str, str]]:
    for scan, group in groupby(items, _own_scan):
        if scan is None:
            yield "  " * depth + "at once", _names(s for s in group if isinstance(s, Statement))
        elif any(isinstance(x, Scan) for x in scan.body):
            yield "  " * depth + _heading(scan), ""
            yield from _outline(scan.body, depth + 1)
        else:
            yield "  " * depth + _heading(scan), _names(leaves(scan.body))


def _own_scan(item: Item) -> Scan | None:
    return item if isinstance(item, Scan) else None


def _names(statements: Iterable[Statement]) -> str:
    """The names of equations; what only stands inside them is not named."""
    return ", ".join(dict.fromkeys(s.target.name.split("'")[0] for s in statements))


def _heading(scan: Scan) -> str:
    index = _index(scan)
    levels = ", level by level" if scan.tree is not None else ""
    return f"{index.name} = {index.domain.lo}..{index.domain.hi} {'forward' if scan.forward else 'backward'}{levels}"


def _index(scan: Scan) -> Index:
    return next(iter(scan.index.values()))


def listing(schedule: Schedule) -> str:
    """All statements, those of a scan below it."""
    return "\n".join(_listing(schedule.items, 0))


def _listing(items: Sequence[Item], depth: int) -> Iterator[str]:
    for item in items:
        if isinstance(item, Scan):
            yield "    " * depth + f"for {_heading(item)}:"
            yield from _listing(item.body, depth + 1)
        else:
            yield "    " * depth + statement(item)
