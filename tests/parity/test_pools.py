"""Windows of a pool in machine code, side by side for the samples of a vector: maxima, sums and who gets the gradient of a maximum."""

from __future__ import annotations

import netc
import numpy as np
import pytest
from netc.runtime.backends.native import toolchain
from parity.test_native import EXACT, Machine, differences

pytestmark = pytest.mark.compiler

POOLS = """
net Pools:
    input x: real[2, 9, 8]
    input y: class(3)
    a = x -> Conv(3, 2) -> MaxPool({size}, stride={stride})
    b[c, i, j] = sum[u in 0..1, v in 0..1](a[c, i + u, j + v]^2)
    d[c, i] = max[j](b[c, i, j])
    m[c, i] = min[u in 0..1](d[c, i + u])
    y ~ softmax(Dense(3)(m -> flatten))
"""
SMALL = """
net Small:
    input x: real[1, 9, 9]
    input y: class(3)
    y ~ softmax(x -> Conv(4, 2, act=tanh) -> MaxPool(2) -> Conv(3, 2) -> flatten -> Dense(3))
"""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toolchain, "_COMMON", tuple("-O1" if o == "-O3" else o for o in toolchain._COMMON))


@pytest.mark.parametrize(("size", "stride"), [(2, 2), (3, 1), (2, 1), (3, 2)], ids=["apart", "overlapping", "by one", "by a row"])
def test_pools_are_what_numpy_makes_of_them(size: int, stride: int) -> None:
    """The inputs are few whole numbers: in many windows several elements are the largest, and the first takes what arrives."""
    machine = Machine(netc.parse(POOLS.format(size=size, stride=stride)), "float64")
    rng = np.random.default_rng(0)
    for batch, threads in ((1, 1), (8, 2), (9, 2), (19, 3)):
        inputs = {"x": list(rng.integers(0, 3, (batch, 2, 9, 8)).astype(float)), "y": list(rng.integers(0, 3, batch))}
        here, there = (machine.run(inputs, True, t) for t in (0, threads))
        worst = max(differences(here, there).items(), key=lambda d: d[1])
        assert worst[1] <= EXACT, f"{worst} with a batch of {batch}"


def test_a_pools_loops_go_along_the_samples() -> None:
    """Both ways: the windows are written out, and the samples of a vector lie side by side."""
    machine = Machine(netc.parse(SMALL), "float64")
    rng = np.random.default_rng(0)
    machine.run({"x": list(rng.normal(size=(16, 1, 9, 9))), "y": list(rng.integers(0, 3, 16))}, True, 1)
    (source,) = machine.sources[True]
    lines = [line.strip() for line in source.splitlines()]
    found = [k for k, line in enumerate(lines) if line.startswith("//") and ("max[u, v]" in line or "select[u, v]" in line)]
    assert len(found) == 2
    for k in found:
        assert lines[k - 2] == "INDEPENDENT" and lines[k - 1].startswith("for (long r = 0;")
        assert lines[k + 1 : k + 6].count("EACH") + lines[k + 6 : k + 8].count("EACH") == 2
