"""The parts that pictures share: escaped text, pixels, and numbers at axes."""

from __future__ import annotations

import base64
import math
import struct
import zlib
from collections.abc import Sequence

import numpy as np
from netc.runtime.charts.model import Array, Axis

POSITIVE, NEGATIVE = (222, 106, 32), (52, 120, 224)
STROKES = ("#3478e0", "#de6a20", "#1f9d72", "#a855c7", "#b58900", "#d6456b")  # of lines, readable on white and on black
CHARACTER = 6.7  # width of a character at 11 px
_SHOWN = {" ": "␣", "\n": "↵", "\t": "⇥", "": "∅"}
_LONGEST = 14
_LEADING = 16  # between the lines of a title


def escaped(text: str) -> str:
    """Text as it may stand in SVG and HTML. Characters that XML does not know become a box."""
    return _clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _clean(text: str) -> str:
    return "".join(c if c.isprintable() or c in "\n\t" else "▯" for c in text)


def symbol(text: str) -> str:
    """A symbol as it can be seen at an axis: a blank is `␣`, what cannot be printed a box, and a long word is cut."""
    shown = _SHOWN.get(text, _clean(text))
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"


def number(value: float) -> str:
    """Three digits: `0.0123`, `1.2e-05`, `340`.

    >>> [number(v) for v in (0, 0.5, 0.012345, 1.2e-5, 340.4, -0.25)]
    ['0', '0.5', '0.0123', '1.2e-05', '340', '-0.25']
    """
    return f"{value:.3g}"


def text(x: float, y: float, content: str, anchor: str = "middle", kind: str = "", turned: bool = False) -> str:
    """A piece of text; `turned` writes it upwards."""
    turn = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if turned else ""
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{named}{turn}>{escaped(content)}</text>'


def framed(width: float, height: float, title: str, described: str, parts: Sequence[str]) -> str:
    """An SVG element of its natural size, with what it shows in words."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}" role="img">'
        f"<title>{escaped(title)}</title><desc>{escaped(described)}</desc>{''.join(parts)}</svg>"
    )


def titled(width: float, height: float, title: str, described: str, parts: Sequence[str]) -> str:
    """The same with its title above `parts`, which leave room for one line; a long title takes more, each `·` may begin one."""
    lines = _broken(title, width)
    more = _LEADING * (len(lines) - 1)
    drawn = "".join(text(0, 13 + _LEADING * k, line, "start", "title") for k, line in enumerate(lines))
    rest = f'<g transform="translate(0 {more})">{"".join(parts)}</g>' if more else "".join(parts)
    return framed(max(width, *map(_title_width, lines)), height + more, title, described, [drawn, rest])


def _broken(title: str, width: float) -> list[str]:
    lines: list[str] = []
    for part in title.split(" · "):
        longer = f"{lines[-1]} · {part}" if lines else part
        if lines and _title_width(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(part)
    return lines


def _title_width(title: str) -> float:
    """Room for a title in bold type, whatever face the page has."""
    return 13 + 8.3 * len(title)


def pixels(values: Array, low: float, high: float, root: bool = False) -> str:
    """[rows, columns] as an image in the page: one colour from 0 to `high`; with `low` below 0 a second one for what is negative.

    Opaque is the largest, transparent is 0, and between them goes the number, or its square root, so that small ones are seen. A
    number that is not finite is grey.
    """
    scale = max(abs(low), abs(high)) or 1.0
    share = np.clip(np.abs(np.nan_to_num(values, nan=0.0)) / scale, 0, 1)
    share = np.sqrt(share) if root else share
    image = np.empty((*values.shape, 4), np.uint8)
    image[..., :3] = np.where((values < 0)[..., None], NEGATIVE, POSITIVE if low < 0 else NEGATIVE)
    image[..., 3] = np.round(255 * share)
    image[~np.isfinite(values)] = (128, 128, 128, 160)
    return "data:image/png;base64," + base64.b64encode(png(image)).decode()


def png(image: Array) -> bytes:
    """[height, width, 4] bytes as a PNG file."""
    height, width = image.shape[:2]
    rows = np.concatenate((np.zeros((height, 1), np.uint8), image.reshape(height, width * 4)), 1).tobytes()

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def placed(image: str, x: float, y: float, width: float, height: float) -> str:
    """Pixels at their place, each with sharp edges."""
    shape = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<image {shape} preserveAspectRatio="none" class="pixels" href="{image}"/><rect {shape} class="frame"/>'


def steps(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers between two ends.

    >>> steps(0, 1), steps(0, 37)
    ([0.0, 0.25, 0.5, 0.75, 1.0], [0.0, 10.0, 20.0, 30.0])
    """
    span = high - low
    if span <= 0 or not math.isfinite(span):
        return [low]
    unit = 10.0 ** math.floor(math.log10(span / most))
    step = next(unit * f for f in (1, 2, 2.5, 5, 10, 20) if span / (unit * f) <= most)
    first = math.ceil(low / step - 1e-9)
    return [k * step for k in range(first, math.floor(high / step + 1e-9) + 1)]


def points(axis: Axis, count: int, room: float) -> list[tuple[int, str]]:
    """Which points of an axis are named, and how: every symbol; of numbers as many as find room."""
    if axis.labels is not None:
        return [(k, symbol(axis.labels[k])) for k in range(min(count, len(axis.labels)))]
    if count == 1:
        return [(0, str(axis.first))]
    found = [round(s) for s in steps(axis.first, axis.first + count - 1, max(2, int(room // 34))) if s == round(s)]
    return [(k - axis.first, str(k)) for k in found]
