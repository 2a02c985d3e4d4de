"""Every function and layer of the standard library against a few lines of NumPy or known numbers."""

from __future__ import annotations

import math
from typing import Any

import netc
import numpy as np
import pytest
from netc import grammar
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.source.text import Source
from netc.compiler.syntax import tree
from netc.compiler.syntax.parser import parse

Arrays = dict[str, Any]


def built(body: str) -> Any:
    lines = "\n".join(f"    {line}" for line in body.strip().split("\n"))
    return netc.parse(f"net N:\n{lines}\n").build(dtype="float64", seed=3)


def value(body: str, x: Any, **more: Any) -> Any:
    return built(body).evaluate({"x": np.asarray(x, dtype=float)[None]}, ["y"], **more)["y"][0]


XS = np.array([-40.0, -3.0, -1.0, -0.25, 0.0, 0.5, 2.0, 30.0])
PHI = 0.5 * (1 + np.vectorize(math.erf)(XS / math.sqrt(2)))
SIGMOID = 1 / (1 + np.exp(-XS))
ACTIVATIONS = {
    "relu": np.maximum(XS, 0),
    "relu6": np.clip(XS, 0, 6),
    "leaky_relu": np.where(XS > 0, XS, 0.01 * XS),
    "elu": np.where(XS > 0, XS, np.expm1(np.minimum(XS, 0))),
    "selu": 1.0507009873554805 * np.where(XS > 0, XS, 1.6732632423543772 * np.expm1(np.minimum(XS, 0))),
    "silu": XS * SIGMOID,
    "swish": XS * SIGMOID,
    "mish": XS * np.tanh(np.log1p(np.exp(XS))),
    "softsign": XS / (1 + abs(XS)),
    "hard_sigmoid": np.clip(XS / 6 + 0.5, 0, 1),
    "hard_swish": XS * np.clip(XS / 6 + 0.5, 0, 1),
}


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_activation(name: str) -> None:
    np.testing.assert_allclose(value(f"input x: real[8]\ny = {name}(x)", XS), ACTIVATIONS[name], rtol=1e-12, atol=1e-12)


def test_gelu_is_near_the_exact_one() -> None:
    np.testing.assert_allclose(value("input x: real[8]\ny = gelu(x)", XS), XS * PHI, atol=5e-4)


SLOPES = {
    "relu": 0.0,
    "relu6": 0.0,
    "leaky_relu": 0.01,
    "elu": 1.0,
    "silu": 0.5,
    "mish": 0.6,
    "softsign": 1.0,
    "hard_sigmoid": 1 / 6,
}


@pytest.mark.parametrize("name", sorted(SLOPES))
def test_slope_of_an_activation_at_zero(name: str) -> None:
    net = built(f"input x: real[1]\nloss total = sum({name}(x))")
    assert net.gradient({"x": np.zeros((1, 1))}).inputs["x"][0, 0] == pytest.approx(SLOPES[name], abs=1e-12)


def test_every_function_has_a_test() -> None:
    file = parse(Source("prelude.net", grammar.source("prelude.net")), Reporter())
    defined = {i.name.name for i in file.items if isinstance(i, tree.Def)}
    assert defined == {*ACTIVATIONS, "gelu"}


