"""Image files as arrays of 0..1, through Pillow (the extra `images`). What a file says of its size is checked before it is unpacked."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from netc.compiler.diagnostics.error import MissingError
from netc.compiler.diagnostics.problems.environment import ExtraAbsent
from netc.runtime.data.fields.model import Array
from netc.runtime.data.formats.place import Place

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm", ".pbm")
MOST_PIXELS = 64 << 20
_GREY = ("1", "L", "LA", "I", "I;16", "I;16L", "I;16B", "F")
_SIDEWAYS = (5, 6, 7, 8)  # orientations in which a camera swaps width and height


@dataclass(frozen=True)
class Facts:
    """What the header of an image file says."""

    height: int
    width: int
    grey: bool


def pillow(place: Place) -> Any:
    """Pillow's `Image`. Raises MissingError with what to install."""
    try:
        from PIL import Image
    except ImportError:
        raise MissingError(ExtraAbsent(place.span, "Pillow", "images", "reading images")) from None
    return Image


def facts(file: Path, place: Place) -> Facts:
    """Sizes and colour of an image file, from its header alone."""
    with _opened(file, place) as image:
        width, height = image.size
        turned = image.getexif().get(0x0112) in _SIDEWAYS
        return Facts(width, height, image.mode in _GREY) if turned else Facts(height, width, image.mode in _GREY)


def read(file: Path, place: Place, grey: bool) -> Array:
    """[height, width] or [3, height, width] in 0..1, the way up that the camera was held."""
    with _opened(file, place) as image:
        from PIL import ImageOps

        upright = ImageOps.exif_transpose(image)
        if upright.mode.startswith("I"):
            deep = np.asarray(upright, np.float32) / np.float32(65535)
            return deep if grey else np.broadcast_to(deep, (3, *deep.shape))
        numbers = np.asarray(upright.convert("L" if grey else "RGB"), np.float32) / np.float32(255)
        return numbers if grey else numbers.transpose(2, 0, 1)


@contextmanager
def _opened(file: Path, place: Place) -> Iterator[Any]:
    """The file in Pillow, whose many errors become one problem that names the file."""
    pil = pillow(place)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pil.DecompressionBombWarning)
            with pil.open(file) as image:
                if image.size[0] * image.size[1] > MOST_PIXELS:
                    raise place.damaged(file, f"it has {image.size[0]:,}×{image.size[1]:,} pixels, and {MOST_PIXELS:,} are the most")
                yield image
    except (pil.DecompressionBombWarning, pil.DecompressionBombError):
        raise place.damaged(file, f"it has more than {MOST_PIXELS:,} pixels") from None
    except (OSError, SyntaxError, ValueError, EOFError, OverflowError, IndexError, struct.error) as error:
        reason = "it is no image that Pillow knows" if isinstance(error, pil.UnidentifiedImageError) else str(error).split("\n")[0]
        raise place.damaged(file, reason) from None


def resized(x: Array, height: int, width: int) -> Array:
    """The last two axes to `height` x `width`, pixel centres aligned: bilinear; where it shrinks, each pixel is a mean of all it covers."""
    for axis, size in ((-2, height), (-1, width)):
        if size < x.shape[axis]:
            x = np.moveaxis(np.moveaxis(x, axis, -1) @ _covering(x.shape[axis], size).T, -1, axis)
        else:
            x = _between(x, axis, size)
    return np.ascontiguousarray(x, np.float32)


def _covering(n: int, size: int) -> Array:
    """[size, n]: each row weighs the pixels by a triangle twice as wide as a new pixel."""
    middle = (np.arange(size) + 0.5) * n / size
    weights = np.maximum(0.0, 1 - np.abs(np.arange(n) + 0.5 - middle[:, None]) * size / n)
    return np.asarray(weights / weights.sum(1, keepdims=True), np.float32)


def _between(x: Array, axis: int, size: int) -> Array:
    n = x.shape[axis]
    place = np.clip((np.arange(size) + 0.5) * n / size - 0.5, 0, n - 1)
    low = np.floor(place).astype(int)
    high = np.minimum(low + 1, n - 1)
    shape = [1] * x.ndim
    shape[axis] = size
    weight = (place - low).reshape(shape).astype(np.float32)
    return np.asarray(np.take(x, low, axis) * (1 - weight) + np.take(x, high, axis) * weight)
