"""What a look inside gives: sections of pictures and tables."""

from __future__ import annotations

from dataclasses import dataclass, field

from netc.runtime.charts.model import Array, Picture


@dataclass(frozen=True, eq=False)
class Table:
    """Rows of text under a header; the columns in `right` hold numbers. `strips` are values whose distribution ends each row."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[int, ...] = ()
    strips: tuple[Array, ...] = ()


@dataclass(frozen=True, eq=False)
class Section:
    """One thing to look at, with a sentence on what is shown."""

    title: str
    about: str
    pictures: tuple[Picture, ...] = ()
    table: Table | None = field(default=None)
