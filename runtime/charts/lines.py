"""Lines over an axis: norms of gradients against time, singular values, losses over epochs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from netc.runtime.charts.marks import CHARACTER, STROKES, framed, number, points, steps, text, titled
from netc.runtime.charts.model import Array, Lines

_TITLE, _HEIGHT, _WIDTH = 28, 164, 264
_CELL = 15
_RULES = 6  # at most, on a logarithmic scale


def lines(picture: Lines) -> str:
    """Each series as a line (or as dots), with a legend where there are several."""
    count = max((len(v) for _, v in picture.series), default=1)
    width = max(_WIDTH, count * _CELL) if picture.x.labels is not None else _WIDTH
    low, high, marks = _ends(picture)
    names = [_power(v) if picture.log else number(v) for v in marks]
    left = 20 + CHARACTER * max(map(len, names), default=1)
    step = width / max(count - 1, 1) if picture.x.labels is None else width / count
    shift = 0.0 if picture.x.labels is None else step / 2

    def place(k: int, value: float) -> tuple[float, float]:
        return left + shift + k * step, _TITLE + _HEIGHT * (1 - (value - low) / (high - low))

    parts = [f'<path class="rule" d="M{left:.1f} {_TITLE + _HEIGHT}h{width:.1f}"/>']
    for value, name in zip(marks, names, strict=True):
        y = place(0, value)[1]
        parts += [f'<path class="rule" d="M{left:.1f} {y:.1f}h{width:.1f}"/>', text(left - 5, y + 4, name, "end", "quiet")]
    if picture.mark is not None and low <= _scaled(picture, picture.mark) <= high:
        y = place(0, _scaled(picture, picture.mark))[1]
        parts.append(f'<path class="mark" d="M{left:.1f} {y:.1f}h{width:.1f}"/>')
    for k, (_, values) in enumerate(picture.series):
        found = [(*place(j, _scaled(picture, float(v))),) if _drawn(picture, float(v)) else None for j, v in enumerate(values)]
        parts.append(_series(found, STROKES[k % len(STROKES)], picture.dots))
    named = points(picture.x, count, width)
    long = [len(t) for _, t in named if picture.x.labels is not None and len(t) * CHARACTER > step]
    for k, label in named:
        x, turned = left + shift + k * step, len(label) in long
        parts.append(text(x + 4, _TITLE + _HEIGHT + 6, label, "end", turned=True) if turned else text(x, _TITLE + _HEIGHT + 15, label))
    below = _TITLE + _HEIGHT + max(16.0, max(long, default=0) * CHARACTER + 10)
    parts.append(text(left + width / 2, below + 13, picture.x.name, kind="quiet"))
    parts.append(text(10, _TITLE + _HEIGHT / 2, picture.y, kind="quiet", turned=True))
    below += 20
    if len(picture.series) > 1:
        legend, below = _legend(picture, left, left + width, below + 12)
        parts += legend
    finite = np.concatenate([np.asarray(v, float)[np.isfinite(v)] for _, v in picture.series]) if picture.series else np.zeros(0)
    told = f"from {number(float(finite.min()))} to {number(float(finite.max()))}" if finite.size else "no finite number"
    return titled(left + width + 14, below + 6, picture.title, f"{picture.y}, {told}", parts)


def _drawn(picture: Lines, value: float) -> bool:
    return math.isfinite(value) and (not picture.log or value > 0)


def _scaled(picture: Lines, value: float) -> float:
    return math.log10(value) if picture.log else value


def _ends(picture: Lines) -> tuple[float, float, list[float]]:
    """The lowest and highest value drawn (as scaled), with room about them, and where the rules stand."""
    drawn = [_scaled(picture, float(v)) for _, values in picture.series for v in values if _drawn(picture, float(v))]
    if picture.mark is not None:
        drawn.append(_scaled(picture, picture.mark))
    low, high = min(drawn, default=0.0), max(drawn, default=1.0)
    if not picture.log:
        low = min(low, 0.0)
    else:
        low, high = math.floor(low * 4) / 4, math.ceil(high * 4) / 4
    if high - low < 1e-12:
        low, high = low - 0.5, high + 0.5
    if not picture.log:
        high += 0.04 * (high - low)
        return low, high, steps(low, high)
    whole = [float(k) for k in range(math.ceil(low), math.floor(high) + 1)]
    if len(whole) < 3:  # within a decade or two: 1, 2, 5, or where that is many 1, 5
        finer = [_parts(low, high, factors) for factors in ((1, 2, 5), (1, 5))]
        whole = finer[len(finer[0]) > _RULES]
    if len(whole) < 2:  # nor that: round numbers
        whole = [math.log10(v) for v in steps(10**low, 10**high) if v > 0]
    return low, high, whole[:: -(-len(whole) // _RULES)] if whole else [low, high]


def _parts(low: float, high: float, factors: Sequence[int]) -> list[float]:
    """The logarithms of these multiples of powers of ten."""
    return [v for k in range(math.floor(low), math.ceil(high) + 1) for f in factors if low <= (v := k + math.log10(f)) <= high]


def _power(exponent: float) -> str:
    return number(10**exponent)


def _series(found: list[tuple[float, float] | None], stroke: str, dots: bool) -> str:
    present = [p for p in found if p is not None]
    marks = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.4" fill="{stroke}"/>' for x, y in present) if dots or len(present) == 1 else ""
    if dots:
        return marks
    path, pen = "", "M"
    for p in found:
        path += f"{pen}{p[0]:.1f} {p[1]:.1f}" if p is not None else ""
        pen = "L" if p is not None else "M"
    return f'<path class="line" d="{path}" stroke="{stroke}"/>{marks}' if path else ""


def _legend(picture: Lines, left: float, right: float, y: float) -> tuple[list[str], float]:
    parts, x = [], left
    for k, (name, _) in enumerate(picture.series):
        wide = 26 + CHARACTER * len(name)
        if x + wide > right and x > left:
            x, y = left, y + 17
        parts.append(f'<path d="M{x:.1f} {y - 4:.1f}h14" stroke="{STROKES[k % len(STROKES)]}" stroke-width="3"/>')
        parts.append(text(x + 18, y, name, "start"))
        x += wide + 8
    return parts, y + 4


def histogram(values: Array, bars: int = 24) -> str:
    """How often which value occurs, as a strip for one line of a table; zero has a mark of its own."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return ""
    low, high = float(finite.min()), float(finite.max())
    if low == high:
        low, high = low - 0.5, high + 0.5
    counts = np.histogram(finite, bars, (low, high))[0]
    tall = np.sqrt(counts / counts.max())  # the root, so that rare values are seen
    parts = [f'<rect x="{4 * k}" y="{20 - 19 * h:.1f}" width="3.4" height="{19 * h:.1f}" fill="{STROKES[0]}"/>' for k, h in enumerate(tall) if h]
    if low < 0 < high:
        parts.append(f'<path class="mark" d="M{4 * bars * -low / (high - low):.1f} 0v20"/>')
    return framed(4 * bars, 20, "histogram", f"{finite.size:,} values from {number(low)} to {number(high)}", parts)
