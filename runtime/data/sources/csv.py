"""`csv("file.csv", target="class")`: a table of numbers, commas or tabs; the target column is a class or a number."""

from __future__ import annotations

import math

import numpy as np
from netc.runtime.data.model import Dataset, Field, Splits, parted
from netc.runtime.data.place import Place
from netc.runtime.data.tables import Table, number, read_table


def read(place: Place, seed: int, path: str, target: str | int = -1, train: float = 0.8, validation: float = 0.1) -> Splits:
    """Fields `x` real[columns] and `y` (a class where the column holds words or small whole numbers, else real)."""
    table = read_table(path, place)
    column = table.column(target)
    others = [k for k in range(len(table.names)) if k != column]
    numbers = np.array([[table.number(row, k) for k in others] for row in range(len(table.rows))], np.float32)
    x = numbers.reshape(len(table.rows), len(others))
    return parted(place.file(path).stem, Dataset((Field("x", x), _target(table, column))), seed, (train, validation))


def _target(table: Table, column: int) -> Field:
    words = [row[column] for row in table.rows]
    values = [number(w) for w in words]
    numbers = [v for v in values if v is not None]
    if len(numbers) == len(words) and not all(v == int(v) and 0 <= v < 1000 for v in numbers if math.isfinite(v)):
        return Field("y", np.array([table.number(row, column) for row in range(len(words))], np.float32))
    labels = tuple(sorted(set(words), key=lambda w: (math.inf if (v := number(w)) is None else v, w)))
    at = {w: k for k, w in enumerate(labels)}
    return Field("y", np.array([at[w] for w in words], np.int32), len(labels), labels)
