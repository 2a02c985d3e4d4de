"""Gradients that the course notes work out by hand are those that netc finds (systems rows 5, 7 and 37)."""

from importlib.resources import files

import netc
import numpy as np
from netc import specs

RNG = np.random.default_rng(0)


def net(file: str, name: str) -> netc.Net:
    return netc.load(str(files(specs).joinpath(*file.split("/"))))[name].build()


def test_the_kernel_of_a_convolution() -> None:
    """dJ/dK(m, n) = sum dJ/dS(i, j) I(i+m, j+n), with the numbers of the notes."""
    worked = net("vision/worked_convolution.net", "Differentiated")
    image = np.arange(9.0).reshape(1, 3, 3)
    worked.params["K"] = [[1, 2], [1, 0]]
    assert worked.evaluate({"I": image}, "S")["S"].tolist() == [[[5, 9], [17, 21]]]
    assert worked.gradient({"I": image}).params["K"].tolist() == [[8, 12], [20, 24]]


def test_sigmoid_pooling() -> None:
    """out = sigmoid(w0 + w1 (a + b + e + f))"""
    pools = net("vision/pooling.net", "Subsampling")
    inputs = {"x": RNG.standard_normal((1, 1, 4, 4)), "t": RNG.random((1, 1, 2, 2))}
    found = pools.gradient(inputs)
    by_hand = pools.evaluate(inputs, ["dw0", "dw1", "dx"])
    assert np.allclose(found.params["w0"], by_hand["dw0"][0], rtol=0, atol=1e-14)
    assert np.allclose(found.params["w1"], by_hand["dw1"][0], rtol=0, atol=1e-14)
    assert np.allclose(found.inputs["x"], by_hand["dx"], rtol=0, atol=1e-14)


def test_the_maximum_of_a_block() -> None:
    pools = net("vision/pooling.net", "Maximum")
    x = RNG.permutation(np.arange(16.0)).reshape(1, 1, 4, 4)
    by_hand = pools.evaluate({"x": x}, "attains")["attains"]  # [batch, map, block row, block column, row, column]
    assert (by_hand != 0).sum() == 4
    assert np.array_equal(pools.gradient({"x": x}).inputs["x"], by_hand.transpose(0, 1, 2, 4, 3, 5).reshape(1, 1, 4, 4))


def test_a_jacobian_is_a_product_of_jacobians() -> None:
    """dy/dx = dy/da da/dx, and the gradient of 1/2 |y|^2 is its product with y."""
    chain = net("basics/jacobians.net", "Jacobians")
    x = RNG.standard_normal((1, 3))
    by_hand = chain.evaluate({"x": x}, ["J", "g", "y"])
    assert np.allclose(chain.gradient({"x": x}).inputs["x"], by_hand["g"], rtol=0, atol=1e-14)
    columns = [
        (chain.evaluate({"x": x + d}, "y")["y"] - chain.evaluate({"x": x - d}, "y")["y"])[0] / 2e-6
        for d in 1e-6 * np.eye(3)
    ]
    assert np.allclose(np.transpose(columns), by_hand["J"][0], rtol=0, atol=1e-9)
