"""What a user writes by hand becomes the statements that the prelude's layer becomes, forward and backward."""

import netc
import pytest
from anonymous import anonymous
from netc.compiler.pipeline import Request
from netc.compiler.rewrites import Wanted

# header, the layer, the same by hand
PAIRS = {
    "dense": (
        "input x: real[5]",
        "y = Dense(4, act=tanh)(x)",
        """
        param W[4, 5] init glorot
        param b[4] init 0
        y[o] = tanh(sum[k](W[o, k] * x[k]) + b[o])""",
    ),
    "convolution": (
        "input x: real[2, 6, 7]",
        "y = Conv(3, 3, stride=2)(x)",
        """
        param K[3, 2, 3, 3] init he
        param b[3] init 0
        y[o, i, j] = b[o] + sum[c, u, v](K[o, c, u, v] * x[c, 2*i + u, 2*j + v])""",
    ),
    "convolution with a border": (
        "input x: real[2, 6, 6]",
        "y = Conv(3, 3, pad=1, act=relu)(x)",
        """
        param K[3, 2, 3, 3] init he
        param b[3] init 0
        q = border(x, 1)
        y[o, i, j] = relu(b[o] + sum[c, u, v](K[o, c, u, v] * q[c, i + u, j + v]))""",
    ),
    "convolution with a table": (
        "input x: real[2, 6, 6]",
        "y = Conv(3, 3, links=Who)(x)",
        """
        param K[o: 3, c: 2, 3, 3] init he where Who[c, o]
        param b[3] init 0
        y[o, i, j] = b[o] + sum[c, u, v](K[o, c, u, v] * x[c, i + u, j + v])""",
    ),
    "depthwise": (
        "input x: real[2, 6, 6]",
        "y = Depthwise(3, bias=false)(x)",
        """
        param K[2, 3, 3] init he
        y[c, i, j] = sum[u, v](K[c, u, v] * x[c, i + u, j + v])""",
    ),
    "maximum pooling": (
        "input x: real[2, 6, 6]",
        "y = MaxPool(2)(x)",
        "y[m, r, s] = max[a in 0..1, b in 0..1](x[m, 2*r + a, 2*s + b])",
    ),
    "mean pooling": (
        "input x: real[2, 6, 6]",
        "y = AvgPool(3, stride=1)(x)",
        "y[c, i, j] = mean[u in 0..2, v in 0..2](x[c, i + u, j + v])",
    ),
    "subsampling": (
        "input x: real[3, 6, 6]",
        "y = Subsample(2)(x)",
        """
        param coefficient[3] init 1 / 4
        param bias[3] init 0
        y[c, i, j] = bias[c] + coefficient[c] * sum[u in 0..1, v in 0..1](x[c, 2*i + u, 2*j + v])""",
    ),
    "attention": (
        "input x: real[4, 5]",
        "y = Attention(3)(x)",
        """
        param Q[3, 5], K[3, 5], V[3, 5] init glorot
        query[i, d] = sum[e](Q[d, e] * x[i, e])
        key[i, d] = sum[e](K[d, e] * x[i, e])
        value[i, d] = sum[e](V[d, e] * x[i, e])
        weight[i, j] = softmax[j, j <= i](sum[d](query[i, d] * key[j, d]) / sqrt(3))
        y[i, d] = sum[j](weight[i, j] * value[j, d])""",
    ),
    "layer norm": (
        "input x: real[5]",
        "y = LayerNorm()(x)",
        """
        param gain[5] init 1
        param shift[5] init 0
        centre = mean[i](x[i])
        spread = mean[i]((x[i] - centre)^2)
        y[k] = gain[k] * (x[k] - centre) / sqrt(spread + 0.00001) + shift[k]""",
    ),
}
LAYERS = """
table Who[2, 3]:
    X . X
    . X X

layer Subsample(k)(x: real[C, H, W]) -> y: real[C, H//k, W//k]:
    param a[C] init 1 / k^2
    param b[C] init 0
    y[c, i, j] = b[c] + a[c] * sum[u in 0..k-1, v in 0..k-1](x[c, k*i + u, k*j + v])

layer Attention(D)(x: real[T, E]) -> y: real[T, D]:
    param Q[D, E], K[D, E], V[D, E] init glorot
    q[t, d] = sum[e](Q[d, e] * x[t, e])
    k[t, d] = sum[e](K[d, e] * x[t, e])
    v[t, d] = sum[e](V[d, e] * x[t, e])
    attention a[t, s] = softmax[s, s <= t](sum[d](q[t, d] * k[s, d]) / sqrt(D))
    y[t, d] = sum[s](a[t, s] * v[s, d])
"""


def statements(header: str, body: str, training: bool) -> str:
    spec = netc.parse(f"{LAYERS}\nnet N:\n        {header}\n        {body}\n        loss size = sum(y^2)\n")
    net = spec.build()
    request = Request(True, Wanted(names=("y",)), tuple(net.params) if training else ())
    return anonymous(spec.session.compile("N", request).program)


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("training", [False, True], ids=["forward", "gradients"])
def test_by_hand_is_the_layer(name: str, training: bool) -> None:
    header, layer, by_hand = PAIRS[name]
    assert statements(header, layer, training) == statements(header, by_hand, training)


def test_names_and_the_order_of_the_text_do_not_matter() -> None:
    first = statements("input x: real[3]", "h = tanh(x)\n        y[k] = h[k] * x[k]", True)
    assert first == statements("input x: real[3]", "y[m] = z[m] * x[m]\n        z = tanh(x)", True)


def test_a_size_a_stride_and_a_first_value_matter() -> None:
    def text(size: int, stride: int, first: str) -> str:
        body = f"param K[{size}] init {first}\n        y[i in 0..2] = sum[u](K[u] * x[{stride}*i + u])"
        return statements("input x: real[9]", body, False)

    assert len({text(3, 1, "he"), text(2, 1, "he"), text(3, 2, "he"), text(3, 1, "glorot")}) == 4