LAYERS: dict[str, tuple[str, int, list[int]]] = {  # an input, parameters, the output's sizes
    "Dense(3)": ("real[5]", 18, [3]),
    "Dense(3, bias=false)": ("real[5]", 15, [3]),
    "Maxout(3, 2)": ("real[5]", 36, [3]),
    "Conv(4, 3)": ("real[2, 6, 7]", 76, [4, 4, 5]),
    "Conv(4, 3, stride=2, pad=1)": ("real[2, 6, 7]", 76, [4, 3, 4]),
    "Conv(4, 3, dilation=2, bias=false)": ("real[2, 6, 7]", 72, [4, 2, 3]),
    "Depthwise(3, pad=1)": ("real[2, 6, 7]", 20, [2, 6, 7]),
    "Pointwise(4)": ("real[2, 6, 7]", 12, [4, 6, 7]),
    "Conv1(4, 3, pad=1)": ("real[2, 9]", 28, [4, 9]),
    "MaxPool(2)": ("real[2, 6, 7]", 0, [2, 3, 3]),
    "MaxPool(3, stride=2, pad=1)": ("real[2, 6, 7]", 0, [2, 3, 4]),
    "AvgPool(2)": ("real[2, 6, 7]", 0, [2, 3, 3]),
    "SumPool(3, stride=1)": ("real[2, 6, 7]", 0, [2, 4, 5]),
    "MaxPool1(2)": ("real[2, 9]", 0, [2, 4]),
    "AvgPool1(3)": ("real[2, 9]", 0, [2, 3]),
    "GlobalAvgPool()": ("real[2, 6, 7]", 0, [2]),
    "GlobalMaxPool()": ("real[2, 6, 7]", 0, [2]),
    "BatchNorm()": ("real[2, 6, 7]", 4, [2, 6, 7]),
    "LayerNorm()": ("real[5]", 10, [5]),
    "RMSNorm()": ("real[5]", 5, [5]),
    "Dropout(0.5)": ("real[5]", 0, [5]),
    "Noise(0.1)": ("real[2, 3]", 0, [2, 3]),
    "Residual(Dense(5))": ("real[5]", 30, [5]),
    "Embedding(4)": ("class(6)", 24, [4]),
}


@pytest.mark.parametrize("layer", sorted(LAYERS))
def test_layer_has_its_parameters_and_sizes(layer: str) -> None:
    type_, parameters, sizes = LAYERS[layer]
    report = netc.parse(
        f"net N:\n    input x: {type_}\n    y = x -> {layer}\n    assert params() == {parameters}\n    assert shape(y) == {sizes}\n"
    ).check()
    assert [p.diagnose().message for p in report.problems] == []


X = np.random.default_rng(5).normal(size=(2, 6, 7))


def windows(x: Any, size: int, stride: int) -> Any:
    return np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))[:, ::stride, ::stride]


@pytest.mark.parametrize(("stride", "pad"), [(1, 0), (2, 1)])
def test_convolutions_read_their_windows(stride: int, pad: int) -> None:
    padded = np.pad(X, ((0, 0), (pad, pad), (pad, pad)))
    net = built(f"input x: real[2, 6, 7]\ny = x -> Conv(4, 3, stride={stride}, pad={pad})")
    expected = np.einsum("ocuv,cijuv->oij", net.params["y.Conv.K"], windows(padded, 3, stride))
    np.testing.assert_allclose(net.evaluate({"x": X[None]}, ["y"])["y"][0], expected, atol=1e-12)
    net = built(f"input x: real[2, 6, 7]\ny = x -> Depthwise(3, stride={stride}, pad={pad})")
    expected = np.einsum("cuv,cijuv->cij", net.params["y.Depthwise.K"], windows(padded, 3, stride))
    np.testing.assert_allclose(net.evaluate({"x": X[None]}, ["y"])["y"][0], expected, atol=1e-12)


def test_dilated_convolution_skips_points() -> None:
    net = built("input x: real[2, 6, 7]\ny = x -> Conv(4, 3, dilation=2)")
    expected = np.einsum("ocuv,cijuv->oij", net.params["y.Conv.K"], windows(X, 5, 1)[..., ::2, ::2])
    np.testing.assert_allclose(net.evaluate({"x": X[None]}, ["y"])["y"][0], expected, atol=1e-12)


@pytest.mark.parametrize(("layer", "reduce"), [("MaxPool", np.max), ("AvgPool", np.mean), ("SumPool", np.sum)])
def test_pools_reduce_their_windows(layer: str, reduce: Any) -> None:
    for size, stride in ((2, 2), (3, 1)):
        found = value(f"input x: real[2, 6, 7]\ny = x -> {layer}({size}, stride={stride})", X)
        np.testing.assert_allclose(found, reduce(windows(X, size, stride), axis=(3, 4)), atol=1e-12)


