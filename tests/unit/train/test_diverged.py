"""Training that diverges says which value went bad first: the equation, the point and the sample."""

import netc
import numpy as np
import pytest
from netc.compiler.diagnostics.error import DivergedError

SEQUENCE = """
net N:
    input x: real[1..5, 2]
    input y: real
    param w[2] init 1
    h[0] = 0
    h[t] = h[t-1] / 2 + log(sum(w * x[t]))
    y ~ normal(h[5], 1)
train:
    data = arrays("given.npz")
    optimizer = sgd(0.1)
    batch = 4
    epochs = 1
"""
POINTS = """
net N:
    input x: real[2..4]
    input y: real
    param w[2..4] init 1
    a[i] = log(w[i] * x[i])
    y ~ normal(sum(a), 1)
train:
    data = arrays("given.npz")
    optimizer = sgd(0.1)
    batch = 4
    epochs = 1
"""


def message(spec: str, x: np.ndarray) -> str:
    with pytest.raises(DivergedError) as raised:
        netc.train(netc.parse(spec), data={"x": x, "y": np.zeros(len(x))}, shuffle=False)
    return raised.value.problems[0].diagnose().message


def test_a_bad_value_in_a_recurrence_names_its_sample() -> None:
    x = np.ones((4, 5, 2))
    x[2, 3] = -1
    found = message(SEQUENCE, x)
    assert found.startswith("the loss is NaN at step 0, before any update: the first bad value is `h`") and found.endswith(", sample 2 of the batch")


def test_a_point_is_told_in_the_indices_of_the_spec() -> None:
    x = np.ones((4, 3))
    x[1, 2] = -1
    assert message(POINTS, x) == "the loss is NaN at step 0, before any update: the first bad value is `a` at [4], sample 1 of the batch"
