"""`csv("file.csv", target="class")`: a table of numbers, commas or tabs; the target column is a class or a number."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
from netc.runtime.data.model import Dataset, Field, Splits, parted
from netc.runtime.data.place import Place

LARGEST = 1 << 30  # bytes of a table as text


def read(place: Place, seed: int, path: str, target: str | int = -1, train: float = 0.8, validation: float = 0.1) -> Splits:
    """Fields `x` real[columns] and `y` (a class where the column holds words or small whole numbers, else real)."""
    file = place.file(path)
    rows = _rows(file, path, place)
    first = rows[0][1]
    header = first if not all(_number(c) is not None for c in first[:-1]) else None
    names = [c.strip() for c in header] if header else [f"column {k + 1}" for k in range(len(first))]
    body = rows[1:] if header else rows
    column = _column(target, names, path, place)
    numbers = np.empty((len(body), len(names) - 1), np.float32)
    words: list[str] = []
    for sample, (line, row) in enumerate(body):
        if len(row) != len(names):
            raise place.damaged(path, f"line {line} has {len(row)} cells, and the first has {len(names)}")
        words.append(row[column].strip())
        for k, cell in enumerate(c for j, c in enumerate(row) if j != column):
            value = _number(cell)
            if value is None or not math.isfinite(value):
                raise place.damaged(path, f"line {line}, `{[n for j, n in enumerate(names) if j != column][k]}`: `{cell}` is not a finite number")
            numbers[sample, k] = value
    return parted(file.stem, Dataset((Field("x", numbers), _target(words, path, place))), seed, (train, validation))


def _rows(file: Path, path: str, place: Place) -> list[tuple[int, list[str]]]:
    """The rows that are not blank, with the numbers of their lines; tabs part them where the first line has one."""
    try:
        if file.stat().st_size > LARGEST:
            raise place.damaged(path, f"it is larger than {LARGEST >> 20:,} MiB", "save the numbers as a NumPy file: `arrays(...)`")
        with file.open(newline="", encoding="utf-8-sig") as stream:
            text = stream.read()
        delimiter = "\t" if "\t" in text.split("\n", 1)[0] else ","
        reader = csv.reader(text.splitlines(), delimiter=delimiter)
        rows = [(reader.line_num, r) for r in reader if any(c.strip() for c in r)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise place.damaged(path, str(error)) from None
    if not rows:
        raise place.damaged(path, "it is empty")
    return rows


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _column(target: str | int, names: list[str], path: str, place: Place) -> int:
    if isinstance(target, int):
        if not -len(names) <= target < len(names):
            raise place.damaged(path, f"it has {len(names)} columns, and column {target} is asked for")
        return target % len(names)
    if target not in names:
        raise place.damaged(path, f"it has no column `{target}`; its columns are {', '.join(names)}")
    return names.index(target)


def _target(words: list[str], path: str, place: Place) -> Field:
    values = [_number(w) for w in words]
    numbers = [v for v in values if v is not None]
    if len(numbers) == len(words):
        if not all(math.isfinite(v) for v in numbers):
            raise place.damaged(path, "the target column holds a number that is not finite")
        if not all(v == int(v) and 0 <= v < 1000 for v in numbers):
            return Field("y", np.array(numbers, np.float32))
    labels = tuple(sorted(set(words), key=_order))
    at = {w: k for k, w in enumerate(labels)}
    return Field("y", np.array([at[w] for w in words], np.int32), len(labels), labels)


def _order(word: str) -> tuple[float, str]:
    """Numbers by their value, then words by the alphabet."""
    value = _number(word)
    return (value if value is not None and math.isfinite(value) else math.inf, word)
