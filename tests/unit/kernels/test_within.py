"""Products within a triangle against NumPy: what counts is right, and what does not is neither read nor written."""

from __future__ import annotations

import ctypes
from itertools import permutations, product

import numpy as np
import pytest

STAIR = 32
ROWS, COLUMNS, INNER = range(3)
SHAPES = [(1, 1, 1), (75, 70, 300), (33, 70, 0)]


def place(array: np.ndarray) -> tuple[ctypes.c_void_p, ctypes.c_long, ctypes.c_long]:
    row, column = (ctypes.c_long(s // array.itemsize) for s in array.strides)
    return ctypes.c_void_p(array.ctypes.data), row, column


def stair(shift: int, shape: tuple[int, int]) -> np.ndarray:
    """Where a number (down) counts beside another (across)."""
    x, y = np.ogrid[: shape[0], : shape[1]]
    return x <= (y | STAIR - 1) + shift


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("processor", ["this", "AVX2", "SSE2"])
def test_a_triangle_of_a_product_agrees_with_numpy(processor: str, bits: int, library) -> None:
    lib, rng, real = library(bits, processor), np.random.default_rng(0), (np.float32, np.float64)[bits == 64]
    buffer = np.zeros(lib.buffer_size(), real)
    for (m, n, k), (bounded, by), shift, acc, turned in product(SHAPES, permutations(range(3), 2), (-STAIR, 0, STAIR), (0, 1), (0, 1)):
        a, b = rng.standard_normal((m, k)).astype(real), rng.standard_normal((k, n)).astype(real)
        c = rng.standard_normal((n, m)).astype(real).T if turned else rng.standard_normal((m, n)).astype(real)
        size = (m, n, k)
        counts = stair(shift, (size[bounded], size[by]))
        written = np.ones((m, n), bool)
        whole_a, whole_b = a.astype(np.float64), b.astype(np.float64)
        if {bounded, by} == {ROWS, COLUMNS}:
            written = counts if bounded == ROWS else counts.T
        elif {bounded, by} == {ROWS, INNER}:
            counts = counts if bounded == ROWS else counts.T
            whole_a, a = np.where(counts, a, 0), np.where(counts, a, np.nan).astype(real)
        else:
            counts = counts.T if bounded == COLUMNS else counts
            whole_b, b = np.where(counts, b, 0), np.where(counts, b, np.nan).astype(real)
        expected = np.where(written, whole_a.astype(np.float64) @ whole_b + acc * c.astype(np.float64), c)
        near = np.finfo(real).eps * (2 + k**0.5) * (np.abs(whole_a) @ np.abs(whole_b) + np.abs(c))
        longs = [ctypes.c_long(x) for x in size]
        lib.multiply_within(bounded, by, ctypes.c_long(shift), *longs, *place(a), *place(b), *place(c), acc, ctypes.c_void_p(buffer.ctypes.data))
        assert (np.abs(c - expected) <= near).all(), (m, n, k, bounded, by, shift, acc, turned)
