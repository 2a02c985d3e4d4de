"""Where a native step spends its time: every nest is timed once, and named after the equations of the spec."""

from __future__ import annotations

import netc
import numpy as np
import pytest
from netc.runtime.backends.choose import Choice
from netc.runtime.backends.native import NativeBackend
from netc.runtime.backends.native.timed import TimedBackend, Work, measured_peak
from netc.runtime.train.shares import _equations, time_equations

pytestmark = pytest.mark.compiler

TEXT = """
net Tagger:
    input x: real[1..T, 3]
    input y: class(4)[1..T]
    param W[5, 3], U[5, 5] init glorot
    h[0] = 0
    h[t] = tanh(W @ x[t] + U @ h[t-1])
    z[t] = Dense(4)(h[t])
    y[t] ~ softmax(z[t])
"""


def test_shares_name_the_equations_both_ways() -> None:
    found = time_equations(netc.parse(TEXT), 2, 8, {"T": 6}, "float32", 0.01)
    assert sum(s.share for s in found) == pytest.approx(1)
    assert [s.seconds for s in found] == sorted((s.seconds for s in found), reverse=True)
    names = {name for s in found for name in s.equations}
    assert {"h", "z", "W", "U", "y", "waiting"} <= names
    assert not {n for n in names if "'" in n or "." in n}
    ways = {(name, s.way) for s in found for name in s.equations}
    assert {("h", "forward"), ("h", "backward"), ("U", "backward")} <= ways


@pytest.mark.parametrize("strict", [False, True])
def test_a_timed_step_computes_the_same_bits(strict: bool) -> None:
    rng = np.random.default_rng(0)
    inputs = {"x": [rng.normal(size=(n, 3)) for n in (4, 2, 5)], "y": [rng.integers(0, 4, n) for n in (4, 2, 5)]}
    losses = []
    for backend in (NativeBackend(2, strict=strict), TimedBackend(2, strict)):
        net = netc.parse(TEXT).build(Choice(backend, "cpu", ""), seed=1)
        losses.append((net.steps.train(inputs, seed=1, step=0).loss, net.gradients_flat.tobytes()))
    assert losses[0] == losses[1]


@pytest.mark.parametrize(
    ("statements", "equations", "way"),
    [
        (("c1.Conv.y'[o, i] += a", "c1[o] = b"), ("c1",), "forward"),
        (("dc1.Conv.K[o] = a",), ("c1",), "backward"),
        (("d[i] = x",), ("d",), "forward"),  # an equation whose name begins as adjoints do
        (("dd'2[i] = x",), ("d",), "backward"),
        (("z'2[t] = a", "loss y = b", "loss = c"), ("z", "y"), "forward"),
        (("dloss y = a", "z = b"), ("y", "z"), "both"),
        ((), ("rest",), ""),
        (("waiting",), ("waiting",), ""),
    ],
)
def test_a_statement_belongs_to_an_equation(statements: tuple[str, ...], equations: tuple[str, ...], way: str) -> None:
    assert _equations(Work(statements, 1), ("c1", "d", "z", "y", "c")) == (equations, way)


def test_a_large_product_is_faster_than_one_operation_a_nanosecond() -> None:
    assert measured_peak(1) > 1e9
