"""Tables in text files: cells parted by commas, semicolons or tabs, names in the first row or none."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass

from netc.compiler.diagnostics.suggest import suggest
from netc.runtime.data.formats.place import Place
from netc.runtime.data.formats.text_files import read_text

LARGEST = 1 << 30  # bytes of a table as text


@dataclass(frozen=True)
class Table:
    """The rows of a file below its names, all of one width."""

    path: str
    place: Place
    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]  # where each row stands in the file

    def column(self, wanted: str | int) -> int:
        """The place of a column by name, or by number (from 0; -1 is the last)."""
        if isinstance(wanted, int):
            if not -len(self.names) <= wanted < len(self.names):
                reason = f"it has {len(self.names)} columns, and column {wanted} is asked for"
                raise self.place.damaged(self.path, reason, "columns are counted from 0, and -1 is the last")
            return wanted % len(self.names)
        if wanted not in self.names:
            guess = suggest(wanted, self.names)
            hint = f" (did you mean `{guess}`?)" if guess else ""
            reason = f"it has no column `{wanted}`{hint}; its columns are {', '.join(self.names)}"
            raise self.place.damaged(self.path, reason, "name one of its columns, or give its number, from 0")
        return self.names.index(wanted)

    def number(self, row: int, column: int) -> float:
        """A cell as a finite number. Raises NetcError with its line and column where it is none."""
        cell = self.rows[row][column]
        value = number(cell)
        if value is None or not math.isfinite(value):
            where = f"line {self.lines[row]:,}, `{self.names[column]}`"
            reason = f"`{cell}` is not a finite number" if cell else "this cell is empty, and a number is wanted"
            raise self.place.damaged(self.path, f"{where}: {reason}", _mend(cell))
        return value


def number(cell: str) -> float | None:
    """A cell's number, if it is one."""
    try:
        return float(cell)
    except ValueError:
        return None


def _pointed(cell: str) -> float | None:
    """A cell's number, where a decimal comma counts as one: so a column of them is seen to have a name."""
    return number(cell.replace(",", "."))


def _mend(cell: str) -> str:
    if not cell:
        return "netc fills no gaps: write a number there, or leave the row out"
    if _pointed(cell) is not None:
        return f"write a decimal point: `{cell.replace(',', '.')}`"
    return "leave out what is no number: only the target of `csv` may be words"


def read_table(path: str, place: Place) -> Table:
    """The table of a file. Raises NetcError where a row has another number of cells than the first."""
    text = read_text(path, place, LARGEST, "save the numbers as a NumPy file: `arrays(...)`")
    first = text.split("\n", 1)[0]
    delimiter = next((d for d in "\t;" if d in first), ",")
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    rows: list[tuple[str, ...]] = []
    lines: list[int] = []
    try:
        for row in reader:
            if not any(c.strip() for c in row):
                continue
            if rows and len(row) != len(rows[0]):
                raise place.damaged(path, f"line {reader.line_num:,} has {len(row)} {'cell' if len(row) == 1 else 'cells'}, and the first has {len(rows[0])}")
            rows.append(tuple(c.strip() for c in row))
            lines.append(reader.line_num)
    except csv.Error as error:
        raise place.damaged(path, f"line {reader.line_num:,}: {error}") from None
    if not rows:
        raise place.damaged(path, "it is empty")
    named = any(c and number(c) is None and any(_pointed(r[k]) is not None for r in rows[1:9]) for k, c in enumerate(rows[0]))
    names = rows[0] if named else tuple(f"column {k + 1}" for k in range(len(rows[0])))
    return Table(path, place, names, tuple(rows[named:]), tuple(lines[named:]))
