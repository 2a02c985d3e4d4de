"""Wide convolutions as machine code come to what NumPy comes to, whatever their form and the number of samples."""

from __future__ import annotations

import netc
import numpy as np
import pytest
from netc.runtime.backends.native import toolchain
from parity.test_native import EXACT, Machine, differences

pytestmark = pytest.mark.compiler

WIDE = """
net Wide:
    input x: real[33, 9, 11]
    input y: class(3)
    a = x -> Conv(19, 3, pad=1, act=relu)
    b = a -> Conv(23, 3, stride=2, pad=1) -> BatchNorm() -> relu
    c = b -> Conv(17, 2, dilation=2, pad=1) -> MaxPool(2, stride=1)
    d = b -> Conv(24, 1) -> Conv(40, 1, stride=2, bias=false)
    e = b -> Conv(20, 5, stride=3, pad=2)
    y ~ softmax(Dense(3)(GlobalAvgPool()(c)) + Dense(3)(GlobalAvgPool()(d)) + Dense(3)(GlobalAvgPool()(e)))
"""
LINE = """
net Line:
    input x: real[21, 37]
    h = x -> Conv1(90, 5, pad=2, act=tanh) -> Conv1(29, 4, stride=2, dilation=3)
    z[o, p] = sum[c, i](M[o, c, i] * h[c, i + 2*p])
    param M[o: 18, c: 29, i: 3]
    loss l = sum(z * z)
"""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toolchain, "_COMMON", tuple("-O1" if o == "-O3" else o for o in toolchain._COMMON))


def check(text: str, dtype: str, contractions: int) -> None:
    machine = Machine(netc.parse(text), dtype)
    rng = np.random.default_rng(0)
    shapes = {v.name: tuple(a.hi - a.lo + 1 for a in v.axes) for v in machine.spec.build("numpy").inputs}
    for batch, threads in ((1, 2), (3, 1), (8, 3), (17, 2)):
        inputs = {n: rng.integers(0, 3, batch) if n == "y" else rng.standard_normal((batch, *s)) for n, s in shapes.items()}
        for training in (True, False):
            here, there = (machine.run({n: list(a) for n, a in inputs.items()}, training, t) for t in (0, threads))
            for (kind, name), error in differences(here, there).items():
                limit = EXACT if dtype == "float64" else 5e-5 if kind == "gradient" else 5e-6
                assert error <= limit, f"{kind} {name}: {error:.1e} with a batch of {batch}, {training=}"
    (source,) = machine.sources[True]
    assert source.count("contract(&m") >= contractions


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_strides_dilations_borders_and_odd_sizes(dtype: str) -> None:
    check(WIDE, dtype, 17)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_windows_along_one_axis(dtype: str) -> None:
    check(LINE, dtype, 8)


LOOP = """
net Loop:
    input x: real[1..T, 11, 6, 7]
    h[0] = 0
    h[t] = tanh(Conv(20, 3, pad=1)(x[t]) + Conv(20, 3, pad=1, bias=false)(h[t-1]))
    loss l = sum[c, i, j](h[T, c, i, j]^2)
"""


def test_windows_in_a_recurrence() -> None:
    machine, rng = Machine(netc.parse(LOOP)), np.random.default_rng(0)
    for lengths in ((4, 2, 1, 3, 4), (3, 1)):
        inputs = {"x": [rng.standard_normal((n, 11, 6, 7)) for n in lengths]}
        assert max(differences(machine.run(inputs, True), machine.run(inputs, True, 2)).values()) <= EXACT
    assert all("contract(&m" in text for text in machine.sources[True])
