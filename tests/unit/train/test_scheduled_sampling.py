"""Nets that read their own draws in training, held against loops in plain NumPy with the same random numbers."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import netc
import numpy as np
import pytest
from netc.compiler.diagnostics.error import NetcError
from netc.compiler.pipeline import Request
from netc.compiler.rewrites import Wanted
from netc.compiler.settings import Schedule
from netc.compiler.variants.feed_draws import SHARE
from netc.runtime.model.inputs import prepare
from netc.runtime.train.rates import rate_at

CHAR = """net Char:
    dim V = 5, H = 4
    input x: class(V)[1..T]
    param A[H, V], B[H, H], C[V, H] init normal(0, 1)
    h[0] = 0
    h[t] = tanh(A @ x[t] + B @ h[t-1])
    x[t+1] ~ softmax(C @ h[t])
"""
BEGUN = """net Begun:
    dim V = 5, H = 4
    input x: class(V)[1..T]
    input seen: bool[1..T]
    param A[H, V], B[H, H], C[V, H] init normal(0, 1)
    x[0] = 0
    h[0] = 0
    h[t] = tanh(A @ x[t-1] + B @ h[t-1])
    x[t] ~ softmax(C @ h[t]) where seen[t]
"""
WALK = """net Walk:
    input x: real[1..T]
    param a, b init normal(0, 1)
    x[t+1] ~ normal(a * x[t] + b, 0.5)
"""
SYMBOLS = np.array([[0, 3, 1, 4, 2, 2], [1, 1, 0, 3, 4, 2], [4, 2, 0, 0, 1, 3]])


def built(text: str, seed: int = 3) -> netc.Net:
    return netc.parse(text).build(dtype="float64", seed=seed)


def stepped(net: netc.Net, inputs: dict[str, object], share: float, noise: dict[str, np.ndarray], *names: str) -> tuple[float, dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Loss, gradients and values of one step that reads draws, with these random numbers."""
    samples = prepare(inputs, net.inputs, set())
    samples.arrays[SHARE] = np.full(samples.batch, share)
    request = Request(True, Wanted(metrics=False, names=names), tuple(net.params), feeding=True)
    compiled, bound = net.engine.run(request, samples, noise=noise)
    program = compiled.program
    slopes = {v.name: bound.read(g) for v, g in program.gradients.items()}
    return float(bound.read(program.loss)), slopes, {n: bound.read(v) for n, v in program.values.items()}


def differences(loss: Callable[[dict[str, np.ndarray]], float], params: dict[str, np.ndarray], step: float = 1e-5) -> dict[str, np.ndarray]:
    """Central differences of a loss in every parameter."""
    found = {}
    for name, values in params.items():
        slope = np.zeros_like(values)
        for place in np.ndindex(values.shape):
            up, down = ({n: p.copy() for n, p in params.items()} for _ in range(2))
            up[name][place] += step
            down[name][place] -= step
            slope[place] = (loss(up) - loss(down)) / (2 * step)
        found[name] = slope
    return found


def gumbel(u: np.ndarray) -> np.ndarray:
    return -np.log(-np.log(u))


def minus_log(z: np.ndarray, y: int) -> float:
    return float(np.log(np.exp(z - z.max()).sum()) + z.max() - z[y])


