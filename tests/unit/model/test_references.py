"""Values and gradients against independent references in float64."""

import netc
import numpy as np
import pytest

RNG = np.random.default_rng(0)


def difference(net: netc.Net, inputs: dict[str, np.ndarray], **how: object) -> float:
    """The worst relative error of the gradient over random directions, by central differences."""
    g = net.gradient(inputs, **how)  # type: ignore[arg-type]
    worst = 0.0
    for path in net.params:
        kept = net.params.exact(path)
        u = RNG.standard_normal(kept.shape)
        best = np.inf
        for eps in (1e-4, 1e-5, 1e-6):
            values = []
            for sign in (1, -1):
                net.params[path] = kept + sign * eps * u
                values.append(net.gradient(inputs, **how).loss)  # type: ignore[arg-type]
            net.params[path] = kept
            slope = (values[0] - values[1]) / (2 * eps)
            best = min(best, abs(slope - float((g.params[path] * u).sum())) / (abs(slope) + 1e-7))
        worst = max(worst, best)
    return worst


def test_a_dense_layer_is_a_matrix_product() -> None:
    net = netc.parse("net N:\n    input x: real[3]\n    y = Dense(4, act=tanh)(x)\n").build()
    x = RNG.standard_normal((5, 3))
    w, b = net.params.exact("y.Dense.W"), RNG.standard_normal(4)
    net.params["y.Dense.b"] = b
    assert np.allclose(net.evaluate({"x": x}, "y")["y"], np.tanh(x @ w.T + b), rtol=0, atol=1e-12)


def test_a_convolution_is_a_sum_over_windows() -> None:
    net = netc.parse("net N:\n    input x: real[2, 6, 7]\n    y = Conv(3, 3, stride=2, pad=1)(x)\n").build()
    x = RNG.standard_normal((4, 2, 6, 7))
    k = net.params.exact("y.Conv.K")
    p = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    expected = np.zeros((4, 3, 3, 4))
    for i in range(3):
        for j in range(4):
            expected[:, :, i, j] = np.einsum("ocuv,bcuv->bo", k, p[:, :, 2 * i : 2 * i + 3, 2 * j : 2 * j + 3])
    assert np.allclose(net.evaluate({"x": x}, "y")["y"], expected, rtol=0, atol=1e-12)


NETS = {
    "softmax": ("z = x -> Dense(5, act=tanh) -> Dense(3)\n    t ~ softmax(z)", {"t": "class(3)"}),
    "normal": ("m = x -> Dense(2)\n    t ~ normal(m, exp(m))", {"t": "real[2]"}),
    "sigmoid": ("z = x -> Dense(2)\n    t ~ sigmoid(z)", {"t": "real[2]"}),
    "poisson": ("z = x -> Dense(2)\n    t ~ poisson(exp(z))", {"t": "real[2]"}),
    "categorical": ("p = softmax(Dense(3)(x))\n    t ~ categorical(p)", {"t": "class(3)"}),
    "layer norm": ("z = x -> Dense(5) -> LayerNorm() -> Dense(3)\n    t ~ softmax(z)", {"t": "class(3)"}),
    "gelu": ("z = x -> Dense(5, act=gelu) -> Dense(3)\n    t ~ softmax(z)", {"t": "class(3)"}),
    "join": ("z = Dense(3)([x; tanh(x)])\n    t ~ softmax(z)", {"t": "class(3)"}),
    "logsumexp": ("z = Dense(3)(x)\n    loss l = log(0.5 + sum[k](exp(z[k]))) - z[t]", {"t": "class(3)"}),
    "cumulative": ("z = Dense(3)(x)\n    c[i] = cumsum[i](z[i])\n    loss l = sum(c^3) + 0 * t", {"t": "real"}),
    "attention": (
        "param W[4, 4] init glorot\n    a[i, j] = softmax[j, j <= i](x[i] * W[i, j] * x[j])\n    loss l = sum[i, j](a[i, j] * x[j] * W[j, i]) + t",
        {"t": "real"},
    ),
    "erf and friends": ("z = Dense(3)(x)\n    loss l = sum(erf(z)) + sum(sqrt(1 + z^2)) + sum(abs(z)) + sum(sin(z) * cos(z)) + 0 * t", {"t": "real"}),
}


@pytest.mark.parametrize("name", NETS)
def test_gradients_agree_with_differences(name: str) -> None:
    body, extra = NETS[name]
    inputs = "".join(f"    input {k}: {v}\n" for k, v in extra.items())
    spec = netc.parse(f"net N:\n    input x: real[4]\n{inputs}    {body}\n")
    assert [p.diagnose().message for p in spec.check().problems] == []
    net = spec.build()
    given = {"x": RNG.standard_normal((3, 4))}
    for k, v in extra.items():
        shape = (3, 2) if v.endswith("[2]") else (3,)
        given[k] = RNG.integers(0, 3, shape) if v.startswith("class") else RNG.random(shape)
    assert difference(net, given) < 1e-6


def test_image_layers_pass_the_gradient_check() -> None:
    spec = netc.parse("""
net N:
    input x: real[2, 8, 8]
    input t: class(3)
    z = x -> Conv(4, 3, pad=1, bias=false) -> BatchNorm() -> relu -> MaxPool(2) -> Conv(4, 3) -> AvgPool(2) -> flatten -> Dropout(0.3) -> Dense(3)
    t ~ softmax(z)
""")
    net = spec.build()
    given = {"x": RNG.standard_normal((4, 2, 8, 8)), "t": RNG.integers(0, 3, 4)}
    assert difference(net, given, training=True, seed=3) < 1e-6


def test_gradients_of_inputs() -> None:
    net = netc.parse("net N:\n    input x: real[3]\n    loss l = sum(x^3)\n").build()
    x = RNG.standard_normal((2, 3))
    assert np.allclose(net.gradient({"x": x}).inputs["x"], 3 * x**2 / 2, rtol=0, atol=1e-12)


def test_an_absent_kernel_has_no_gradient_and_cannot_be_set() -> None:
    spec = netc.parse("""
table C[2, 3]:
    X . X
    . X X
net N:
    input x: real[2, 4, 4]
    y = Conv(3, 3, links=C)(x)
    loss l = sum(y^2)
""")
    net = spec.build()
    net.params["y.Conv.K"] = np.ones((3, 2, 3, 3))
    grid = np.array([[1, 0], [0, 1], [1, 1]])[:, :, None, None] * np.ones((3, 3))
    assert np.array_equal(net.params["y.Conv.K"], grid)
    g = net.gradient({"x": RNG.standard_normal((2, 2, 4, 4))}).params["y.Conv.K"]
    assert np.array_equal(g != 0, grid != 0)


def test_two_nets_in_two_threads() -> None:
    from concurrent.futures import ThreadPoolExecutor

    def work(seed: int) -> float:
        net = netc.parse("net N:\n    input x: real[3]\n    y = Dense(4)(x)\n    loss l = sum(y^2)\n").build(seed=seed)
        return sum(net.gradient({"x": np.ones((2, 3))}).loss for _ in range(20))

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(work, [1, 2])) == [work(1), work(2)]


def test_a_sum_over_a_spread_value_counts_its_points() -> None:
    net = netc.parse("net N:\n    input x: real[2]\n    param w[2] init 1\n    a[i, k in 0..4] = w[i] * x[i]\n    s = sum[i, k](a[i, k])\n    loss l = s\n").build()
    g = net.gradient({"x": [[2.0, 3.0]]})
    assert (g.loss, g.params["w"].tolist(), g.inputs["x"].tolist()) == (25.0, [10.0, 15.0], [[5.0, 5.0]])
