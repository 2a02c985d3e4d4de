"""`idx("images.gz", "labels.gz")`: files in the format of MNIST, packed or not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from netc.runtime.data.fields.model import Array, Dataset, Field, Splits
from netc.runtime.data.formats import idx
from netc.runtime.data.formats.place import Place
from netc.runtime.data.seeded.parts import parted


def read(place: Place, seed: int, images: str, labels: str, train: float, validation: float) -> Splits:
    """Fields `image` (bytes in 0..1, other numbers as they are) and `label`, a class of the whole numbers from 0."""
    x, y = _array(images, place), _array(labels, place)
    if x.ndim < 2:
        raise place.damaged(images, f"it has {x.ndim} axis, and images have at least two: samples, then sizes", "put the images first")
    if y.ndim != 1 or y.dtype.kind not in "iu" or (y.size and y.min() < 0):
        raise place.damaged(labels, "labels are whole numbers from 0 along one axis")
    if len(x) != len(y):
        raise place.damaged(labels, f"it has {len(y):,} labels, and `{images}` has {len(x):,} images", "take both files of one set")
    if not len(y):
        raise place.damaged(labels, "it has no samples")
    numbers = x.astype(np.float32) / np.float32(255 if x.dtype == np.uint8 else 1)
    if not np.isfinite(numbers).all():
        raise place.damaged(images, f"it is not finite in sample {int(np.argwhere(~np.isfinite(numbers))[0][0])}")
    stem = Path(images).name.partition(".")[0]
    return parted(stem, Dataset((Field("image", numbers), Field("label", y.astype(np.int32), int(y.max()) + 1))), seed, (train, validation))


def _array(name: str, place: Place) -> Array:
    file = place.file(name)
    return idx.decode(idx.unpacked(file, place), name, place)
