"""Seeded points: `spirals()`, `xor()`, `sine()`."""

from __future__ import annotations

import numpy as np
from netc.runtime.data.fields.model import Dataset, Field, Splits
from netc.runtime.data.formats.place import Place
from netc.runtime.data.seeded.parts import parted


def _generator(seed: int, number: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=[seed, number]))


def spirals(place: Place, seed: int, samples: int, arms: int, noise: float) -> Splits:
    """Points x real[2] on interleaved spirals, and the spiral y class(arms)."""
    rng = _generator(seed, 1)
    y = rng.integers(0, arms, samples).astype(np.int32)
    t = np.sqrt(rng.random(samples))
    angle = 3 * np.pi * t + 2 * np.pi * y / arms
    x = np.stack([t * np.cos(angle), t * np.sin(angle)], 1) + noise * rng.standard_normal((samples, 2))
    return parted("spirals", Dataset((Field("x", x.astype(np.float32)), Field("y", y, arms))), seed)


def xor(place: Place, seed: int, samples: int, noise: float) -> Splits:
    """Points x real[2] about the corners of a square, and y class(2): whether the corners' bits differ."""
    rng = _generator(seed, 2)
    bits = rng.integers(0, 2, (samples, 2))
    x = bits + noise * rng.standard_normal((samples, 2))
    y = (bits[:, 0] ^ bits[:, 1]).astype(np.int32)
    return parted("xor", Dataset((Field("x", x.astype(np.float32)), Field("y", y, 2))), seed)


def sine(place: Place, seed: int, samples: int, noise: float) -> Splits:
    """Numbers x real[1] in -3..3, and y = sin(2 x) + noise, real."""
    rng = _generator(seed, 3)
    x = rng.uniform(-3, 3, (samples, 1))
    y = np.sin(2 * x[:, 0]) + noise * rng.standard_normal(samples)
    return parted("sine", Dataset((Field("x", x.astype(np.float32)), Field("y", y.astype(np.float32)))), seed)
