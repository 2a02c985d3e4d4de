"""Sections as one PNG, drawn by matplotlib (the extra `plot`)."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from netc.compiler.diagnostics.error import MissingError
from netc.compiler.diagnostics.problems.environment import ExtraAbsent
from netc.compiler.source.text import Span
from netc.runtime.charts.marks import STROKES, points
from netc.runtime.charts.model import Axis, Heat, Lines, Picture, Tiles
from netc.runtime.inspect.model import Section
from netc.runtime.model.files import not_writable

_COLUMNS = 3
_MOST = 90  # pictures in one image


def figure(span: Span) -> Any:
    """matplotlib's `Figure`. Raises MissingError with what to install."""
    try:
        return import_module("matplotlib.figure").Figure
    except ImportError:
        raise MissingError(ExtraAbsent(span, "matplotlib", "plot", "a PNG")) from None


def write(path: Path, title: str, sections: Sequence[Section], span: Span) -> int:
    """Write the pictures of all sections; how many there were no room for is returned. Tables stand in the HTML page only."""
    pictures = [p for s in sections for p in s.pictures]
    drawn = pictures[:_MOST]
    rows = max(1, -(-len(drawn) // _COLUMNS))
    sheet = figure(span)(figsize=(5.2 * _COLUMNS, 3.7 * rows + 0.5), dpi=100, layout="constrained")
    sheet.suptitle(title, fontsize=13)
    grid = sheet.subplots(rows, _COLUMNS, squeeze=False).ravel()
    for k, axes in enumerate(grid):
        if k < len(drawn):
            _draw(axes, drawn[k])
        else:
            axes.axis("off")
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Glyph")  # a symbol that the face lacks is drawn as a box
            sheet.savefig(path, format="png")
    except OSError as error:
        raise not_writable(path, error) from None
    return len(pictures) - len(drawn)


def _draw(axes: Any, picture: Picture) -> None:
    axes.set_title(_plain(picture.title), fontsize=10)
    match picture:
        case Heat():
            signed = picture.low < 0
            colours = {"vmin": picture.low, "vmax": picture.high, "cmap": "RdBu_r" if signed else "Blues"}
            values = np.sqrt(picture.values) if picture.root else picture.values
            colours |= {"vmax": math.sqrt(picture.high)} if picture.root else {}
            axes.imshow(values, aspect="auto", interpolation="nearest", **colours)
            axes.set_xlabel(_plain(picture.columns.name), fontsize=8)
            axes.set_ylabel(_plain(picture.rows.name), fontsize=8)
            _name(axes.set_xticks, picture.columns, picture.values.shape[1])
            _name(axes.set_yticks, picture.rows, picture.values.shape[0])
            if picture.line is not None:
                beside = axes.twinx()
                beside.plot(picture.line, color=STROKES[2], lw=1.6)
                beside.set_ylim(picture.low, picture.high)
                beside.set_ylabel("mean", fontsize=8, color=STROKES[2])
                beside.tick_params(labelsize=7)
        case Lines():
            for k, (name, values) in enumerate(picture.series):
                shown = np.where(np.isfinite(values) & ((values > 0) | (not picture.log)), values, np.nan)
                axes.plot(shown, "o" if picture.dots else "-", ms=3, lw=1.4, color=STROKES[k % len(STROKES)], label=_plain(name))
            if picture.log:
                axes.set_yscale("log")
            if picture.mark is not None:
                axes.axhline(picture.mark, color="grey", lw=0.8, ls="--")
            if len(picture.series) > 1:
                axes.legend(fontsize=7)
            axes.set_xlabel(_plain(picture.x.name), fontsize=8)
            axes.set_ylabel(_plain(picture.y), fontsize=8)
            _name(axes.set_xticks, picture.x, max(len(v) for _, v in picture.series))
        case Tiles():
            axes.imshow(_mosaic(picture), interpolation="nearest", vmin=-picture.scale, vmax=picture.scale, cmap="RdBu_r")
            axes.axis("off")


def _name(put: Any, axis: Axis, count: int) -> None:
    named = points(axis, count, 300)
    turned = axis.labels is not None and max((len(t) for _, t in named), default=1) > 1
    put([k for k, _ in named], [_plain(t) for _, t in named], fontsize=7, rotation=90 if turned and put.__name__ == "set_xticks" else 0)


def _mosaic(picture: Tiles) -> Any:
    """All images in one, with a gap of one pixel."""
    count, height, width = picture.images.shape
    rows = -(-count // picture.per_row)
    whole = np.full((rows * (height + 1), picture.per_row * (width + 1)), np.nan)
    for k, image in enumerate(picture.images):
        y, x = k // picture.per_row * (height + 1), k % picture.per_row * (width + 1)
        whole[y : y + height, x : x + width] = image
    return whole


def _plain(text: str) -> str:
    """Without the sign that begins a formula in matplotlib, and without signs that its face lacks."""
    return text.replace("$", r"\$").replace("␣", "_").replace("↵", "\\n").replace("⇥", "\\t").replace("∅", "''")
