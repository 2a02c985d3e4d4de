"""Equations that begin elsewhere than their variable: shifted left sides and pieces, held against loops in plain NumPy."""

import netc
import numpy as np
import pytest

HEAD = """
net N:
    dim H = 3
    input x: real[1..T, 2]
    input y: real[3]
    param W[H, 2] init normal(0, 1)
    param U[H, H] init normal(0, 1)
"""
END = "    y ~ normal(h[{}], 1)\n"
LENGTHS = (1, 2, 3, 6)


def forward(W, U, x, first):  # type: ignore[no-untyped-def]
    """h[1] is given; h[t] = tanh(U h[t-1] + W x[t])."""
    h = [first(W, x)]
    for one in x[1:]:
        h.append(np.tanh(U @ h[-1] + W @ one))
    return np.array(h)


def ahead(W, U, x):  # type: ignore[no-untyped-def]
    """h[1] = 0; h[t+1] = tanh(U h[t] + W x[t]), from point 1 to T+1."""
    h = [np.zeros(3)]
    for one in x:
        h.append(np.tanh(U @ h[-1] + W @ one))
    return np.array(h)


def backward(W, U, x):  # type: ignore[no-untyped-def]
    """b[T] = 0; b[t-1] = tanh(U b[t] + W x[t]), from point 0 to T."""
    return ahead(W, U, x[::-1])[::-1]


def two_back(W, U, x):  # type: ignore[no-untyped-def]
    """h[1] = 1, h[2] = 0; h[t+2] = tanh(U h[t+1] - h[t] + W x[t]), from point 1 to T+2."""
    h = [np.ones(3), np.zeros(3)]
    for one in x:
        h.append(np.tanh(U @ h[-1] - h[-2] + W @ one))
    return np.array(h)


