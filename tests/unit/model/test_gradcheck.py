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
