"""`series("file.csv")`: columns of numbers over time, cut into windows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from netc.runtime.data.fields.model import Array, Dataset, Field, Splits
from netc.runtime.data.fields.ragged import Ragged
from netc.runtime.data.formats.place import Place
from netc.runtime.data.formats.tables import read_table


def read(
    place: Place, seed: int, path: str, window: int, column: str | int, scaled: bool, valid: float, test: float
) -> Splits:  # fmt: skip
    """Field `series` real[1..T, columns]: windows of `window` rows, each beginning with the last row of the one before.

    `column` is a name, several with commas between (`"load,price"`), or a number from 0 (-1: the last). Each column has mean 0 and
    deviation 1 over the training part, unless `scaled` is false. The end of the file is the test part, what stands before it the validation part.
    """
    table = read_table(path, place)
    names = [n.strip() for n in column.split(",")] if isinstance(column, str) and column not in table.names else [column]
    columns = [table.column(n) for n in names]
    numbers = np.array([[table.number(row, k) for k in columns] for row in range(len(table.rows))], np.float64)
    last = len(numbers) - round(len(numbers) * test)
    first = last - round(len(numbers) * valid)
    if first < 2:
        raise place.damaged(path, f"it leaves {first} for training, and a window takes two rows")
    statement = ""
    if scaled:
        mean, deviation = numbers[:first].mean(0), numbers[:first].std(0)
        numbers = (numbers - mean) / np.where(deviation > 0, deviation, 1)
        statement = " · scaled by " + ", ".join(f"{table.names[k]} {m:g} ± {d:g}" for k, m, d in zip(columns, mean, deviation, strict=True))
    rows = numbers.astype(np.float32)
    train, validation, test_part = (_part(rows[a:b], window) for a, b in ((0, first), (first, last), (last, len(rows))))
    assert train is not None
    splits = Splits(place.file(path).stem, train, validation, test_part)
    return replace(splits, statement=f"{splits.name} {splits.sizes} windows{statement}")


def _part(numbers: Array, window: int) -> Dataset | None:
    if len(numbers) < 2:
        return None
    starts = np.arange(0, len(numbers) - 1, window - 1, dtype=np.int64)
    return Dataset((Field("series", Ragged(numbers, starts, np.minimum(window, len(numbers) - starts))),))
