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
        ({"x": [np.ones((3, 2)), np.array([[1, 2], [np.nan, 3]])]}, "sample 1 of `x` holds NaN at [1, 0]: inputs are finite numbers"),
        ({"x": [np.full((3, 2), np.inf), np.ones((2, 2))]}, "sample 0 of `x` holds infinity at [0, 0]"),
        ({"y": np.array([0, -np.inf])}, "sample 1 of `y` holds -infinity"),
        ({"s": [np.array([0, 1, 2]), np.array([0, np.nan])]}, "`s` takes whole numbers from 0 to 2, and sample 1 holds nan"),
    ],
)
def test_it_is_refused(wrong: dict[str, Any], said: str) -> None:
    net = netc.parse(SPEC).build()
    with pytest.raises(NetcError) as caught:
        net.gradient({**GOOD, **wrong})
    assert said in str(caught.value)


def test_what_is_right_is_taken() -> None:
    assert np.isfinite(netc.parse(SPEC).build().gradient(GOOD).loss)


TRAINED = SPEC + "train N:\n    data = arrays(\"given.npz\")\n    optimizer = sgd(0.1)\n    batch = 2\n    epochs = 1\n"


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_training_refuses_data_that_are_not_finite(bad: float) -> None:
    spec = netc.parse(TRAINED)
    x = [np.ones((3, 2)), np.array([[1.0, 2], [3, bad]])]
    with pytest.raises(NetcError) as caught:
        netc.train(spec, data={**GOOD, "x": x})
    said = {np.nan: "NaN", np.inf: "infinity", -np.inf: "-infinity"}[bad]
    assert [(p.code, p.diagnose().message) for p in caught.value.problems] == [
        ("R421", f"sample 1 of `x` holds {said} at [1, 1]: inputs are finite numbers")
    ]
    netc.train(spec, data=GOOD)


def test_numbers_that_are_padding_are_not_looked_at() -> None:
    net = netc.parse("net N:\n    input x: real[1..T, 1..S]\n    y = sum[t, s](x[t, s])\n    output y\n").build()
    x = np.array([[[1.0, np.nan], [2, np.inf]], [[1, 2], [3, 4]]])
    assert net.evaluate({"x": x}, "y", lengths={"T": [2, 2], "S": [1, 2]})["y"].tolist() == [3, 10]
    with pytest.raises(NetcError, match=r"sample 1 of `x` holds NaN at \[0, 1\]"):
        net.evaluate({"x": np.array([x[1], [[1, np.nan], [3, 4]]])}, "y", lengths={"T": [2, 2], "S": [1, 2]})


def test_lengths_beyond_what_an_array_holds_are_refused() -> None:
    net = netc.parse("net N:\n    input x: real[1..T]\n    y = sum(x)\n    output y\n").build()
    with pytest.raises(NetcError, match="`lengths` and `x` share the length T, and sample 1 has 4 and 3"):
        net.evaluate({"x": np.ones((2, 3))}, "y", lengths={"T": [3, 4]})