def test_padding_of_a_max_pool_never_wins() -> None:
    assert (value("input x: real[2, 6, 7]\ny = x -> MaxPool(3, stride=2, pad=1)", -abs(X) - 1) < 0).all()


def test_norms_leave_mean_zero_and_unit_size() -> None:
    y = value("input x: real[8]\ny = x -> LayerNorm(0)", XS)
    assert (y.mean(), y.std()) == (pytest.approx(0, abs=1e-12), pytest.approx(1))
    assert np.mean(value("input x: real[8]\ny = x -> RMSNorm(0)", XS) ** 2) == pytest.approx(1)


def test_batch_norm_uses_the_batch_in_training_and_its_states_after() -> None:
    net = built("input x: real[2, 6, 7]\ny = x -> BatchNorm()")
    batch = {"x": np.stack([X, 3 * X + 1])}
    y = net.evaluate(batch, ["y"], training=True)["y"]
    np.testing.assert_allclose(y.mean(axis=(0, 2, 3)), 0, atol=1e-12)
    np.testing.assert_allclose(net.evaluate(batch, ["y"])["y"], batch["x"] / math.sqrt(1 + 1e-5), atol=1e-12)


def test_noise_and_dropout_act_in_training_only() -> None:
    ones = np.ones((1, 5000))
    for layer in ("Dropout(0.25)", "Noise(0.5)"):
        net = built(f"input x: real[5000]\ny = x -> {layer}")
        assert (net.evaluate({"x": ones}, ["y"])["y"] == ones).all()
        noisy = net.evaluate({"x": ones}, ["y"], training=True)["y"]
        assert 0.02 < abs(noisy - 1).mean() < 1
        assert noisy.mean() == pytest.approx(1, abs=0.05)


def test_maxout_is_the_largest_of_its_pieces() -> None:
    net = built("input x: real[8]\ny = x -> Maxout(3, 2)")
    pieces = np.einsum("opi,i->op", net.params["y.Maxout.W"], XS)
    np.testing.assert_allclose(net.evaluate({"x": XS[None]}, ["y"])["y"][0], pieces.max(axis=1), rtol=1e-12)


def test_one_step_of_each_cell() -> None:
    x, h, c = (np.random.default_rng(k).normal(size=4) for k in (1, 2, 3))
    given = "input x: real[4]\ninput h: real[4]\ninput c: real[4]\n"
    inputs = {"x": x[None], "h": h[None], "c": c[None]}

    def sigmoid(a: Any) -> Any:
        return 1 / (1 + np.exp(-a))

    net = built(f"{given}y = ElmanCell(4)(x, h)")
    p: Arrays = {k.rsplit(".", 1)[1]: v for k, v in net.params.items()}
    np.testing.assert_allclose(net.evaluate(inputs, ["y"])["y"][0], np.tanh(p["W"] @ x + p["U"] @ h))

    net = built(f"{given}(y, m) = LSTMCell(4)(x, h, c)")
    p = {k.rsplit(".", 1)[1]: v for k, v in net.params.items()}
    i, f, o, g = (p[f"W{k}"] @ x + p[f"U{k}"] @ h + p[f"b{k}"] for k in "ifog")
    m = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    found = net.evaluate(inputs, ["y", "m"])
    np.testing.assert_allclose(found["m"][0], m)
    np.testing.assert_allclose(found["y"][0], sigmoid(o) * np.tanh(m))
    assert (p["bf"] == 1).all()

    net = built(f"{given}y = GRUCell(4)(x, h)")
    p = {k.rsplit(".", 1)[1]: v for k, v in net.params.items()}
    z, r = (sigmoid(p[f"W{k}"] @ x + p[f"U{k}"] @ h) for k in "zr")
    n = np.tanh(p["Wn"] @ x + p["Un"] @ (r * h))
    np.testing.assert_allclose(net.evaluate(inputs, ["y"])["y"][0], (1 - z) * h + z * n)
