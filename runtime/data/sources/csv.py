"""`csv("file.csv", target="class")`: a table of numbers; the target column is a class or a number."""

from __future__ import annotations

import math

import numpy as np
from netc.runtime.data.fields.model import Dataset, Field, Splits
from netc.runtime.data.formats.place import Place
from netc.runtime.data.formats.tables import Table, number, read_table
from netc.runtime.data.seeded.parts import parted


def read(place: Place, seed: int, path: str, target: str | int, train: float, validation: float) -> Splits:
    """Fields `x` real[columns] and `y` (a class where the column holds words or small whole numbers, else real)."""
    table = read_table(path, place)
    column = table.column(target)
    others = [k for k in range(len(table.names)) if k != column]
    x = np.empty((len(table.rows), len(others)), np.float32)
    for row in range(len(x)):
        x[row] = [table.number(row, k) for k in others]
    return parted(place.file(path).stem, Dataset((Field("x", x), _target(table, column))), seed, (train, validation))


def _target(table: Table, column: int) -> Field:
    words = [row[column] for row in table.rows]
    if all(number(w) is not None for w in words):
        values = [table.number(row, column) for row in range(len(words))]
        if not all(v == int(v) and 0 <= v < 1000 for v in values):
            return Field("y", np.array(values, np.float32))
    labels = tuple(sorted(set(words), key=_order))
    at = {w: k for k, w in enumerate(labels)}
    return Field("y", np.array([at[w] for w in words], np.int32), len(labels), labels)


def _order(word: str) -> tuple[float, str]:
    """Numbers by their value, then words by the alphabet."""
    value = number(word)
    return (value if value is not None and math.isfinite(value) else math.inf, word)