STEP = "tanh(U @ h[t-1] + W @ x[t])"
NETS = {
    "its own place ahead": ("    h[1] = 0\n    h[t+1] = tanh(U @ h[t] + W @ x[t])\n", "T+1", ahead),
    "its size declared": ("    h[1] = 0\n    h[t+1]: real[1..T+1, H] = tanh(U @ h[t] + W @ x[t])\n", "T+1", ahead),
    "what is read stands at its place": ("    h[0] = 0\n    h[t+1] = tanh(U @ h[t] + W @ x[t+1])\n", "T", ahead),
    "two variables": ("    h[1] = 0\n    z[1] = 0\n    z[t+1] = W @ x[t] + 0 * z[t]\n    h[t+1] = tanh(U @ h[t] + z[t+1])\n", "T+1", ahead),
    "backwards": ("    h[T] = 0\n    h[t-1] = tanh(U @ h[t] + W @ x[t])\n", "0", backward),
    "two steps": ("    h[1] = 1\n    h[2] = 0\n    h[t+2] = tanh(U @ h[t+1] - h[t] + W @ x[t])\n", "T+2", two_back),
    "a recurrence in pieces": (
        f"    h[1] = W @ x[1]\n    h[t in 2..T]: real[1..T, H] = {STEP}\n", "T", lambda W, U, x: forward(W, U, x, lambda W, x: W @ x[0])
    ),
    "no recurrence in pieces": (
        "    h[1] = x[1, 0] + 0 * W @ x[1]\n    h[t in 2..T]: real[1..T, H] = W @ x[t] - W @ x[t-1]\n", "T",
        lambda W, U, x: np.array([np.full(3, x[0, 0]), *((x[1:] - x[:-1]) @ W.T)]),
    ),
    "each piece with its range": (
        "    h[t in 1..T//2]: real[1..T, H] = W @ x[t]\n    h[t in T//2+1..T] = 2 * W @ x[t]\n", "T",
        lambda W, U, x: np.where(np.arange(len(x))[:, None] < len(x) // 2, 1, 2) * (x @ W.T),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "last", "tell"), NETS.values(), ids=NETS)
def test_values_and_gradients(text, last, tell) -> None:  # type: ignore[no-untyped-def]
    spec = netc.parse(HEAD + text + END.format(last))
    assert {p.code for p in spec.check().problems} <= {"W0222"}  # not all of the head is read
    net = spec.build(dtype="float64", seed=2)
    rng = np.random.default_rng(3)
    samples = [rng.normal(size=(n, 2)) for n in LENGTHS]
    W, U = net.params.exact("W"), net.params.exact("U")
    told = [tell(W, U, s) for s in samples]
    y = [rng.normal(size=3) for _ in samples]
    end = {"0": 0}.get(last, -1)
    want = np.mean([0.5 * np.log(2 * np.pi) + 0.5 * (a - t[end]) ** 2 for a, t in zip(y, told, strict=True)])
    g = net.gradient({"x": samples, "y": y}, training=False)
    assert g.loss == pytest.approx(want, rel=1e-12)
    step = 1e-6
    moved = U + step * np.eye(3), U - step * np.eye(3)
    up, down = (np.mean([0.5 * (a - tell(W, u, s)[end]) ** 2 for a, s in zip(y, samples, strict=True)]) for u in moved)
    assert np.trace(g.params["U"]) == pytest.approx((up - down) / (2 * step), abs=1e-8)
    assert netc.gradcheck(spec).worst < 1e-7


def test_a_cell_two_steps_ahead() -> None:
    text = "    h[1] = 0\n    c[1] = 0\n    h[2] = 0\n    c[2] = 0\n    cell = LSTMCell(H)\n    (h[t+2], c[t+2]) = cell(x[t], h[t+1], c[t])\n"
    assert netc.gradcheck(netc.parse(HEAD + text + END.format("T+2"))).worst < 1e-7


REFUSED = {
    "gap": (f"    h[1] = W @ x[1]\n    h[t in 3..T]: real[1..T, H] = {STEP}\n", "E0320", "`h` is (1..T)×3, and no equation gives `h[2]`"),
    "gap in the middle": (
        "    h[t in 1..T//2]: real[1..T, H] = W @ x[t]\n    h[t in T//2+2..T] = W @ x[t]\n", "E0320",
        "`h` is (1..T)×3, and no equation gives `h[T//2+1]`",
    ),
    "twice": ("    h[1] = W @ x[1]\n    h[t] = 2 * W @ x[t]\n", "E0319", "`h[1]` is given twice"),
    "twice in a recurrence": (f"    h[0] = 0\n    h[1] = W @ x[1]\n    h[t] = {STEP}\n", "E0319", "`h[1]` is given twice"),
    "twice for some lengths": (
        "    h[1] = W @ x[1]\n    h[T] = 0\n    h[t in 2..T-1]: real[1..T, H] = W @ x[t]\n", "E0319", "`h[T]` is given twice for some lengths",
    ),
    "beyond the type": (
        "    h[1] = 0\n    h[t in 2..T+1]: real[1..T, H] = W @ x[t-1]\n", "E0304", "`h` is declared as (1..T)×3, and this gives (2..T+1)×3",
    ),
    "no type": ("    h[t in 1..T//2] = W @ x[t]\n    h[t in T//2+1..T] = W @ x[t]\n", "E0202", "`h` is defined twice"),
    "ahead, without a beginning": (
        "    h[t+1] = tanh(U @ h[t] + W @ x[t])\n", "E0313", "`h` is computed from itself, and nothing gives `h[1]`",
    ),
    "ahead, and two ranges": (
        "    h[1] = 0\n    h[t+1] = tanh(U @ h[t] + W @ x[t] + W @ x[t+1])\n", "E0307", "index `t` runs over two different ranges",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "code", "message"), REFUSED.values(), ids=REFUSED)
def test_pieces_that_do_not_fit(text: str, code: str, message: str) -> None:
    problems = netc.parse(HEAD + text + END.format("T")).check().problems
    assert [(p.code, p.diagnose().message) for p in problems] == [(code, message)]


def test_the_same_number_may_be_given_twice() -> None:
    text = "net N:\n    input x: real[2..4, 2..4]\n    g[1, j]: real[1..4, 1..4] = 3\n    g[i, 1] = 3\n    g[i in 2..4, j in 2..4] = x[i, j] + g[i-1, j-1]\n    output g\n"
    assert netc.parse(text).check().ok
    x = np.arange(9.0).reshape(1, 3, 3)
    g = netc.parse(text).build(dtype="float64").evaluate({"x": x}, "g")["g"][0]
    want = np.full((4, 4), 3.0)
    for i in range(1, 4):
        for j in range(1, 4):
            want[i, j] = x[0, i - 1, j - 1] + want[i - 1, j - 1]
    assert np.array_equal(g, want)
    twice = netc.parse(text.replace("g[i, 1] = 3", "g[i, 1] = 4")).check().problems
    assert [p.diagnose().message for p in twice] == ["`g[1, 1]` is given twice"]


def test_pieces_that_lie_beside_each_other_behind_the_end_of_one() -> None:
    text = """
net N:
    input x: real[1..T, 4]
    h[t in 1..T//2, d]: real[1..T, 4] = x[t, d]
    h[t in T//2+1..T, d in 0..1] = -x[t, d]
    h[t in T//2+1..T-1, d in 2..3] = 10 * x[t, d]
    h[T, d in 2..3] = 7
    loss l = sum(h * h)
"""
    net = netc.parse(text).build(dtype="float64")
    samples = [np.arange(1.0, 4 * n + 1).reshape(n, 4) for n in (2, 3, 6, 7)]
    for got, x in zip(net.evaluate({"x": samples}, "h")["h"], samples, strict=True):
        want = x.copy()
        want[len(x) // 2 :, :2] *= -1
        want[len(x) // 2 :, 2:] *= 10
        want[-1, 2:] = 7
        assert np.array_equal(got[: len(x)], want)
    assert net.gradient({"x": samples}).loss == pytest.approx(np.mean([net.gradient({"x": [x]}).loss for x in samples]), rel=1e-12)


def test_pointers_into_a_sequence_are_said_to_be_missing() -> None:
    text = "net N:\n    input x: real[1..T]\n    input p: index(1..T)[1..T]\n    y[t] = x[p[t]]\n    output y\n"
    (problem,) = netc.parse(text).check().problems
    assert (problem.code, problem.span.text) == ("E0501", "index(1..T)[1..T]")
    fixed = netc.parse(text.replace("1..T", "1..3")).build(dtype="float64")
    assert fixed.evaluate({"x": [[5.0, 6, 7]], "p": [[3, 1, 1]]}, "y")["y"].tolist() == [[7, 5, 5]]


SYMBOLS = """
net N:
    dim H = 6, V = 5
    input x: class(V)[1..T]
    param W[H, V], U[H, H], O[V, H] init normal(0, 0.6)
{}
train:
    data = arrays("x.npz")
    optimizer = sgd(0.1)
    batch = 3
    epochs = 2
    bptt = 4
"""
PLAIN = """
    h[0] = 0
    gate z[t] = sigmoid(W @ x[t] + U @ h[t-1])
    h[t] = z[t] * h[t-1] + (1 - z[t]) * tanh(W @ x[t])
    x[t+1] ~ softmax(O @ h[t])
"""
SHIFTED = """
    h[1] = 0
    gate z[t+1] = sigmoid(W @ x[t] + U @ h[t])
    h[t+1] = z[t+1] * h[t] + (1 - z[t+1]) * tanh(W @ x[t])
    p[t in 1..T] = O @ h[t+1]
    x[t+1] ~ softmax(p[t])
"""


def test_a_shifted_net_is_the_same_net_in_chunks_too() -> None:
    rng = np.random.default_rng(0)
    data = {"x": [rng.integers(0, 5, n) for n in (3, 9, 14, 1, 6, 11)]}
    found = []
    for text in (PLAIN, SHIFTED):
        spec = netc.parse(SYMBOLS.format(text))
        assert {p.code for p in spec.check().problems} <= {"W0222"}  # not all of the head is read
        g = spec.build(dtype="float64", seed=3).gradient(data)
        net = netc.train(spec, data=data, precision="float64", seed=3).net
        found.append((g, {n: net.params.exact(n) for n in net.params}))
    (plain, trained), (shifted, other) = found
    assert shifted.loss == pytest.approx(plain.loss, rel=1e-13)
    for name, values in plain.params.items():
        np.testing.assert_allclose(shifted.params[name], values, rtol=0, atol=1e-14)
        np.testing.assert_allclose(other[name], trained[name], rtol=0, atol=1e-14)
