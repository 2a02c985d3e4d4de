"""Nets that read and write texts, with attention or without: values and gradients against their equations as loops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

Arrays = dict[str, Any]


def sigmoid(a: Any) -> Any:
    return 1 / (1 + np.exp(-a))


def softmax(z: Any) -> Any:
    e = np.exp(z - np.max(np.real(z)))
    return e / np.sum(e)


def surprise(z: Any, k: int) -> Any:
    """-log of the softmax of z at k."""
    m = np.max(np.real(z))
    return m + np.log(np.sum(np.exp(z - m))) - z[k]


def part(p: Arrays, prefix: str) -> Arrays:
    """The parameters below a path, by the rest of their paths."""
    return {path.removeprefix(prefix): a for path, a in p.items() if path.startswith(prefix)}


def symbols(**sizes: int) -> Callable[[np.random.Generator, int], Arrays]:
    return lambda rng, t: {name: rng.integers(0, n, t) for name, n in sizes.items()}


def gru_step(p: Arrays, x: Any, h: Any) -> Any:
    """Cho et al. 2014."""
    z = sigmoid(p["Wz"] @ x + p["Uz"] @ h + p["bz"])
    r = sigmoid(p["Wr"] @ x + p["Ur"] @ h + p["br"])
    return (1 - z) * h + z * np.tanh(p["Wn"] @ x + p["Un"] @ (r * h) + p["bn"])


def gru(p: Arrays, x: Any, h: Any = None) -> list[Any]:
    h = np.zeros(len(p["bz"])) if h is None else h
    states = []
    for xt in x:
        h = gru_step(p, xt, h)
        states.append(h)
    return states


def gru_after(p: Arrays, x: Any) -> list[Any]:
    """Chung et al. 2014: the reset gate acts on what the product gives."""
    h = np.zeros(len(p["bz"]))
    states = []
    for xt in x:
        z = sigmoid(p["Wz"] @ xt + p["Uz"] @ h + p["bz"])
        r = sigmoid(p["Wr"] @ xt + p["Ur"] @ h + p["br"])
        h = (1 - z) * h + z * np.tanh(p["Wn"] @ xt + r * (p["Un"] @ h + p["cn"]) + p["bn"])
        states.append(h)
    return states


def lstm_step(p: Arrays, x: Any, h: Any, c: Any) -> tuple[Any, Any]:
    i, f, o, g = (p[f"W{k}"] @ x + p[f"U{k}"] @ h + p[f"b{k}"] for k in "ifog")
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def next_symbol(x: Any, z: Any) -> list[Any]:
    return [surprise(z[t], x[t + 1]) for t in range(len(x) - 1)]


def told(y: Any, z: Any) -> list[Any]:
    return [surprise(a, k) for a, k in zip(z, y, strict=True)]


# ---- language models ----------------------------------------------------------------------------------------------------
def char_lstm(p: Arrays, s: Arrays) -> tuple[Arrays, list[Any]]:
    own = part(p, "m.LSTM.h.LSTMCell.")
    h = c = np.zeros(len(own["bi"]))
    z = []
    for k in s["x"]:
        h, c = lstm_step(own, p["E"][k], h, c)
        z.append(p["z.Dense.W"] @ h + p["z.Dense.b"])
    return {"z": np.array(z)}, next_symbol(s["x"], z)


def lstm_lm(p: Arrays, s: Arrays) -> tuple[Arrays, list[Any]]:
    h = c = np.zeros(p["E"].shape[1])
    states, z = [], []
    for k in s["x"]:
        h, c = lstm_step(p, p["E"][k], h, c)
        states.append(h)
        z.append(p["V'"] @ h + p["b"])
    return {"h": np.array(states), "z": np.array(z)}, told(s["y"], z)


def mut1_lm(p: Arrays, s: Arrays) -> tuple[Arrays, list[Any]]:
    h = np.zeros(len(p["bh"]))
    states, o = [], []
    for k in s["x"]:
        x = p["E"][k]
        z = sigmoid(p["Wxz"] @ x + p["bz"])
        r = sigmoid(p["Wxr"] @ x + p["Whr"] @ h + p["br"])
        h = np.tanh(p["Whh"] @ (r * h) + np.tanh(p["Wx"] @ x) + p["bh"]) * z + h * (1 - z)
        states.append(h)
        o.append(p["V'"] @ h + p["b"])
    return {"h": np.array(states), "o": np.array(o)}, told(s["y"], o)


def names(p: Arrays, s: Arrays) -> tuple[Arrays, list[Any]]:
    state = np.zeros(len(p["b"]))
    states, z = [], []
    for k in [0, *s["w"][:-1]]:
        x = p["E"][k]
        g = sigmoid(p["Wg"] @ x + p["Ug"] @ state + p["bg"])
        state = g * np.tanh(p["W"] @ x + p["U"] @ state + p["b"]) + (1 - g) * state
        states.append(state)
        z.append(p["O"] @ state + p["c"])
    return {"s": np.array(states), "z": np.array(z)}, told(s["w"], z)


def words(p: Arrays, s: Arrays) -> tuple[Arrays, list[Any]]:
    h = gru(part(p, "h.Reader.h.GRU.h.GRUCell."), p["h.Reader.E"][s["word"]])
    z = [p["z.Dense.W"] @ a + p["z.Dense.b"] for a in h]
    return {"h": np.array(h)}, told(s["tag"], z) if "tag" in s else next_symbol(s["word"], z)


def tied(p: Arrays, s: Arrays) -> tuple[Arrays, list[Any]]:
    h = gru(part(p, "h.GRU.h.GRUCell."), p["E"][[0, *s["w"][:-1]]])
    return {"h": np.array(h)}, told(s["w"], [p["E"] @ a + p["b"] for a in h])


def balanced(p: Arrays, s: Arrays) -> tuple[Arrays, list[Any]]:
    h = gru(part(p, "h.GRU.h.GRUCell."), p["E"][s["x"]])
    z = p["E"][-2:] @ h[-1] + p["b"]
    return {"h": np.array(h), "z": z}, [surprise(z, s["y"])]


def cbow(p: Arrays, s: Arrays) -> tuple[Arrays, list[Any]]:
    z = sum(p["V"][k] for k in s["context"])
    scores = p["V"] @ z
    return {"z": z, "p": softmax(scores)}, [surprise(scores, s["word"])]


def two_matrices(p: Arrays, s: Arrays) -> tuple[Arrays, list[Any]]:
    h = sum(p["In"][k] for k in s["context"]) / len(s["context"])
    return {"h": h}, [surprise(p["Out"] @ h, s["word"])]


BOTH_WAYS = """
net BothWays:
    input x: real[1..T, 2]
    input y: class(4)[1..T]
    before = x -> BiGRU(2)
    after = before -> BiGRU(2, after=true)
    y[t] ~ softmax(after[t])