# ---- against loops ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_a_net_reads_its_own_draws_as_a_loop_by_hand_does(share: float) -> None:
    net = built(CHAR)
    rng = np.random.default_rng(8)
    u, coin = rng.uniform(size=(3, 5, 5)), rng.uniform(size=(3, 5))
    params = {n: net.params.exact(n) for n in net.params}

    def read(p: dict[str, np.ndarray]) -> np.ndarray:
        fed = SYMBOLS.copy()
        for k in range(3):
            h = np.zeros(4)
            for t in range(5):
                h = np.tanh(p["A"][:, fed[k, t]] + p["B"] @ h)
                if coin[k, t] < share:
                    fed[k, t + 1] = np.argmax(p["C"] @ h + gumbel(u[k, t]))
        return fed

    fed = read(params)

    def loss(p: dict[str, np.ndarray]) -> float:
        total = 0.0
        for k in range(3):
            h = np.zeros(4)
            for t in range(5):
                h = np.tanh(p["A"][:, fed[k, t]] + p["B"] @ h)
                total += minus_log(p["C"] @ h, SYMBOLS[k, t + 1])
        return total / 15

    found, slopes, values = stepped(net, {"x": SYMBOLS}, share, {"x.draw": u, "x.coin.draw": coin}, "x.fed")
    assert values["x.fed"].tolist() == fed.tolist() != SYMBOLS.tolist()
    np.testing.assert_allclose(found, loss(params), rtol=1e-12)
    for name, slope in differences(loss, params).items():
        np.testing.assert_allclose(slopes[name], slope, rtol=1e-6, atol=1e-8)


def test_what_does_not_count_is_read_as_given_and_the_loss_stays_that_of_the_data() -> None:
    net = built(BEGUN)
    rng = np.random.default_rng(9)
    u, coin = rng.uniform(size=(3, 6, 5)), rng.uniform(size=(3, 6))
    seen = np.array([[0, 0, 1, 1, 1, 1], [0, 1, 1, 1, 0, 0], [1, 1, 1, 1, 1, 1]], bool)
    p = {n: net.params.exact(n) for n in net.params}
    fed, total = SYMBOLS.copy(), 0.0
    for k in range(3):
        h, last = np.zeros(4), 0
        for t in range(6):
            h = np.tanh(p["A"][:, last] + p["B"] @ h)
            if seen[k, t]:
                total += minus_log(p["C"] @ h, SYMBOLS[k, t])
                fed[k, t] = np.argmax(p["C"] @ h + gumbel(u[k, t]))
            last = fed[k, t]
    found, _, values = stepped(net, {"x": SYMBOLS, "seen": seen}, 1.0, {"x.draw": u, "x.coin.draw": coin}, "x.fed")
    assert values["x.fed"].tolist() == fed.tolist()
    np.testing.assert_allclose(found, total / seen.sum(), rtol=1e-12)


def test_a_number_that_is_drawn_passes_no_gradient_on() -> None:
    net = built(WALK)
    rng = np.random.default_rng(4)
    x, n, coin = rng.normal(size=(2, 6)), rng.normal(size=(2, 5)), np.zeros((2, 5))
    params = {k: net.params.exact(k) for k in net.params}
    fed = x.copy()
    for t in range(5):
        fed[:, t + 1] = params["a"] * fed[:, t] + params["b"] + 0.5 * n[:, t]

    def loss(p: dict[str, np.ndarray]) -> float:
        error = (x[:, 1:] - (p["a"] * fed[:, :-1] + p["b"])) / 0.5
        return float(np.mean(0.5 * error**2 + math.log(0.5) + 0.5 * math.log(2 * math.pi)))

    found, slopes, _ = stepped(net, {"x": x}, 1.0, {"x.draw": n, "x.coin.draw": coin})
    np.testing.assert_allclose(found, loss(params), rtol=1e-12)
    for name, slope in differences(loss, params).items():
        np.testing.assert_allclose(slopes[name], slope, rtol=1e-6, atol=1e-8)


def test_a_batch_of_different_lengths_is_its_samples_one_by_one() -> None:
    net = built(CHAR)
    rng = np.random.default_rng(5)
    u, coin = rng.uniform(size=(3, 5, 5)), rng.uniform(size=(3, 5))
    rows = [SYMBOLS[0], SYMBOLS[1][:3], SYMBOLS[2][:5]]
    together = stepped(net, {"x": rows}, 0.7, {"x.draw": u, "x.coin.draw": coin}, "x.fed")
    alone = []
    for k, row in enumerate(rows):
        points = len(row) - 1
        alone.append(stepped(net, {"x": row[None]}, 0.7, {"x.draw": u[k : k + 1, :points], "x.coin.draw": coin[k : k + 1, :points]}, "x.fed"))
        assert together[2]["x.fed"][k, : len(row)].tolist() == alone[k][2]["x.fed"][0].tolist()
    counts = [len(r) - 1 for r in rows]
    np.testing.assert_allclose(together[0], np.average([a[0] for a in alone], weights=counts), rtol=1e-12)
    for name in net.params:
        np.testing.assert_allclose(together[1][name], np.average([a[1][name] for a in alone], axis=0, weights=counts), atol=1e-12)


