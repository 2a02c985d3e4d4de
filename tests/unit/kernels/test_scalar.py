"""The scalar functions against float64, over the range of each."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable

import numpy as np
import pytest

PROCESSORS = ("this", "AVX2", "SSE2")
Reals = np.ndarray
LINE = np.concatenate(
    [np.linspace(-87, 88.7, 400_001), np.geomspace(1.2e-38, 1, 50_001), -np.geomspace(1.2e-38, 1, 50_001)]
)
POSITIVE = np.concatenate([np.geomspace(1.2e-38, 3.4e38, 400_001), np.linspace(0.5, 2, 200_001)])
SMALL = np.linspace(-2000, 2000, 400_001)


def sigmoid(x: Reals) -> Reals:
    return 1 / (1 + np.exp(-x))


def softplus(x: Reals) -> Reals:
    return np.logaddexp(0, x)


erf = np.vectorize(math.erf)
FUNCTIONS: dict[str, tuple[Callable[[Reals], Reals], Reals]] = {
    "exp": (np.exp, LINE), "log": (np.log, POSITIVE), "tanh": (np.tanh, LINE), "sigmoid": (sigmoid, LINE), "softplus": (softplus, LINE),
    "sqrt": (np.sqrt, POSITIVE), "abs": (np.abs, LINE), "sign": (np.sign, LINE), "floor": (np.floor, LINE), "sin": (np.sin, SMALL),
    "cos": (np.cos, SMALL), "erf": (erf, LINE[::7]),
}  # fmt: skip
EDGES = [np.inf, -np.inf, np.nan, 0.0, 100.0, -200.0, 1.0, -1.0]


def called(lib: ctypes.CDLL, name: str, bits: int, *given: Reals) -> Reals:
    real = np.float32 if bits == 32 else np.float64
    arrays = [np.ascontiguousarray(x, real) for x in given]
    out = np.empty_like(arrays[0])
    getattr(lib, f"all_{name}")(ctypes.c_long(out.size), *(ctypes.c_void_p(a.ctypes.data) for a in (*arrays, out)))
    return out


@pytest.mark.parametrize("processor", PROCESSORS)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_single_precision_is_right_to_four_parts_in_ten_million(name: str, processor: str, library) -> None:
    function, points = FUNCTIONS[name]
    x = points.astype(np.float32)
    expected = function(x.astype(np.float64))
    found = called(library(32, processor), name, 32, x)
    counted = np.abs(expected) > 1.2e-38  # below that, a step counts numbers as zero
    assert np.abs(found[counted] / expected[counted] - 1).max() <= 4e-7
    assert np.abs(found[~counted]).max(initial=0) <= 1.2e-38


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_double_precision_is_the_libraries_own(name: str, strict: bool, library) -> None:
    function, points = FUNCTIONS[name]
    points = points[::20]
    found, expected = called(library(64, "this", strict), name, 64, points), function(points)
    assert np.abs(found / np.where(expected == 0, 1, expected) - (expected != 0)).max() <= 5e-16


@pytest.mark.parametrize("name", FUNCTIONS)
def test_strict_single_precision_is_within_two_places(name: str, library) -> None:
    function, points = FUNCTIONS[name]
    x = points.astype(np.float32)
    expected = function(x.astype(np.float64)).astype(np.float32)
    found = called(library(32, "this", True), name, 32, x)
    assert (np.abs(found.astype(np.float64) - expected) <= 3 * np.spacing(np.abs(expected))).all()


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("processor", PROCESSORS)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_infinities_and_undefined_numbers_come_out_as_in_numpy(name: str, processor: str, bits: int, library) -> None:
    real = np.float32 if bits == 32 else np.float64
    edges = np.array(EDGES * 3, real)  # long enough that vector code sees them too
    with np.errstate(all="ignore"):
        expected = FUNCTIONS[name][0](edges)
    found = called(library(bits, processor), name, bits, edges)
    assert np.allclose(found, expected, rtol=1e-6, atol=1e-37, equal_nan=True), (found, expected)


@pytest.mark.parametrize("bits", [32, 64])
def test_functions_of_two_numbers_follow_numpy(bits: int, library) -> None:
    rng = np.random.default_rng(3)
    real = np.float32 if bits == 32 else np.float64
    x, y = (np.round(rng.normal(0, 5, 5000), 2).astype(real) for _ in range(2))
    x[:40], y[:8] = np.repeat([np.inf, -np.inf, np.nan, 0, 3.0], 8), [np.inf, -np.inf, np.nan, 0, 1, -1, 2.5, -2.5]
    for k in range(1, 5):
        y[8 * k : 8 * k + 8] = y[:8]
    with np.errstate(all="ignore"):
        cases = {"logaddexp": np.logaddexp(x.astype(float), y), "max": np.maximum(x, y), "mod": np.remainder(x, y),
                 "floordiv": np.floor_divide(x, y), "pow": np.power(x.astype(float), y.astype(float))}  # fmt: skip
    for name, expected in cases.items():
        found = called(library(bits), name, bits, x, y)
        ok = np.isclose(
            found, expected, rtol=1e-6 if bits == 32 else 1e-14, atol=2e-6 if bits == 32 else 1e-14, equal_nan=True
        )
        assert ok.all(), (name, x[~ok][:5], y[~ok][:5], found[~ok][:5], expected[~ok][:5])
    for name in ("max", "min"):
        assert np.array_equal(called(library(bits), name, bits, x, y), getattr(np, f"{name}imum")(x, y), equal_nan=True)


@pytest.mark.parametrize("processor", PROCESSORS)
@pytest.mark.parametrize("bits", [32, 64])
def test_many_numbers_through_one_are_as_if_each_were_divided(bits: int, processor: str, library) -> None:
    real = np.float32 if bits == 32 else np.float64
    rng = np.random.default_rng(4)
    edges = np.array([np.inf, -np.inf, np.nan, 0, 1, -1, 49, 255, 1e30], real)
    x = np.concatenate([edges, np.arange(1000, dtype=real), rng.normal(0, 100, 100_000).astype(real)])
    for d in (*edges, *(real(d) for d in (3, 7, 10, 5.656854249492381, 1 / 3, 1e-3, -0.1)), *rng.normal(0, 3, 40).astype(real)):
        with np.errstate(all="ignore"):
            expected = x / d
        found = called(library(bits, processor), "quotient", bits, x, np.full_like(x, d))
        same = (found == expected) | np.isnan(found) & np.isnan(expected)
        assert same[np.abs(expected) > 1e-30].all(), (d, x[~same][:5], found[~same][:5], expected[~same][:5])


def test_no_result_of_tanh_and_erf_is_beyond_one(library) -> None:
    x = np.linspace(-20, 20, 300_001, dtype=np.float32)
    for processor in PROCESSORS:
        for name in ("tanh", "erf", "sigmoid"):
            assert np.abs(called(library(32, processor), name, 32, x)).max() == 1


def test_a_sine_far_out_is_near_and_beyond_a_thousand_millions_undefined(library) -> None:
    x = np.geomspace(1e4, 9e8, 100_001).astype(np.float32)
    assert np.abs(called(library(), "sin", 32, x) - np.sin(x.astype(np.float64))).max() < 1e-6
    assert np.isnan(called(library(), "cos", 32, np.array([2e9, -1e30]))).all()
