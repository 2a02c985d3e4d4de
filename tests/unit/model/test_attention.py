"""Causal self-attention and the small transformer against the paper's equations, position by position."""

from __future__ import annotations

from typing import Any

import netc
import numpy as np
import pytest
from netc import specs

Arrays = dict[str, Any]


def softmax(z: Any) -> Any:
    e = np.exp(z - np.max(np.real(z)))
    return e / np.sum(e)


def surprise(z: Any, k: int) -> Any:
    """-log of the softmax of z at k."""
    m = np.max(np.real(z))
    return m + np.log(np.sum(np.exp(z - m))) - z[k]


def next_symbol(x: Any, z: Any) -> list[Any]:
    return [surprise(z[t], x[t + 1]) for t in range(len(x) - 1)]


def attend(q: Any, k: Any, v: Any) -> tuple[Any, list[Any]]:
    """Vaswani et al. 2017, equation 1, where position t sees the positions up to t."""
    weights, seen = [], []
    for t in range(len(q)):
        row = softmax(np.array([q[t] @ k[s] for s in range(t + 1)]) / np.sqrt(len(q[t])))
        weights.append(np.concatenate([row, np.zeros(len(q) - t - 1)]))
        seen.append(sum(row[s] * v[s] for s in range(t + 1)))
    return np.array(weights), seen


def one_head(p: Arrays, s: Arrays) -> tuple[Arrays, list[Any]]:
    x = p["E"][s["w"]] + p["P"][: len(s["w"])]
    a, seen = attend(x @ p["Q"].T, x @ p["K"].T, x @ p["R"].T)
    y = [one + more for one, more in zip(x, seen, strict=True)]
    z = [p["z.Dense.W"] @ one + p["z.Dense.b"] for one in y]
    return {"a": a, "y": np.array(y)}, next_symbol(s["w"], z)


def many_heads(p: Arrays, s: Arrays) -> tuple[Arrays, list[Any]]:
    x = p["E"][s["w"]] + p["P"][: len(s["w"])]
    y, weights = list(x), []
    for q, k, r, o in zip(p["Q"], p["K"], p["R"], p["O"], strict=True):
        a, seen = attend(x @ q.T, x @ k.T, x @ r.T)
        weights.append(a)
        y = [one + o @ more for one, more in zip(y, seen, strict=True)]
    z = [p["z.Dense.W"] @ one + p["z.Dense.b"] for one in y]
    return {"a": np.array(weights), "y": np.array(y)}, next_symbol(s["w"], z)


def norm(x: Any, g: Any, b: Any) -> Any:
    m = x.mean()
    return g * (x - m) / np.sqrt(((x - m) ** 2).mean() + 1e-5) + b


def gelu(x: Any) -> Any:
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def transformer(p: Arrays, s: Arrays) -> tuple[Arrays, list[Any]]:
    """Radford et al. 2019: norm, attention, residual; norm, two dense layers, residual; the embedding again at the end."""
    x = list(p["E"][s["w"]] + p["P"][: len(s["w"])])
    for block in range(2):
        own = {k.removeprefix(f"y.Block[{block}]."): a for k, a in p.items() if k.startswith(f"y.Block[{block}].")}
        m = {k.rsplit(".", 1)[1]: a for k, a in own.items() if k.startswith("m.")}
        u = [norm(one, own["u.LayerNorm.g"], own["u.LayerNorm.b"]) for one in x]
        r = [one + m["bo"] for one in x]
        for h in range(len(m["Wq"])):
            q, k, v = ([m[f"W{n}"][h] @ one + m[f"b{n}"][h] for one in u] for n in "qkv")
            r = [one + m["Wo"][h] @ more for one, more in zip(r, attend(q, k, v)[1], strict=True)]
        x = []
        for one in r:
            n = norm(one, own["y.LayerNorm.g"], own["y.LayerNorm.b"])
            f = gelu(own["y.FeedForward.y.Dense.W"] @ n + own["y.FeedForward.y.Dense.b"])
            x.append(one + own["y.FeedForward.y.Dense_2.W"] @ f + own["y.FeedForward.y.Dense_2.b"])
    n = [norm(one, p["n.LayerNorm.g"], p["n.LayerNorm.b"]) for one in x]
    return {"y": np.array(x), "n": np.array(n)}, next_symbol(s["w"], [p["E"] @ one for one in n])


def draw(rng: np.random.Generator, t: int) -> Arrays:
    return {"w": rng.integers(0, 5, t)}


NETS = {
    "one head": ("attention/self_attention.net", "OneHead", {"V": 5, "D": 3, "context": 5}, draw, one_head),
    "many heads": ("attention/self_attention.net", "ManyHeads", {"V": 5, "D": 4, "heads": 2, "context": 5}, draw, many_heads),
    "transformer": ("attention/transformer.net", "Transformer", {"V": 5, "D": 4, "L": 2, "heads": 2, "context": 5}, draw, transformer),
}  # fmt: skip
LENGTHS = [(1,), (2,), (3,), (1, 1), (2, 2), (1, 3), (3, 1, 5)]


@pytest.mark.parametrize("lengths", LENGTHS)
@pytest.mark.parametrize("name", NETS)
def test_values_are_those_of_the_equations(name: str, lengths: tuple[int, ...], trial: Any) -> None:
    trial(NETS[name], lengths).check_values()


@pytest.mark.parametrize("lengths", LENGTHS)
@pytest.mark.parametrize("name", NETS)
def test_gradients_are_those_of_the_equations(name: str, lengths: tuple[int, ...], trial: Any) -> None:
    trial(NETS[name], lengths).check_gradient()


@pytest.mark.parametrize("name", NETS)
def test_a_batch_is_its_samples_one_by_one(name: str, trial: Any) -> None:
    trial(NETS[name], (3, 1, 5, 2)).check_alone()


@pytest.mark.parametrize("name", NETS)
def test_what_lies_beyond_the_end_is_never_seen(name: str, trial: Any) -> None:
    trial(NETS[name], (3, 1, 5)).check_padding()


def test_nothing_is_read_from_the_future(trial: Any) -> None:
    """Changing a symbol changes no value before it."""
    t = trial(NETS["transformer"], (5,))
    before = t.net.evaluate(t.inputs, "n")["n"]
    t.samples[0]["w"][3] = (t.samples[0]["w"][3] + 1) % 5
    after = t.net.evaluate(t.inputs, "n")["n"]
    np.testing.assert_array_equal(after[0, :3], before[0, :3])
    assert (after[0, 3] != before[0, 3]).all()


def test_the_sizes_of_gpt2_small_give_its_parameters() -> None:
    sizes = {"V": 50257, "D": 768, "L": 12, "heads": 12, "context": 1024}
    report = netc.parse(specs.source("attention/transformer.net"), sizes).check()
    assert report.params == 124_439_808
