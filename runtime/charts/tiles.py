"""Small images in rows: filters and feature maps."""

from __future__ import annotations

import numpy as np
from netc.runtime.charts.marks import number, pixels, placed, text, titled
from netc.runtime.charts.model import Array, Tiles

_TITLE, _GAP = 22, 4
_PIXEL, _TILE, _WIDE = 8.0, 64.0, 330.0  # of a pixel and of a tile at most, and of all tiles about


def tiles(picture: Tiles) -> str:
    """All images on one scale, each pixel sharp."""
    count, height, width = picture.images.shape
    size = pixel_size(picture.images, picture.per_row)
    wide, tall = width * size + _GAP, height * size + _GAP
    parts = []
    for k, image in enumerate(picture.images):
        x, y = k % picture.per_row * wide + 1, k // picture.per_row * tall + _TITLE
        parts.append(placed(pixels(image, -picture.scale, picture.scale), x, y, wide - _GAP, tall - _GAP))
    y = _TITLE + -(-count // picture.per_row) * tall + 12
    more = f" · and {picture.omitted:,} more" if picture.omitted else ""
    told = f"{number(-picture.scale)} to {number(picture.scale)}{more}"
    ramp = np.linspace(-picture.scale, picture.scale, 48)[None]
    parts += [placed(pixels(ramp, -picture.scale, picture.scale), 1, y - 9, 72, 10), text(80, y, told, "start", "quiet")]
    full = max(min(count, picture.per_row) * wide + 2, 92 + 6.7 * len(told))
    return titled(full, y + 8, picture.title, f"{count} images of {height}×{width}, {told}", parts)


def pixel_size(images: Array, per_row: int) -> float:
    """The side of a pixel: a row of tiles is about as wide as a phone."""
    room = _WIDE / min(per_row, len(images)) - _GAP
    return float(max(1.0, min(_PIXEL, min(room, _TILE) / max(images.shape[1:]))))
