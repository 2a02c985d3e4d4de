"""Convolutions of any form, and both of their gradients, against NumPy."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

Axis = tuple[int, int, int]  # size, and the step in each of two arrays


@dataclass(frozen=True)
class Form:
    """y[b, o, i, j] = sum[c, u, v] K[o, c, u, v] x[b, c, s i + d u, s j + d v]."""

    batch: int
    inputs: int
    outputs: int
    height: int
    width: int
    kernel: int
    stride: int = 1
    dilation: int = 1

    @property
    def picture(self) -> tuple[int, int, int, int]:
        reach = [self.stride * (n - 1) + self.dilation * (self.kernel - 1) + 1 for n in (self.height, self.width)]
        return (self.batch, self.inputs, *reach)

    @property
    def maps(self) -> tuple[int, int, int, int]:
        return self.batch, self.outputs, self.height, self.width

    @property
    def weights(self) -> tuple[int, int, int, int]:
        return self.outputs, self.inputs, self.kernel, self.kernel


FORMS = [
    Form(1, 1, 1, 1, 1, 1), Form(8, 3, 64, 16, 16, 7, 2), Form(3, 64, 64, 8, 8, 3), Form(2, 17, 13, 7, 7, 3), Form(1, 5, 33, 4, 4, 3, 2, 2),
    Form(8, 40, 70, 2, 2, 3), Form(3, 30, 9, 5, 6, 1, 2), Form(2, 9, 300, 3, 17, 5, 3), Form(4, 70, 20, 16, 16, 2, 1, 3), Form(1, 300, 20, 3, 3, 3),
]  # fmt: skip


def axes(found: Sequence[Axis], grain: int = 1) -> ctypes.Array[ctypes.c_long]:
    numbers = [len(found), grain, *(n for axis in found for n in axis)]
    return (ctypes.c_long * 26)(*numbers)


def turned(found: Sequence[Axis]) -> list[Axis]:
    return [(size, second, first) for size, first, second in found]


def steps(shape: Sequence[int]) -> list[int]:
    return [int(np.prod(shape[k + 1 :])) for k in range(len(shape))]


def windows(x: np.ndarray, f: Form) -> np.ndarray:
    """[b, c, i, j, u, v], without a copy."""
    b, c, h, w = x.strides
    shape = (f.batch, f.inputs, f.height, f.width, f.kernel, f.kernel)
    return np.lib.stride_tricks.as_strided(x, shape, (b, c, f.stride * h, f.stride * w, f.dilation * h, f.dilation * w))


def check(lib: ctypes.CDLL, f: Form, real: type, threads: int, acc: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y, kernel = (rng.standard_normal(shape).astype(real) for shape in (f.picture, f.maps, f.weights))
    (xb, xc, xh, xw), (yb, yo, yi, yj), (ko, kc, ku, kv) = (steps(s) for s in (f.picture, f.maps, f.weights))
    s, d, size = f.stride, f.dilation, f.kernel
    outputs = [(f.outputs, ko, yo)]
    places = [(f.batch, yb, xb), (f.height, yi, s * xh), (f.width, yj, s * xw)]
    window = [(f.inputs, kc, xc), (size, ku, d * xh), (size, kv, d * xw)]
    seen = windows(x.astype(np.float64), f)
    wide = y.astype(np.float64), kernel.astype(np.float64)

    def run(rows: ctypes.Array, columns: ctypes.Array, inner: ctypes.Array, a: np.ndarray, b: np.ndarray, out: np.ndarray) -> np.ndarray:
        result = out.copy()
        pointers = [ctypes.c_void_p(array.ctypes.data) for array in (a, b, result)]
        for part in range(threads):
            lib.contract_part(rows, columns, inner, *pointers, acc, part, threads)
        return result

    def same(found: np.ndarray, expected: np.ndarray, points: int) -> None:
        scale = np.abs(expected).max() + 1
        assert np.abs(found - expected).max() <= np.finfo(real).eps * scale * (8 + points**0.5), (f, threads, acc)

    found = run(axes(outputs), axes(turned(places)), axes(window), kernel, x, y)
    same(found, np.einsum("ocuv,bcijuv->boij", wide[1], seen) + acc * wide[0], f.inputs * size**2)
    found = run(axes(turned(outputs)), axes(turned(window)), axes(places), y, x, kernel)
    same(found, np.einsum("boij,bcijuv->ocuv", wide[0], seen) + acc * wide[1], f.batch * f.height * f.width)
    acc, expected = 1, x.astype(np.float64)
    arriving = np.einsum("boij,ocuv->bcijuv", *wide)
    for u in range(size):
        for v in range(size):
            rows = slice(d * u, d * u + s * (f.height - 1) + 1, s)
            expected[:, :, rows, d * v : d * v + s * (f.width - 1) + 1 : s] += arriving[..., u, v]
    points, taps = axes(places, f.height * f.width), axes(window, size**2)
    same(run(taps, points, axes(outputs), kernel, y, x), expected, f.outputs * size**2)
    same(run(points, taps, axes(turned(outputs)), y, kernel, x), expected, f.outputs * size**2)


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("processor", ["this", "AVX2", "SSE2"])
def test_convolutions_and_their_gradients_agree_with_numpy(processor: str, bits: int, library) -> None:
    for k, form in enumerate(FORMS):
        check(library(bits, processor), form, np.float32 if bits == 32 else np.float64, 1 + k % 4, k % 2, k)


forms = st.builds(
    Form, st.integers(1, 5), st.integers(1, 40), st.integers(1, 40), st.integers(1, 19), st.integers(1, 19), st.integers(1, 4), st.integers(1, 3), st.integers(1, 3)
)


@settings(max_examples=60, deadline=None)
@given(form=forms, threads=st.integers(1, 5), acc=st.integers(0, 1), double=st.booleans())
def test_convolutions_of_any_form_agree_with_numpy(form: Form, threads: int, acc: int, double: bool, library) -> None:
    check(library(64 if double else 32), form, np.float64 if double else np.float32, threads, acc, 0)