def test_a_transformer_reads_its_own_draws() -> None:
    """Without draws in reach the program gives what the ordinary one gives."""
    text = """net Attends:
    dim V = 5, D = 4
    input x: class(V)[1..T]
    param E[V, D], Q[D, D], K[D, D], C[V, D] init normal(0, 1)
    e[t] = E[x[t]]
    q[t] = Q @ e[t]
    k[t] = K @ e[t]
    attention a[t, s] = softmax[s <= t](q[t] @ k[s])
    o[t] = sum[s](a[t, s] * e[s])
    x[t+1] ~ softmax(C @ o[t])
"""
    net = built(text)
    rng = np.random.default_rng(5)
    noise = {"x.draw": rng.uniform(size=(3, 5, 5)), "x.coin.draw": np.full((3, 5), 0.5)}
    found, slopes, values = stepped(net, {"x": SYMBOLS}, 0.25, noise, "x.fed")
    plain = net.gradient({"x": SYMBOLS})
    assert values["x.fed"].tolist() == SYMBOLS.tolist()
    np.testing.assert_allclose(found, plain.loss, rtol=1e-12)
    for name, slope in plain.params.items():
        np.testing.assert_allclose(slopes[name], slope, atol=1e-12)
    read = stepped(net, {"x": SYMBOLS}, 1.0, noise, "x.fed")[2]["x.fed"]
    best = net.evaluate({"x": read}, "x.prediction")["x.prediction"]
    drawn = np.argmax(np.log(best) + gumbel(noise["x.draw"]), -1)
    assert read[:, 1:].tolist() == drawn.tolist()


# ---- training --------------------------------------------------------------------------------------------------------

LEARNS = """net Reber:
    dim H = 12
    input symbol: class(7)[1..T]
    h[0] = 0
    param A[H, 7], B[H, H] init glorot
    h[t] = tanh(A @ symbol[t] + B @ h[t-1])
    symbol[t+1] ~ softmax(Dense(7)(h[t]))
train:
    data = reber(embedded=false, samples=120)
    optimizer = adam(0.02)
    batch = 10
    epochs = 3
"""


def trained(text: str = LEARNS, **settings: object) -> netc.Run:
    return netc.train(netc.parse(text), **settings)


def params_of(run: netc.Run) -> list[list[float]]:
    return [np.asarray(run.net.params[n]).ravel().tolist() for n in run.net.params]


def test_a_share_of_0_is_ordinary_training_bit_for_bit() -> None:
    assert params_of(trained(scheduled_sampling=0)) == params_of(trained()) != params_of(trained(scheduled_sampling=0.3))


def test_a_net_that_reads_its_draws_learns() -> None:
    run = trained(scheduled_sampling="linear(0, 0.25)", epochs=6)
    assert [round(e["share_of_draws"], 3) for e in run.history][-1] == 0.25
    assert run.history[-1]["validation_loss"] < 0.7 * run.history[0]["validation_loss"]


@pytest.mark.parametrize("chunks", [{}, {"bptt": 4, "batch": 5}])
def test_an_interrupted_training_goes_on_bit_for_bit(tmp_path: Path, chunks: dict[str, object]) -> None:
    settings = {"scheduled_sampling": "inverse_sigmoid(10)", "epochs": 2, **chunks}
    whole = trained(**settings)
    first = trained(**{**settings, "epochs": 1, "scheduled_sampling": "inverse_sigmoid(10)"}, out=tmp_path / "run")
    assert first.outcome.position.epoch == 1
    second = netc.train(resume=tmp_path / "run", epochs=2)
    assert params_of(whole) == params_of(second)
    assert json.loads((tmp_path / "run" / "run.json").read_text())["settings"]["scheduled_sampling"]["value"] == "inverse_sigmoid(10)"


