"""`parity()`: whether the number of ones is odd."""

from __future__ import annotations

import numpy as np
from netc.runtime.data.fields.model import Dataset, Field, Splits
from netc.runtime.data.fields.ragged import Ragged
from netc.runtime.data.formats.place import Place
from netc.runtime.data.seeded.numbers import Range, generator, lengths
from netc.runtime.data.seeded.parts import parted


def read(place: Place, seed: int, length: Range, samples: int) -> Splits:
    """Fields `bit` class(2)[1..T], `odd` class(2), and `odd_so_far` class(2)[1..T], the same after each bit."""
    rng = generator(seed, "parity")
    sizes = lengths(rng, length, samples)
    starts = np.cumsum(sizes) - sizes
    bits = Ragged(rng.integers(0, 2, int(sizes.sum())).astype(np.int32), starts, sizes)
    so_far = Ragged.of((np.cumsum(bits.sample(k)) % 2 for k in range(samples)), np.int32)
    labels = ("even", "odd")
    fields = (
        Field("bit", bits, 2), Field("odd", so_far.flat[starts + sizes - 1], 2, labels), Field("odd_so_far", so_far, 2, labels),
    )  # fmt: skip
    return parted("parity", Dataset(fields), seed, keys=[bits.sample(k).tobytes() for k in range(samples)])
