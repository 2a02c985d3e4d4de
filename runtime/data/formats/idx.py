"""IDX files (the format of MNIST): bytes 0, 0, type, number of axes, then big-endian sizes, then the numbers."""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path

import numpy as np
from netc.runtime.data.fields.model import Array
from netc.runtime.data.formats.place import Place

_TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
LARGEST = 8 << 30


def unpacked(path: Path, place: Place) -> bytes:
    """The bytes of a file, unpacked where it is gzip; at most LARGEST."""
    try:
        if path.suffix == ".gz":
            with gzip.open(path, "rb") as file:
                data = file.read(LARGEST + 1)
        else:
            if path.stat().st_size > LARGEST:
                raise place.damaged(path, "it is too large")
            data = path.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        raise place.damaged(path, str(error)) from None
    if len(data) > LARGEST:
        raise place.damaged(path, "it is too large")
    return data


def decode(data: bytes, path: object, place: Place) -> Array:
    """The array of an IDX file. Sizes are compared with the length before anything is made of them."""
    if len(data) < 4 or data[0] or data[1] or data[2] not in _TYPES:
        raise place.damaged(path, "it does not begin as an IDX file does")
    kind, rank = np.dtype(_TYPES[data[2]]), data[3]
    if len(data) < 4 + 4 * rank:
        raise place.damaged(path, "its header is cut off")
    sizes = [int.from_bytes(data[4 + 4 * k : 8 + 4 * k], "big") for k in range(rank)]
    expected = math.prod(sizes) * kind.itemsize
    found = len(data) - 4 - 4 * rank
    if expected != found:
        shown = "×".join(f"{s:,}" for s in sizes)
        raise place.damaged(path, f"its header says {shown} ({expected:,} bytes), and {found:,} bytes follow")
    return np.frombuffer(data, kind, offset=4 + 4 * rank).reshape(sizes)
