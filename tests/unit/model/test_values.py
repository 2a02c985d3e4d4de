"""Parameters by path: what is written is what is computed with, in float64 too."""

import netc
import numpy as np
import pytest

SPEC = """
net N:
    input x: real[3]
    param W[2, 3] init glorot
    param b[2] init 0.1
    y = W @ x + b
    loss l = sum(y^2)
"""
X = np.random.default_rng(0).standard_normal((4, 3))


def test_first_values_that_are_read_are_those_computed_with() -> None:
    net = netc.parse(SPEC).build()
    assert net.params["W"].dtype == np.float32
    expected = X @ net.params["W"].astype(np.float64).T + 0.1
    assert np.allclose(net.evaluate({"x": X}, "y")["y"], expected, rtol=0, atol=1e-14)


def test_what_is_written_is_not_rounded_for_float64() -> None:
    net = netc.parse(SPEC).build()
    w = np.random.default_rng(1).standard_normal((2, 3))
    net.params["W"] = w
    assert np.allclose(net.evaluate({"x": X}, "y")["y"], X @ w.T + 0.1, rtol=0, atol=1e-14)


def test_a_step_in_the_block_overrides_what_was_written() -> None:
    net = netc.parse(SPEC).build()
    net.params["W"] = np.full((2, 3), 0.1)
    net.parameters_flat[:] = 0.5
    assert np.array_equal(net.params.exact("W"), np.full((2, 3), 0.5))
    assert np.allclose(net.evaluate({"x": X}, "y")["y"], X.sum(1, keepdims=True) * 0.5 + 0.5, rtol=0, atol=1e-14)


def test_numbers_that_the_block_holds_exactly_are_held_once() -> None:
    net = netc.parse(SPEC).build()
    net.params["W"] = np.full((2, 3), 0.25)
    assert "W" not in net.params._exact


def test_an_input_with_fewer_samples_than_another_is_told_how_many() -> None:
    net = netc.parse("net N:\n    input x: real[2]\n    input y: class(3)\n    y ~ softmax(Dense(3)(x))\n").build()
    with pytest.raises(netc.NetcError, match="`y` takes 3 samples, and the array given is 2"):
        net.gradient({"x": np.ones((3, 2)), "y": [0, 1]})


def test_what_is_read_cannot_be_written_to_and_is_set_whole() -> None:
    net = netc.parse(SPEC).build(dtype="float64")
    kept = net.params["W"].copy()
    with pytest.raises(ValueError, match="read-only"):
        net.params["W"][0, 0] = 7
    with pytest.raises(ValueError, match="read-only"):
        net.params["W"] += 1
    assert np.array_equal(net.params["W"], kept)
    kept[0, 0] = 7
    net.params["W"] = kept
    assert net.params["W"][0, 0] == 7