def test_the_schedules_of_the_paper() -> None:
    k = 20.0
    steps = [0, 1, 50, 10**6]
    assert [rate_at(Schedule("exponential", (0.9,)), i, 0, 0) for i in steps] == [1 - 0.9**i for i in steps]
    np.testing.assert_allclose(
        [rate_at(Schedule("inverse_sigmoid", (k,)), i, 0, 0) for i in steps], [1 - k / (k + math.exp(min(i / k, 700))) for i in steps], rtol=1e-15
    )
    assert [rate_at(Schedule("linear", (0.0, 0.25)), 0, 0, q) for q in (0, 0.5, 1)] == [0, 0.125, 0.25]


# ---- what cannot be ----------------------------------------------------------------------------------------------------


def problems(text: str, value: str = "0.5") -> list[tuple[str, str, str]]:
    checked = netc.parse(f"{text}train:\n    scheduled_sampling = {value}\n").check()
    return [(p.code, p.diagnose().message, p.span.text) for p in checked.problems]


def test_a_net_that_reads_nothing_it_predicts_has_no_draws_to_read() -> None:
    tagger = "net Tagger:\n    input x: class(4)[1..T]\n    input y: class(3)[1..T]\n    param W[3, 4] init glorot\n    y[t] ~ softmax(W @ x[t])\n"
    message = "this net cannot read its own draws: it reads nothing that it predicts along a length"
    assert problems(tagger) == [("E0521", message, "scheduled_sampling = 0.5")]
    single = "net One:\n    input x: real[3]\n    input y: class(2)\n    y ~ softmax(Dense(2)(x))\n"
    assert problems(single) == [("E0521", message, "scheduled_sampling = 0.5")]


def test_a_net_that_looks_ahead_has_no_order() -> None:
    text = CHAR + "    b[T+1] = 0\n    b[t] = tanh(A @ x[t] + B @ b[t+1])\n    x[t+1] ~ softmax(C @ b[t])\n"
    text = text.replace("    x[t+1] ~ softmax(C @ h[t])\n", "")
    message = "this net cannot read its own draws: `b` reads later points of `b`, which depend on symbols still to be drawn"
    assert problems(text) == [("E0521", message, "b[t] = tanh(A @ x[t] + B @ b[t+1])")]


def test_counts_cannot_be_drawn() -> None:
    text = "net Counts:\n    input x: real[1..T]\n    param w init 0.1\n    x[t+1] ~ poisson(exp(w * x[t]))\n"
    message = "this net cannot read its own draws: `x` cannot be drawn, for netc cannot draw from `poisson`"
    assert problems(text) == [("E0521", message, "x[t+1] ~ poisson(exp(w * x[t]))")]


@pytest.mark.parametrize("value", ["1.5", "-0.1", "linear(0, 2)", "exponential(1)", "inverse_sigmoid(0.5)", "nan", "steps([0], [2])"])
def test_a_share_is_a_probability(value: str) -> None:
    assert [code for code, _, _ in problems(CHAR, value)] == ["E0703"]


@pytest.mark.parametrize(("value", "code"), [("exponential(0.5, 1)", "E0708"), ("warmup(3, 0.1)", "E0709")])
def test_a_share_changes_by_a_rule_of_its_own(value: str, code: str) -> None:
    assert [found for found, _, _ in problems(CHAR, value)] == [code]


def test_training_refuses_before_anything_runs() -> None:
    with pytest.raises(NetcError) as caught:
        netc.train(netc.parse("net One:\n    input x: real[2]\n    input y: class(2)\n    y ~ softmax(Dense(2)(x))\n"), data="xor", scheduled_sampling=0.5)
    assert [p.code for p in caught.value.problems] == ["E0521"]
