"""What a likelihood speaks of."""

import netc
import numpy as np
import pytest

TEXT = """net N:
    input x: class(4)[1..T]
    param E[4, 3] init normal(0, 1)
    h[0] = 0
    h[t] = tanh(E[x[t]] + 0.5 * h[t-1])
    {}
"""
APART = "z[t] = Dense(4)(h[t])\n    x[t+1] ~ softmax(z[t])"


def test_a_layer_may_stand_in_the_distribution_of_a_shifted_target() -> None:
    """The range of t ends one step before x does, also where the layer asks for it first."""
    inside = netc.parse(TEXT.format("x[t+1] ~ softmax(Dense(4)(h[t]))"))
    assert inside.check().ok
    one, two = inside.build(seed=1), netc.parse(TEXT.format(APART)).build(seed=1)
    for mine, other in zip(one.params, two.params, strict=True):
        two.params[other] = one.params[mine]
    samples = {"x": [[1, 2, 3], [0, 1, 2, 1, 3]]}
    first, second = one.gradient(samples), two.gradient(samples)
    assert first.loss == pytest.approx(second.loss, rel=1e-14)
    for a, b in zip(first.params.values(), second.params.values(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("written", ["normal(w @ x, 1)", "normal(w @ x, exp(w @ x))", "poisson(exp(w @ x))", "sigmoid(w @ x)"])
def test_a_product_in_the_distribution_is_counted_once(written: str) -> None:
    """It is read by the loss and by the prediction."""
    report = netc.parse(f"net N:\n    input x: real[3]\n    input y: {'bool' if 'sig' in written else 'real'}\n    param w[3] init glorot\n    y ~ {written}\n").check()
    assert report.ok and report.connections == 3 * written.count("@")
