"""`adding_problem()`: two marked numbers of a long sequence are to be added (Hochreiter and Schmidhuber 1997, section 5.4)."""

from __future__ import annotations

import numpy as np
from netc.runtime.data.fields.model import Dataset, Field, Splits
from netc.runtime.data.fields.ragged import Ragged
from netc.runtime.data.formats.place import Place
from netc.runtime.data.seeded.numbers import Range, generator, lengths
from netc.runtime.data.seeded.parts import parted


def read(place: Place, seed: int, length: Range, samples: int) -> Splits:
    """Fields `x` real[1..T, 2], numbers in -1..1 with their marks, and `y` real, 0.5 + (a + b)/4 of the two marked 1.

    The first mark is among the first ten points, the second in the first half; the two ends are marked -1, all others 0. As in
    the paper a sample counts as solved where the answer is off by less than 0.04.
    """
    rng = generator(seed, "adding_problem")
    sizes = lengths(rng, length, samples)
    starts = np.cumsum(sizes) - sizes
    x = np.zeros((int(sizes.sum()), 2), np.float32)
    x[:, 0] = rng.uniform(-1, 1, len(x))
    x[starts, 1] = x[starts + sizes - 1, 1] = -1
    half = np.maximum(sizes // 2, 3)  # the ends are never marked 1: places 1 to half - 1
    first = rng.integers(1, np.minimum(10, half))
    second = rng.integers(1, half - 1)
    second += second >= first
    x[starts + first, 1] = x[starts + second, 1] = 1
    y = 0.5 + (x[starts + first, 0] + x[starts + second, 0]) / 4
    return parted("adding_problem", Dataset((Field("x", Ragged(x, starts, sizes)), Field("y", y.astype(np.float32)))), seed)
