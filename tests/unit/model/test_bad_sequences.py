"""Sequences that cannot be computed with, given from Python: each is refused with the sample and what it clashes with."""

from typing import Any

import netc
import numpy as np
import pytest
from netc.compiler.diagnostics.error import NetcError

SPEC = """
net N:
    input x: real[1..T, 2]
    input s: class(3)[1..T]
    input y: real
    param w[2] init 1
    h[0] = 0
    h[t] = tanh(h[t-1] + sum(w * x[t]) + s[t])
    y ~ normal(h[T], 1)
"""
GOOD: dict[str, Any] = {"x": [np.ones((3, 2)), np.ones((2, 2))], "s": [np.array([0, 1, 2]), np.array([0, 1])], "y": np.zeros(2)}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"x": [np.ones((0, 2)), np.ones((2, 2))], "s": [np.zeros(0, int), np.array([0, 1])]}, "sample 0 of `x` has length 0"),
        ({"s": [np.array([0, 1]), np.array([0, 1])]}, "`x` and `s` share the length T, and sample 0 has 3 and 2"),
        ({"s": [np.array([0, 1, 7]), np.array([0, 1])]}, "`s` takes whole numbers from 0 to 2, and sample 0 holds 7"),
        ({"s": [np.array([0, 1, 0.5]), np.array([0, 1])]}, "sample 0 holds 0.5"),
        ({"x": [np.ones((3, 5)), np.ones((2, 2))]}, "sample 1 given for `x` has the shape (2, 2), and the first has (3, 5)"),
        ({"x": [np.ones((3, 2)), np.ones((3, 5))]}, "sample 1 given for `x` has the shape (3, 5), and the first has (3, 2)"),
    ],
)
def test_it_is_refused(wrong: dict[str, Any], said: str) -> None:
    net = netc.parse(SPEC).build()
    with pytest.raises(NetcError) as caught:
        net.gradient({**GOOD, **wrong})
    assert said in str(caught.value)


def test_what_is_right_is_taken() -> None:
    assert np.isfinite(netc.parse(SPEC).build().gradient(GOOD).loss)
