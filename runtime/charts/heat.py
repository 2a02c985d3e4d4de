"""Heat maps: gates over time, attention, states."""

from __future__ import annotations

import numpy as np
from netc.runtime.charts.marks import CHARACTER, STROKES, number, pixels, placed, points, text, titled
from netc.runtime.charts.model import Axis, Heat

_TITLE, _LINE, _GAP = 26, 44, 14
_WIDE, _HIGH = 280, 240  # what a map without symbols takes at least, and about
_CELL = 15  # of a cell with a symbol beside it


def heat(picture: Heat) -> str:
    """A map with its axes, the scale of its colours, and the mean of each column above it."""
    rows, columns = picture.values.shape
    tall = _cell(picture.rows, rows, _HIGH, most=15)
    wide = _cell(picture.columns, columns, _WIDE, most=26)
    if picture.rows.labels is not None and picture.columns.labels is not None:
        tall = wide = max(tall, min(wide, _CELL))
    width, height = columns * wide, rows * tall
    left = 12 + CHARACTER * max((len(t) for _, t in points(picture.rows, rows, height)), default=1) + 14
    named = points(picture.columns, columns, width)
    long = [len(t) for _, t in named if picture.columns.labels is not None and len(t) * CHARACTER > wide]
    top = _TITLE + (_LINE + _GAP if picture.line is not None else 0)
    below = top + height + max(14.0, max(long, default=0) * CHARACTER + 8)
    parts = []
    if picture.line is not None:
        parts += _mean(picture, left, wide)
    parts.append(placed(pixels(picture.values, picture.low, picture.high, picture.root), left, top, width, height))
    for k, label in points(picture.rows, rows, height):
        parts.append(text(left - 5, top + (k + 0.5) * tall + 4, label, "end"))
    for k, label in named:
        x = left + (k + 0.5) * wide
        turned = len(label) in long
        parts.append(text(x + 4, top + height + 6, label, "end", turned=True) if turned else text(x, top + height + 14, label))
    parts.append(text(left + width / 2, below + 14, picture.columns.name, kind="quiet"))
    parts.append(text(10, top + height / 2, picture.rows.name, kind="quiet", turned=True))
    parts.append(_scale(picture, left, below + 22))
    ends = f"{rows}×{columns} values from {number(float(np.nanmin(picture.values)))} to {number(float(np.nanmax(picture.values)))}"
    full = max(left + width + 14, left + 180)
    return titled(full, below + 46, picture.title, ends, parts)


def _cell(axis: Axis, count: int, room: float, most: float) -> float:
    """The size of a cell along an axis: with symbols each finds room, without them the map does."""
    if axis.labels is not None:
        return min(max(room / count, _CELL), most)
    return min(most, max(room / count, 1.0))


def _mean(picture: Heat, left: float, wide: float) -> list[str]:
    assert picture.line is not None
    span = picture.high - picture.low or 1.0

    def height(value: float) -> float:
        return _TITLE + _LINE * (1 - (value - picture.low) / span)

    drawn = [(left + (k + 0.5) * wide, height(float(v))) for k, v in enumerate(picture.line) if np.isfinite(v)]
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in drawn) if drawn else ""
    right = left + wide * len(picture.line)
    rules = "".join(f'<path class="rule" d="M{left:.1f} {height(v):.1f}H{right:.1f}"/>' for v in (picture.low, picture.high))
    ends = [text(left - 5, height(v) + 4, number(v), "end", "quiet") for v in (picture.low, picture.high)]
    name = text(left - 5, _TITLE + _LINE / 2 + 4, "mean", "end", "quiet")
    return [rules, *ends, f'<path class="line" d="{path}" stroke="{STROKES[2]}"/>', name]


def _scale(picture: Heat, x: float, y: float) -> str:
    """The colours from the lowest to the highest number."""
    ramp = np.linspace(picture.low, picture.high, 48)[None]
    low, high = number(picture.low), number(picture.high)
    at = x + CHARACTER * len(low) + 6
    colours = placed(pixels(ramp, picture.low, picture.high, picture.root), at, y, 96, 10)
    return text(x, y + 9, low, "start", "quiet") + colours + text(at + 102, y + 9, high, "start", "quiet")


