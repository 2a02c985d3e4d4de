"""NumPy files: no pickles, and what a header says is compared with the file's length before anything is made of it."""

from __future__ import annotations

import math
import tokenize
import warnings
import zipfile
import zlib
from io import BytesIO
from pathlib import Path
from typing import IO

import numpy as np
from netc.runtime.data.fields.model import Array
from netc.runtime.data.formats.place import Place

LARGEST = 8 << 30  # bytes of one array
_HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}


def load(file: Path, place: Place, shown: object) -> dict[str, Array]:
    """The arrays of a `.npz` by name, or the array of a `.npy` by the file's own name."""
    try:
        with file.open("rb") as stream:
            if stream.read(2) != b"PK":
                stream.seek(0)
                return {file.stem: decode(stream, file.stat().st_size)}
        with zipfile.ZipFile(file) as archive:
            return {i.filename.removesuffix(".npy"): _member(archive, i) for i in archive.infolist()}
    except (OSError, ValueError, EOFError, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise place.damaged(shown, str(error).split("\n")[0] or "it is cut off") from None


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Array:
    with archive.open(info) as stream:
        return decode(stream, info.file_size)


def decode(stream: IO[bytes] | bytes, size: int) -> Array:
    """One array of a stream of `size` bytes. Raises ValueError with the reason."""
    stream = BytesIO(stream) if isinstance(stream, bytes) else stream
    try:
        version = np.lib.format.read_magic(stream)
        if version not in _HEADERS:
            raise ValueError(f"version {version} of the format is not known")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of a header that Python 2 wrote: it is read as well
            shape, fortran, kind = _HEADERS[version](stream)
    except (SyntaxError, tokenize.TokenError, TypeError, OverflowError, RecursionError) as error:
        raise ValueError(f"its header cannot be read ({error})") from None
    if kind.hasobject:
        raise ValueError("it holds Python objects (pickles), which can run code: save plain numbers")
    expected, found = math.prod(shape) * kind.itemsize, size - stream.tell()
    if any(n < 0 for n in shape) or expected != found:
        sizes = "×".join(f"{n:,}" for n in shape) or "one number"
        raise ValueError(f"its header says {sizes} ({expected:,} bytes), and {found:,} bytes follow")
    if expected > LARGEST:
        raise ValueError(f"it is too large ({expected:,} bytes)")
    data = stream.read(expected)
    if len(data) != expected:
        raise ValueError("it is cut off")
    return np.frombuffer(data, kind).reshape(shape, order="F" if fortran else "C")
