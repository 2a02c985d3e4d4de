"""`mnist()`: 70,000 handwritten digits of 28 x 28 pixels (LeCun, Cortes, Burges), from files on this machine or the mirrors."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
from netc.compiler.diagnostics.error import MissingError
from netc.compiler.diagnostics.problems.data import DataMissing
from netc.runtime.data.fields.model import Array, Dataset, Field, Splits
from netc.runtime.data.formats import idx
from netc.runtime.data.formats.place import Place, roots
from netc.runtime.data.seeded.parts import parted

MIRRORS = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/")
FILES = {
    "train-images-idx3-ubyte": (47_040_016, "6bbc9ace898e44ae57da46a324031adb"),
    "train-labels-idx1-ubyte": (60_008, "a25bea736e30d166cdddb491f175f624"),
    "t10k-images-idx3-ubyte": (7_840_016, "2646ac647ad5339dbf082846283269ea"),
    "t10k-labels-idx1-ubyte": (10_008, "27ae3e4e09519cfbb04c329615203637"),
}
_BELOW = ("", "mnist", "MNIST/raw", "MNIST")


def read(place: Place, seed: int, flat: bool, folder: str) -> Splits:
    """Fields `image` real[28, 28] in 0..1 (real[784] with flat=true) and `digit` class(10): 55,000 + 5,000 + 10,000."""
    if folder:
        place = replace(place, folder=place.file(folder))
    arrays = [_file(name, place) for name in FILES]
    images, labels, test_images, test_labels = arrays
    return parted("mnist", _set(images, labels, flat), seed, (55_000 / 60_000, 5_000 / 60_000), _set(test_images, test_labels, flat))


def _set(images: Array, labels: Array, flat: bool) -> Dataset:
    x = images.astype(np.float32) / np.float32(255)
    names = tuple(map(str, range(10)))
    return Dataset((Field("image", x.reshape(len(x), -1) if flat else x), Field("digit", labels.astype(np.int32), 10, names)))


def located(name: str, place: Place) -> Path | None:
    """Where a file of the set lies on this machine."""
    for _, root in roots(place):
        for below in _BELOW:
            for ending in ("", ".gz"):
                path = root / below / f"{name}{ending}"
                if path.is_file():
                    return path
    return None


def _file(name: str, place: Place) -> Array:
    _, md5 = FILES[name]
    path = located(name, place)
    if path is not None:
        return _checked(idx.unpacked(path, place), path, md5, place)
    tried = [f"{title} ({root})" for title, root in roots(place)]
    data = _download(name, tried)
    if data is None:
        wanted = tuple((n, s, m) for n, (s, m) in FILES.items())
        help = "put the four files into a folder `mnist` below $NETC_DATA or the spec, or train on the embedded digits: `--data digits`"
        raise MissingError(DataMissing(place.span, "mnist", tuple(tried), wanted, help))
    return _checked(data, name, md5, place)


def _checked(data: bytes, path: object, md5: str, place: Place) -> Array:
    if hashlib.md5(data, usedforsecurity=False).hexdigest() != md5:
        raise place.damaged(path, "its checksum is not that of MNIST")
    return idx.decode(data, path, place)


def _download(name: str, tried: list[str]) -> bytes | None:
    """From the first mirror that answers, into the cache; None offline."""
    if os.environ.get("NETC_OFFLINE"):
        tried.append("no download: NETC_OFFLINE is set")
        return None
    import gzip
    from http.client import HTTPException
    from urllib.request import urlopen

    import platformdirs

    for mirror in MIRRORS:
        try:
            with urlopen(mirror + name + ".gz", timeout=20) as answer:
                packed = answer.read(64 << 20)
            data = gzip.decompress(packed)
        except (OSError, HTTPException, EOFError) as error:
            tried.append(f"{mirror} ({getattr(error, 'reason', error)})")
            continue
        folder = Path(platformdirs.user_cache_dir("netc")) / "data" / "mnist"
        temporary = folder / f".{name}.{os.getpid()}"
        with suppress(OSError):  # without a cache the next run downloads again
            folder.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(packed)
            os.replace(temporary, folder / f"{name}.gz")
        return data
    return None
