"""Random numbers of the generators: a stream of its own for each name and seed."""

from __future__ import annotations

import zlib

import numpy as np
from netc.runtime.data.fields.model import Array

Range = int | tuple[int, int]  # a whole number, or the smallest and the largest


def generator(seed: int, name: str) -> np.random.Generator:
    """The stream of a name: another generator's samples do not change it."""
    return np.random.Generator(np.random.Philox(key=[seed, zlib.crc32(name.encode())]))


def lengths(rng: np.random.Generator, given: Range, samples: int) -> Array:
    """A length for each sample: the one given, or drawn from `[smallest, largest]`."""
    low, high = (given, given) if isinstance(given, int) else given
    return rng.integers(low, high + 1, samples)