"""


def both_ways(p: Arrays, s: Arrays) -> tuple[Arrays, list[Any]]:
    f, b = (gru(part(p, f"before.BiGRU.{d}.GRUCell."), x) for d, x in (("f", s["x"]), ("b", s["x"][::-1])))
    before = [np.concatenate(pair) for pair in zip(f, b[::-1], strict=True)]
    f, b = (gru_after(part(p, f"after.BiGRU.{d}.GRUCell."), x) for d, x in (("f", before), ("b", before[::-1])))
    after = [np.concatenate(pair) for pair in zip(f, b[::-1], strict=True)]
    return {"before": np.array(before), "after": np.array(after)}, told(s["y"], after)


# ---- from one sequence to another ---------------------------------------------------------------------------------------
def seq2seq(p: Arrays, s: Arrays) -> tuple[Arrays, list[Any]]:
    v = gru(part(p, "h.GRUCell."), p["Ex"][s["x"]])[-1]
    before = p["Ey"][[0, *s["y"][:-1]]]
    d = gru(part(p, "d.GRUCell."), [np.concatenate([e, v]) for e in before], v)
    z = [p["z.Dense.W"] @ a + p["z.Dense.b"] for a in d]
    return {"v": v, "d": np.array(d), "z": np.array(z)}, told(s["y"], z)


def translate(p: Arrays, s: Arrays) -> tuple[Arrays, list[Any]]:
    """Bahdanau et al. 2015, appendix A.1 and A.2."""
    x = p["Ex"][s["x"]]
    b = gru(part(p, "b.GRUCell."), x[::-1])[::-1]
    h = [np.concatenate(pair) for pair in zip(gru(part(p, "f.GRUCell."), x), b, strict=True)]
    d = np.tanh(p["Wd"] @ b[0] + p["bd"])
    weights, states, z = [], [], []
    for k in [0, *s["y"][:-1]]:
        a = softmax(np.array([p["va"] @ np.tanh(p["Wa"] @ d + p["Ua"] @ one) for one in h]))
        c = sum(w * one for w, one in zip(a, h, strict=True))
        e = p["Ey"][k]
        d = gru_step(part(p, "d.GRUCell."), np.concatenate([e, c]), d)
        weights.append(a)
        states.append(d)
        z.append(p["z.Dense.W"] @ np.concatenate([d, e, c]) + p["z.Dense.b"])
    return {"a": np.array(weights), "d": np.array(states), "z": np.array(z)}, told(s["y"], z)


def conv(x: Any, k: Any, b: Any) -> Any:
    """3 x 3, padded by 1, then ReLU (of the real part, so that complex steps pass)."""
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1)))
    rows, columns = x.shape[1:]
    y = np.array(
        [[np.tensordot(k, padded[:, i : i + 3, j : j + 3], 3) + b for j in range(columns)] for i in range(rows)]
    )
    return np.moveaxis(np.where(np.real(y) > 0, y, 0), 2, 0)


def pool(x: Any) -> Any:
    """The largest of each 2 x 2 block."""
    c, h, w = x.shape
    blocks = x.reshape(c, h // 2, 2, w // 2, 2).swapaxes(2, 3).reshape(c, h // 2, w // 2, 4)
    best = np.argmax(np.real(blocks), axis=3)
    return np.take_along_axis(blocks, best[..., None], 3)[..., 0]


def caption(p: Arrays, s: Arrays) -> tuple[Arrays, list[Any]]:
    seen = pool(conv(s["image"], p["seen.Conv.K"], p["seen.Conv.b"]))
    seen = pool(conv(seen, p["seen.Conv_2.K"], p["seen.Conv_2.b"]))
    v = p["v.Dense.W"] @ seen.reshape(-1) + p["v.Dense.b"]
    cell = part(p, "cell.")
    zero = np.zeros(len(cell["bi"]))
    h, c = lstm_step(cell, v, zero, zero)
    states, z = [], []
    for k in [0, *s["w"][:-1]]:
        h, c = lstm_step(cell, p["Emb"][k], h, c)
        states.append(h)
        z.append(p["z.Dense.W"] @ h + p["z.Dense.b"])
    return {"v": v, "h": np.array(states), "z": np.array(z)}, told(s["w"], z)


def pair(rng: np.random.Generator, t: int) -> Arrays:
    """A source of another length than its target."""
    return {"x": rng.integers(0, 5, 6 - t), "y": rng.integers(0, 4, t)}


def picture(rng: np.random.Generator, t: int) -> Arrays:
    return {"image": rng.normal(size=(3, 4, 4)), "w": rng.integers(0, 5, t)}


def points(rng: np.random.Generator, t: int) -> Arrays:
    return {"x": rng.normal(size=(t, 2)), "y": rng.integers(0, 4, t)}


def bracketed(rng: np.random.Generator, t: int) -> Arrays:
    return {"x": rng.integers(0, 4, t), "y": rng.integers(0, 2)}


def window(rng: np.random.Generator, _: int) -> Arrays:
    return {"context": rng.integers(0, 5, 4), "word": rng.integers(0, 5)}


TEXTS = {
    "character LSTM": ("text/char_lstm.net", "CharLSTM", {"V": 5, "X": 3, "H": 2}, symbols(x=5), char_lstm),
    "LSTM to time": ("text/lstm_lm.net", "LSTMLanguageModel", {"V": 5, "H": 3}, symbols(x=5, y=5), lstm_lm),
    "MUT1 to time": ("text/mut1_lm.net", "MUT1LanguageModel", {"V": 5, "H": 3}, symbols(x=5, y=5), mut1_lm),
    "names": ("text/generation.net", "Names", {"V": 5, "H": 3}, symbols(w=5), names),
    "words": ("text/word_rnn.net", "WordRNN", {"V": 5, "H": 3}, symbols(word=5), words),
    "tags from states": ("text/word_rnn.net", "Tags", {"V": 5, "H": 3, "K": 4}, symbols(word=5, tag=4), words),
    "labels": ("text/labels_as_tokens.net", "Balanced", {"D": 3}, bracketed, balanced),
    "tied": ("text/labels_as_tokens.net", "TiedModel", {"V": 5, "D": 3}, symbols(w=5), tied),
    "CBOW": ("text/cbow.net", "CBOW", {"N": 5, "D": 3}, window, cbow),
    "two matrices": ("text/cbow.net", "TwoMatrices", {"N": 5, "D": 3}, window, two_matrices),
    "GRUs both ways": (BOTH_WAYS, "BothWays", {}, points, both_ways),
    "last state": ("text/seq2seq.net", "Seq2Seq", {"Vx": 5, "Vy": 4, "E": 2, "H": 3}, pair, seq2seq),
    "attention": ("text/seq2seq_attention.net", "Translate", {"Vx": 5, "Vy": 4, "E": 2, "H": 2, "A": 3}, pair, translate),
    "captions": ("text/captioning.net", "Caption", {"S": 4, "F": 2, "V": 5, "E": 2, "H": 2}, picture, caption),
}  # fmt: skip
LENGTHS = [(1,), (2,), (3,), (1, 1), (2, 2), (1, 3), (3, 1, 5)]
OF_TWO = {"last state", "attention"}
WITHOUT = {"CBOW", "two matrices"}


@pytest.mark.parametrize("lengths", LENGTHS)
@pytest.mark.parametrize("name", TEXTS)
def test_values_are_those_of_the_equations(name: str, lengths: tuple[int, ...], trial: Any) -> None:
    trial(TEXTS[name], lengths).check_values()


@pytest.mark.parametrize("lengths", LENGTHS)
@pytest.mark.parametrize("name", TEXTS)
def test_gradients_are_those_of_the_equations(name: str, lengths: tuple[int, ...], trial: Any) -> None:
    trial(TEXTS[name], lengths).check_gradient()


@pytest.mark.parametrize("name", TEXTS)
def test_a_batch_is_its_samples_one_by_one(name: str, trial: Any) -> None:
    trial(TEXTS[name], (3, 1, 5, 2)).check_alone()


@pytest.mark.parametrize("name", [n for n in TEXTS if n not in WITHOUT])
def test_what_lies_beyond_the_end_is_never_seen(name: str, trial: Any) -> None:
    lengths = {"S": "x", "T": "y"} if name in OF_TWO else {}
    trial(TEXTS[name], (3, 1, 5)).check_padding(**lengths)


def test_attention_weights_sum_to_one_over_the_source(trial: Any) -> None:
    t = trial(TEXTS["attention"], (3, 1, 5))
    a = t.net.evaluate(t.inputs, "a")["a"]
    for weights, s in zip(a, t.samples, strict=True):
        np.testing.assert_allclose(weights[: len(s["y"])].sum(axis=1), 1, rtol=0, atol=1e-12)
