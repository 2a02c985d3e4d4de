"""Draws in C are the draws of runtime/backends/random.py."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest
from netc.runtime.backends import random

KEYS = [0, 1, 2**64 - 1, random.stream_key(7, 3, 2)]


def drawn(lib: ctypes.CDLL, rule: str, key: int, count: int, real: type, cuts: tuple[int, ...]) -> np.ndarray:
    out = np.full(count, 9, real)
    for begin, end in zip((0, *cuts), (*cuts, count), strict=True):
        at = (
            ctypes.c_void_p(out.ctypes.data),
            ctypes.c_long(count),
            ctypes.c_uint64(key),
            ctypes.c_long(begin),
            ctypes.c_long(end),
        )
        getattr(lib, rule)(*at)
    return out


@pytest.mark.parametrize("real", [np.float32, np.float64])
@pytest.mark.parametrize("key", KEYS)
def test_uniform_numbers_are_the_same_bit_for_bit(key: int, real: type, library) -> None:
    for count in (1, 2, 7, 1000, 4097):
        expected = np.empty(count, real)
        random.uniform(np, key, expected)
        assert np.array_equal(
            drawn(library(np.dtype(real).itemsize * 8), "uniform", key, count, real, (count // 3,)), expected
        )


@pytest.mark.parametrize("real", [np.float32, np.float64])
@pytest.mark.parametrize("key", KEYS)
def test_normal_numbers_are_the_same_to_the_last_place(key: int, real: type, library) -> None:
    for count in (1, 2, 7, 1000, 4097):
        expected = np.empty(count, real)
        random.normal(np, key, expected)
        found = drawn(library(np.dtype(real).itemsize * 8), "normal", key, count, real, (count // 3,))
        near = 4 * np.spacing(np.abs(expected)) + (4e-16 if real is np.float64 else 0)  # sin and cos near their zeros
        assert (np.abs(found - expected) <= near).all()
