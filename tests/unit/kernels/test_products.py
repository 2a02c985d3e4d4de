"""Products of any shape and stride against NumPy."""

from __future__ import annotations

import ctypes
from itertools import product

import numpy as np
import pytest

LAYOUTS = ("rows", "columns", "padded", "gaps")
SHAPES = [
    (1, 1, 1), (0, 4, 3), (4, 0, 3), (4, 3, 0), (1, 17, 33), (5, 1, 9), (6, 16, 25), (13, 16, 25), (16, 16, 150), (2, 200, 7), (3, 40, 300),
    (1, 300, 600), (300, 1, 600), (27, 64, 520), (14, 31, 5), (530, 64, 300), (100, 130, 1024),
]  # fmt: skip


def laid(layout: str, rows: int, columns: int, real: type, rng: np.random.Generator) -> np.ndarray:
    whole = {
        "rows": (rows, columns),
        "columns": (columns, rows),
        "padded": (rows, columns + 5),
        "gaps": (rows, 2 * columns + 1),
    }[layout]
    base = rng.standard_normal(whole).astype(real)
    return {"rows": base, "columns": base.T, "padded": base[:, :columns], "gaps": base[:, : 2 * columns : 2]}[layout]


def place(array: np.ndarray) -> tuple[ctypes.c_void_p, ctypes.c_long, ctypes.c_long]:
    row, column = (ctypes.c_long(s // array.itemsize) for s in array.strides)
    return ctypes.c_void_p(array.ctypes.data), row, column


def check(
    lib: ctypes.CDLL, m: int, n: int, k: int, layouts: tuple[str, ...], acc: int, real: type, rng: np.random.Generator
) -> None:
    longs = [ctypes.c_long(x) for x in (m, n, k)]
    a, b = laid(layouts[0], m, k, real, rng), laid(layouts[1], k, n, real, rng)
    rounding = np.finfo(real).eps * (2 + k**0.5)
    buffer = np.full(lib.buffer_size() + 8, 7, real)
    packed = np.full(lib.size_of_packed(longs[2], longs[1]) + 8, 7, real)
    for part in range(3):
        lib.pack_part(longs[2], longs[1], *place(b), ctypes.c_void_p(packed.ctypes.data), part, 3)
    for way in ("plain", "packed"):
        c = laid(layouts[2], m, n, real, rng)
        around = c if c.base is None else c.base
        before, expected = around.copy(), a.astype(np.float64) @ b + acc * c.astype(np.float64)
        if way == "plain":
            lib.multiply(*longs, *place(a), *place(b), *place(c), acc, ctypes.c_void_p(buffer.ctypes.data))
        else:
            lib.multiply_packed(*longs, *place(a), ctypes.c_void_p(packed.ctypes.data), *place(c), acc)
        near = rounding * (np.abs(a).astype(np.float64) @ np.abs(b) + acc * np.abs(c))
        assert (np.abs(c - expected) <= near).all(), (way, m, n, k, layouts, acc, np.abs(c - expected).max())
        c[...] = 0
        gone = np.zeros_like(before) if around is c or layouts[2] == "columns" else before
        if gone is before:
            (before[:, :n] if layouts[2] == "padded" else before[:, : 2 * n : 2])[...] = 0
        assert np.array_equal(around, gone), "numbers beside C were written"
    assert (buffer[-8:] == 7).all() and (packed[-8:] == 7).all()


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("processor", ["this", "AVX2", "SSE2"])
def test_products_agree_with_numpy_for_all_layouts(processor: str, bits: int, library) -> None:
    rng = np.random.default_rng(0)
    for shape in SHAPES:
        for layouts in product(LAYOUTS, repeat=3):
            check(
                library(bits, processor),
                *shape,
                layouts,
                int(rng.integers(2)),
                np.float32 if bits == 32 else np.float64,
                rng,
            )


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("processor", ["this", "AVX2", "SSE2"])
def test_products_of_random_shapes_agree_with_numpy(processor: str, bits: int, library) -> None:
    rng = np.random.default_rng(1)
    for _ in range(400):
        m, n, k = (int(x) for x in np.exp(rng.uniform(0, 5, 3)))
        layouts = tuple(rng.choice(LAYOUTS, 3))
        check(
            library(bits, processor),
            m,
            n,
            k,
            layouts,
            int(rng.integers(2)),
            np.float32 if bits == 32 else np.float64,
            rng,
        )


def test_a_number_that_is_undefined_stays_in_its_own_row_and_column(library) -> None:
    a, b, c = np.ones((20, 30), np.float32), np.ones((30, 40), np.float32), np.zeros((20, 40), np.float32)
    a[3, 5] = b[7, 11] = np.nan
    buffer = np.zeros(library().buffer_size(), np.float32)
    longs = [ctypes.c_long(x) for x in (20, 40, 30)]
    library().multiply(*longs, *place(a), *place(b), *place(c), 0, ctypes.c_void_p(buffer.ctypes.data))
    bad = np.isnan(c)
    assert bad[3].all() and bad[:, 11].all() and bad.sum() == 20 + 40 - 1
