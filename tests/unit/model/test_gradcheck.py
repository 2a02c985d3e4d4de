"""Gradient checks: what they find, and what they do not mistake for it."""

import netc
import numpy as np
import pytest

BENT = """net N:
    input x: real[101]
    y = sum(relu(x))
"""


def test_kinks_within_every_step_of_float64_are_stepped_between() -> None:
    """Kinks 1e-11 apart: differences in float64 cross some of them at every step size, those in long double do not."""
    if np.dtype("longdouble").itemsize != 16:
        pytest.skip("no long double on this machine")
    bent = (np.arange(101) - 50.5) * 1e-11
    report = netc.gradcheck(netc.parse(BENT), inputs={"x": np.stack((bent, bent[::-1]))})
    assert [r.name for r in report.rows] == ["y"]
    assert report.worst < 1e-7


def test_a_gradient_that_is_zero_is_checked_too() -> None:
    """At 0 exactly `relu` is given the slope 0; differences say that it bends there."""
    report = netc.gradcheck(netc.parse(BENT), inputs={"x": np.zeros((2, 101))})
    assert report.worst == pytest.approx(1.0)


LAYERS = """layer Keep(n)(x: real[1..T, X]) -> h: real[1..T, n]:
    param W[n, X], U[n, n] init glorot
    h[0] = 0
    gate k[t] = sigmoid(W @ x[t])
    h[t] = k[t] * h[t-1] + (1 - k[t]) * tanh(U @ k[t])
net N:
    input x: real[1..T, 3]
    input y: real[2]
    m = Keep(2)(x)
    param bent[2] init 0
    y ~ normal(m[T] + relu(bent), 1)
"""


def test_equations_of_layers_and_parameters_are_listed_by_name() -> None:
    spec = netc.parse(LAYERS)
    report = netc.gradcheck(spec, parts=True)
    assert [r.name for r in report.rows] == ["m", "loss"]
    assert [r.name for r in report.inside] == ["m.Keep.k"]  # `m` hands on `m.Keep.h`
    assert [r.name for r in report.parameters] == ["bent", "m.Keep.W", "m.Keep.U"]
    assert report.rows == netc.gradcheck(spec).rows


def test_a_parameter_whose_gradient_is_off_is_known_by_name() -> None:
    """`relu` at 0 has the slope 0 by decree, and differences say one half."""
    found = {r.name: r.error for r in netc.gradcheck(netc.parse(LAYERS), parts=True).parameters}
    assert found.pop("bent") > 0.1
    assert max(found.values()) < 1e-6
