"""A beam goes on in the net's own loop: it finds what it finds when the net is run again for each symbol."""

from __future__ import annotations

from importlib.resources import files

import netc
import numpy as np
import pytest
from netc import specs
from netc.runtime.backends.backend import Bound
from netc.runtime.model import beam

TALK = """net Talk:
    input x: class(5)[1..S]
    input y: class(4)[1..T]
    param A[6, 5], B[6, 6], C[6, 4], D[4, 6] init normal(0, 1)
    h[0] = 0
    h[s] = tanh(A @ x[s] + B @ h[s-1])
    y[0] = 0
    g[0] = h[S]
    g[t] = tanh(C @ y[t-1] + B @ g[t-1])
    y[t] ~ softmax(D @ g[t])
"""
NEXT = """net Next:
    input x: class(5)[1..T]
    param A[6, 5], B[6, 6], D[5, 6] init normal(0, 1)
    h[0] = 0
    h[t] = tanh(A @ x[t] + B @ h[t-1])
    x[t+1] ~ softmax(D @ h[t])
"""
ATTENDING = """net Attending:
    input x: class(5)[1..T]
    param E[5, 6], Q[6, 6], K[6, 6], D[5, 6] init normal(0, 1)
    e[t] = E[x[t]]
    a[t, s] = softmax[s <= t]((Q @ e[t]) @ (K @ e[s]))
    o[t] = sum[s](a[t, s] * e[s])
    x[t+1] ~ softmax(D @ (o[t] + e[t]))
"""
APART = """net Apart:
    input u: real[1..T]
    input x: class(4)[1..T]
    param w[4] init normal(0, 1)
    z[t, k] = w[k] * u[t]
    x[t] ~ softmax(z[t])
"""


def found(net: netc.Net, monkeypatch: pytest.MonkeyPatch, again: bool, **settings: object) -> list[tuple[list[int], float]]:
    if again:
        monkeypatch.setattr(beam, "_loop", lambda *_: None)
    samples = net.sample(settings.pop("inputs", None), **settings)
    monkeypatch.undo()
    return [(s.values.tolist(), s.score or 0.0) for s in samples]


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        (TALK, {"inputs": {"x": [[1, 3, 2], [0, 0, 4]]}, "limit": 9}),
        (TALK, {"inputs": {"x": [[1, 3, 2]]}, "limit": 6, "stop": 2}),
        (NEXT, {"prompt": [3, 1], "limit": 8}),
        (ATTENDING, {"prompt": [2, 0, 1], "limit": 8}),
        (APART, {"inputs": {"u": [[1.0, -2.0, 0.5, 3.0]]}}),
    ],
    ids=["an answer", "with a stop symbol", "a text that goes on", "attention to all before", "no loop"],
)
@pytest.mark.parametrize("width", [1, 2, 5])
def test_the_loop_finds_what_running_again_finds(text: str, settings: dict[str, object], width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    net = netc.parse(text).build(dtype="float64", seed=4)
    one, other = (found(net, monkeypatch, again, beam=width, count=width, **settings) for again in (False, True))
    assert [v for v, _ in one] == [v for v, _ in other]
    np.testing.assert_allclose([s for _, s in one], [s for _, s in other], rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "inputs"),
    [("seq2seq_attention", {"x": [[5, 9, 12, 7], [3, 3, 8, 40]]}), ("captioning", {"image": np.random.default_rng(1).random((2, 3, 24, 24))})],
)
def test_the_nets_of_the_zoo_answer_alike(name: str, inputs: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    net = netc.load(str(files(specs) / "text" / f"{name}.net")).build(dtype="float64", seed=2)
    one, other = (found(net, monkeypatch, again, inputs=inputs, beam=3, limit=8) for again in (False, True))
    assert [v for v, _ in one] == [v for v, _ in other]
    np.testing.assert_allclose([s for _, s in one], [s for _, s in other], rtol=1e-11)


SHARED = {
    "every point": ("    x[t] ~ softmax(w[2])\n", {"inputs": {"u": [[1.0, 2.0, 3.0], [0.0, 1.0, 1.0]]}}),
    "behind a prompt": ("    x[t+1] ~ categorical(softmax(w[2]))\n", {"inputs": {"u": [[1.0, 2.0, 3.0, 4.0]] * 2}, "prompt": [1]}),
    "each point its own": (
        "    g[0] = 1\n    g[t in 1..T]: real[1..T] = g[t-1] + w[1, 0]\n    z[t, k] = g[t] * w[2, k]\n    x[t] ~ softmax(z[t])\n",
        {"inputs": {"u": [[1.0, 2.0, 3.0], [0.0, 1.0, 1.0]]}},
    ),
}


@pytest.mark.parametrize(("text", "settings"), SHARED.values(), ids=SHARED)
def test_probabilities_that_all_samples_share(text: str, settings: dict[str, object]) -> None:
    head = "net N:\n    input u: real[1..T]\n    input x: class(4)[1..T]\n    param w[1..2, 4] init normal(0, 1)\n    loss l = sum(u)\n"
    net = netc.parse(head + text).build(dtype="float64", seed=1)
    w = net.params.exact("w")
    g = 1 + w[1 - 1, 0] * np.arange(1, 4)[:, None] if "g[" in text else np.ones((3, 1))
    logits = g * w[1]
    chances = np.log(np.exp(logits) / np.exp(logits).sum(1, keepdims=True))
    everything = np.stack(np.meshgrid(*[np.arange(4)] * 3, indexing="ij"), -1).reshape(-1, 3)
    scores = chances[np.arange(3), everything].sum(1)
    samples = net.sample(beam=5, count=3, **settings)
    for found in (samples[:3], samples[3:]):
        np.testing.assert_allclose([s.score for s in found], np.sort(scores)[::-1][:3], rtol=1e-12)
        drawn = np.array([s.values[-3:] for s in found])
        np.testing.assert_allclose(chances[np.arange(3), drawn].sum(1), [s.score for s in found], rtol=1e-12)


def test_the_net_is_run_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: object) -> None:
        raise AssertionError("the whole net was run")

    net = netc.parse(TALK).build(dtype="float64", seed=4)
    monkeypatch.setattr(Bound, "run", run)
    assert len(net.sample({"x": [[1, 3, 2]]}, beam=4, limit=20)[0].values) <= 20
