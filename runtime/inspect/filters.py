"""Filters of convolutions, and the maps that images become."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from netc.compiler.elaborate.model import Equation
from netc.compiler.statements.expressions import Affine, Index, Kind, Read, Variable, reads
from netc.runtime.charts.model import Array, Tiles
from netc.runtime.inspect.model import Section
from netc.runtime.inspect.subject import Subject

_IMAGES = 100  # of one picture
_ROWS = 24  # pictures of one section
_LEAST = 4  # sides of a map that is worth a picture


def filters(subject: Subject) -> Section | None:
    """The parameters that slide over an image or a sequence as windows; along a sequence each is channels by points."""
    found = dict.fromkeys(v for e in subject.elaborated.equations for v in windows(e))
    pictures = [_tiles(subject.paths[v], subject.net.params.exact(subject.paths[v]), grouped=True) for v in found]
    if not pictures:
        return None
    about = "What the net multiplies each window of its input with; orange is positive, blue negative."
    return Section("Filters", about + _left_out(len(pictures)), tuple(pictures[:_ROWS]))


def maps(subject: Subject) -> Section | None:
    """What the first sample becomes in each layer that keeps the image's two axes, the image itself first."""
    shown = [v for v in subject.net.inputs if _is_map(v) and v.name in subject.inputs]
    images = [(v.name, np.asarray(subject.samples.arrays[v.name])[0]) for v in shown]
    images += [(one.name, subject.value(one.variable)[0]) for one in subject.layers if _is_map(one.variable)]
    if not images:
        return None
    pictures = [_tiles(name, np.asarray(x, np.float64), grouped=False) for name, x in images]
    about = "The first sample on its way through the net; each picture has a scale of its own."
    return Section("Feature maps", about + _left_out(len(pictures)), tuple(pictures[:_ROWS]))


def _left_out(count: int) -> str:
    return f" The first {_ROWS} of {count}." if count > _ROWS else ""


def windows(equation: Equation) -> list[Variable]:
    """Parameters whose last axes are a window: something else in the equation is read at `i + u` and `j + v`, or at `t + u`."""
    found: list[Variable] = []
    everything = reads(equation.value)
    for read in everything:
        if read.variable.kind is not Kind.PARAMETER or len(read.indices) < 2:
            continue
        ends = [p.plain if isinstance(p, Affine) else None for p in read.indices[-2:]]
        if None in ends or max(a.points() for a in read.variable.axes[-2:]) < 2:
            continue  # a 1×1 convolution is a product at each point
        last = ends[1:] if read.variable.axes[-1].points() > 1 else ends
        if any(_slides(other, ends) or _slides(other, last) for other in everything if other.variable is not read.variable):
            found.append(read.variable)
    return found


def _slides(read: Read, ends: Sequence[Index | None]) -> bool:
    def moved(end: Index | None) -> bool:
        return any(isinstance(p, Affine) and len(p.terms) > 1 and end in p.indices for p in read.indices)

    return all(moved(end) for end in ends)


def _is_map(v: Variable) -> bool:
    """Whether a value is one image or several."""
    sizes = [a.points() if a.known else 0 for a in v.axes]
    return v.classes is None and v.per_sample and len(sizes) in (2, 3) and min(sizes[-2:]) >= _LEAST


def _tiles(name: str, array: Array, grouped: bool) -> Tiles:
    height, width = array.shape[-2:]
    images = array.reshape(-1, height, width)
    count = len(images)
    inner = array.shape[-3] if grouped and array.ndim > 3 else 0
    per_row = inner if 1 < inner <= 12 else min(8, max(1, math.isqrt(count - 1) + 1))
    kept = images[: _IMAGES // per_row * per_row or per_row]
    sizes = "×".join(map(str, array.shape))
    finite = np.abs(array[np.isfinite(array)])
    return Tiles(f"{name} · {sizes}", kept, per_row, float(finite.max(initial=0.0)) or 1.0, count - len(kept))
