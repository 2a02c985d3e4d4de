"""`digits()`: 1,797 handwritten digits of 8 x 8 pixels, inside the package (see files/ATTRIBUTION.md)."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
from netc.runtime.data.fields.model import Dataset, Field, Splits
from netc.runtime.data.formats.place import Place
from netc.runtime.data.seeded.parts import parted


def read(place: Place, seed: int) -> Splits:
    """Fields `image` real[8, 8] in 0..1 and `digit` class(10); 80 % training, 10 % validation, 10 % test."""
    with (files("netc.runtime.data") / "files" / "digits.npz").open("rb") as file, np.load(file, allow_pickle=False) as data:
        image = data["image"].astype(np.float32) / np.float32(16)
        digit = data["digit"].astype(np.int32)
    labels = tuple(map(str, range(10)))
    return parted("digits", Dataset((Field("image", image), Field("digit", digit, 10, labels))), seed)
