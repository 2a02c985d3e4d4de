"""What is drawn: titles, numbers and what stands at the axes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Axis:
    """What an axis is called, the number of its first point, and the symbols at its points where there are any."""

    name: str
    first: int = 0
    labels: tuple[str, ...] | None = None


@dataclass(frozen=True, eq=False)
class Heat:
    """A map of numbers, one cell each. `low` and `high` are the ends of the colours; with `low` below 0 there are two colours.

    `root` colours by the square root, for maps of which most is small. `line` is drawn above the map, over the same columns: the mean of each, between `low` and `high`.
    """

    title: str
    values: Array  # [rows, columns]
    rows: Axis
    columns: Axis
    low: float = 0.0
    high: float = 1.0
    root: bool = False
    line: Array | None = None


@dataclass(frozen=True, eq=False)
class Lines:
    """Numbers over the points of an axis. On a logarithmic scale what is 0 is left out; `mark` is a value with a line across."""

    title: str
    series: tuple[tuple[str, Array], ...]
    x: Axis
    y: str
    log: bool = False
    mark: float | None = None
    dots: bool = False


@dataclass(frozen=True, eq=False)
class Tiles:
    """Small images beside each other in rows; all share one scale from -`scale` to `scale`."""

    title: str
    images: Array  # [count, height, width]
    per_row: int
    scale: float
    omitted: int = 0  # how many further images there are


Picture = Heat | Lines | Tiles
