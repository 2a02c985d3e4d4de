"""Every sequence net of the zoo: values and gradients against its equations, written out as loops over time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

Arrays = dict[str, Any]
Tell = Callable[[Arrays, Arrays], tuple[Arrays, list[Any]]]


def sigmoid(a: Any) -> Any:
    return 1 / (1 + np.exp(-a))


def surprise(z: Any, k: int) -> Any:
    """-log of the softmax of z at k."""
    m = np.max(np.real(z))
    return m + np.log(np.sum(np.exp(z - m))) - z[k]


def part(p: Arrays, prefix: str) -> Arrays:
    """The parameters below a path, by the rest of their paths."""
    return {path.removeprefix(prefix): a for path, a in p.items() if path.startswith(prefix)}


def symbols(**sizes: int) -> Callable[[np.random.Generator, int], Arrays]:
    """Sequences of class inputs, each as long as asked."""
    return lambda rng, t: {name: rng.integers(0, n, t) for name, n in sizes.items()}


def next_symbol(x: Any, z: Any) -> list[Any]:
    """x[t+1] is told by z[t]."""
    return [surprise(z[t], x[t + 1]) for t in range(len(x) - 1)]


def elman(p: Arrays, x: Any, h: Any, w: str, u: str, b: str) -> list[Any]:
    """Elman 1990: each step takes the one before."""
    states = []
    for xt in x:
        h = np.tanh(p[w] @ xt + p[u] @ h + p[b])
        states.append(h)
    return states


def lstm(p: Arrays, x: Any) -> list[Any]:
    h = c = np.zeros(len(p["bf"]))
    states = []
    for xt in x:
        i, f, o, g = (p[f"W{k}"] @ xt + p[f"U{k}"] @ h + p[f"b{k}"] for k in "ifog")
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        states.append(h)
    return states


# ---- dynamical systems --------------------------------------------------------------------------------------------------
def pendulum(p: Arrays, s: Arrays) -> tuple[Arrays, list[Any]]:
    x, dt = s["x"], 0.05
    angle, speed = [x[0, 1]], [x[0, 2]]
    for force in x[1:, 0]:
        speed.append(
            speed[-1] + dt * (p["gain"] * force - p["stiffness"] * np.sin(angle[-1]) - p["friction"] * speed[-1])
        )
        angle.append(angle[-1] + dt * speed[-1])
    misfit = sum((a - r[1]) ** 2 + (w - r[2]) ** 2 for a, w, r in zip(angle, speed, x, strict=True)) / len(x)
    return {"φ": np.array(angle[1:]), "ω": np.array(speed[1:])}, [misfit]


def learned(p: Arrays, s: Arrays) -> tuple[Arrays, list[Any]]:
    x = s["x"]
    states = [x[0, 1:]]
    for force in x[1:, :1]:
        states.append(states[-1] + p["V"] @ np.tanh(p["W"] @ states[-1] + p["U"] @ force + p["b"]) + p["c"])
    misfit = sum(np.sum((a - r[1:]) ** 2) for a, r in zip(states, x, strict=True)) / len(x)
    return {"s": np.array(states[1:]).reshape(-1, 2)}, [misfit]


# ---- Elman networks -----------------------------------------------------------------------------------------------------
def one_to_one(p: Arrays, s: Arrays) -> tuple[Arrays, list[Any]]:
    h = np.tanh(p["s.Elman.b"] + p["s.Elman.U"] @ s["image"])
    o = p["o.Dense.W"] @ h + p["o.Dense.b"]
    return {"o": o}, [surprise(o, s["digit"])]


def one_to_many(p: Arrays, s: Arrays) -> tuple[Arrays, list[Any]]:
    h = np.tanh(p["s.Dense.W"] @ s["image"].reshape(-1) + p["s.Dense.b"])
    before = np.eye(p["U"].shape[1])[[0, *s["w"][:-1]]]
    states = elman(p, before, h, "U", "W", "b")
    z = [p["c"] + p["V'"] @ h for h in states]
    return {"s": np.array(states), "o": np.array(z)}, [surprise(a, k) for a, k in zip(z, s["w"], strict=True)]


def many_to_one(p: Arrays, s: Arrays) -> tuple[Arrays, list[Any]]:
    states = elman(p, np.eye(2)[s["bits"]], np.zeros(len(p["b"])), "U", "W", "b")
    return {"s": np.array(states)}, [surprise(p["c"] + p["V"] @ states[-1], s["odd"])]


def many_to_many(p: Arrays, s: Arrays) -> tuple[Arrays, list[Any]]:
    states = elman(p, np.eye(p["U"].shape[1])[s["x"]], np.zeros(len(p["b"])), "U", "W", "b")
    z = [p["c"] + p["V"] @ h for h in states]
    return {"s": np.array(states), "o": np.array(z)}, next_symbol(s["x"], z)


def characters(p: Arrays, s: Arrays) -> tuple[Arrays, list[Any]]:
    states = elman(p, np.eye(p["Wxh"].shape[1])[s["x"]], np.zeros(len(p["bh"])), "Wxh", "Whh", "bh")
    z = [p["Why"] @ h + p["by"] for h in states]
    return {"h": np.array(states)}, next_symbol(s["x"], z)


def deep(p: Arrays, s: Arrays) -> tuple[Arrays, list[Any]]:
    layers, width = p["b"].shape
    h = [np.zeros(width)] * layers
    rows, z = [], []
    for k in s["x"]:
        below = p["E"][k]
        for layer in range(layers):
            below = np.tanh(p["W"][layer] @ below + p["U"][layer] @ h[layer] + p["b"][layer])
            h = [*h[:layer], below, *h[layer + 1 :]]
        rows.append(h)
        z.append(p["o.Dense.W"] @ below + p["o.Dense.b"])
    return {"h": np.swapaxes(np.array(rows), 0, 1), "o": np.array(z)}, next_symbol(s["x"], z)


def deep_by_layers(p: Arrays, s: Arrays) -> tuple[Arrays, list[Any]]:
    x = list(p["e.Embedding.E"][s["x"]])
    for layer in range(3):
        own = part(p, f"h.RNN[{layer}].h.ElmanCell.")
        x = elman(own, x, np.zeros(len(own["b"])), "W", "U", "b")
    z = [p["o.Dense.W"] @ h + p["o.Dense.b"] for h in x]
    return {"h": np.array(x), "o": np.array(z)}, next_symbol(s["x"], z)


# ---- both directions ----------------------------------------------------------------------------------------------------
def both(forward: Any, backward: Any) -> list[Any]:
    return [np.concatenate(pair) for pair in zip(forward, backward[::-1], strict=True)]


def tagged(s: Arrays, z: Any) -> list[Any]:
    return [surprise(a, k) for a, k in zip(z, s["tag"], strict=True)]


def tagger(p: Arrays, s: Arrays) -> tuple[Arrays, list[Any]]:
    x, start = p["E"][s["word"]], np.zeros(len(p["bf"]))
    f, b = elman(p, x, start, "Wf", "Vf", "bf"), elman(p, x[::-1], start, "Wb", "Vb", "bb")
    z = [p["U"] @ y + p["c"] for y in both(f, b)]
    return {"f": np.array(f), "b": np.array(b[::-1])}, tagged(s, z)


def deep_tagger(p: Arrays, s: Arrays) -> tuple[Arrays, list[Any]]:
    x, own = list(p["e.Embedding.E"][s["word"]]), part(p, "h.DeepBiRNN.")
    for layer in range(len(own["bf"])):
        q = {name: a[layer] for name, a in own.items()}
        start = np.zeros(len(q["bf"]))
        x = both(elman(q, x, start, "Wf", "Vf", "bf"), elman(q, x[::-1], start, "Wb", "Vb", "bb"))
    z = [p["z.Dense.W"] @ y + p["z.Dense.b"] for y in x]
    return {"h": np.array(x), "z": np.array(z)}, tagged(s, z)


def deep_tagger_by_layers(p: Arrays, s: Arrays) -> tuple[Arrays, list[Any]]:
    x = list(p["e.Embedding.E"][s["word"]])
    for layer in range(2):
        f, b = (part(p, f"h.BiRNN[{layer}].{d}.ElmanCell.") for d in "fb")
        start = np.zeros(len(f["b"]))
        x = both(elman(f, x, start, "W", "U", "b"), elman(b, x[::-1], start, "W", "U", "b"))
    z = [p["z.Dense.W"] @ y + p["z.Dense.b"] for y in x]
    return {"h": np.array(x), "z": np.array(z)}, tagged(s, z)


def deep_bilstm(p: Arrays, s: Arrays) -> tuple[Arrays, list[Any]]:
    x = list(p["e.Embedding.E"][s["word"]])
    for layer in range(2):
        f, b = (part(p, f"h.BiLSTM[{layer}].{d}.LSTMCell.") for d in "fb")
        x = both(lstm(f, x), lstm(b, x[::-1]))
    z = [p["z.Dense.W"] @ y + p["z.Dense.b"] for y in x]
    return {"h": np.array(x), "z": np.array(z)}, tagged(s, z)


def deep_bilstm_by_equations(p: Arrays, s: Arrays) -> tuple[Arrays, list[Any]]:
    x = list(p["E"][s["word"]])
    for layer in range(2):
        own = [{f"{n}{k}": p[n][layer, d, j] for n in "WUb" for j, k in enumerate("ifog")} for d in (0, 1)]
        x = both(lstm(own[0], x), lstm(own[1], x[::-1]))
    z = [p["z.Dense.W"] @ y + p["z.Dense.b"] for y in x]
    return {"z": np.array(z)}, tagged(s, z)


def picture(rng: np.random.Generator, t: int) -> Arrays:
    return {"image": rng.normal(size=(3, 4, 4)), "w": rng.integers(0, 5, t)}


def digit(rng: np.random.Generator, _: int) -> Arrays:
    return {"image": rng.normal(size=6), "digit": rng.integers(0, 4)}


def bits(rng: np.random.Generator, t: int) -> Arrays:
    return {"bits": rng.integers(0, 2, t), "odd": rng.integers(0, 2)}


def motion(rng: np.random.Generator, t: int) -> Arrays:
    return {"x": rng.normal(size=(t, 3))}


TAGS = {"V": 5, "K": 4, "H": 2, "L": 2}
NETS = {
    "pendulum": ("sequence/dynamical_system.net", "Pendulum", {}, motion, pendulum),
    "learned system": ("sequence/dynamical_system.net", "Learned", {"H": 4}, motion, learned),
    "one to one": ("sequence/elman.net", "OneToOne", {"X": 6, "H": 3, "K": 4}, digit, one_to_one),
    "one to many": ("sequence/elman.net", "OneToMany", {"S": 4, "H": 3, "V": 5}, picture, one_to_many),
    "many to one": ("sequence/elman.net", "ManyToOne", {"H": 3}, bits, many_to_one),
    "many to many": ("sequence/elman.net", "ManyToMany", {"H": 3}, symbols(x=7), many_to_many),
    "hello": ("sequence/hello.net", "Hello", {}, symbols(x=4), characters),
    "characters": ("text/char_rnn.net", "CharRNN", {"V": 6, "H": 4}, symbols(x=6), characters),
    "deep": ("sequence/deep_rnn.net", "DeepRNN", {"K": 5, "H": 3}, symbols(x=5), deep),
    "deep by layers": ("sequence/deep_rnn.net", "DeepRNNByLayers", {"K": 5, "H": 3}, symbols(x=5), deep_by_layers),
    "tagger": ("sequence/bidirectional.net", "Tagger", {"V": 5, "K": 4, "X": 3, "H": 2}, symbols(word=5, tag=4), tagger),
    "deep tagger": ("sequence/bidirectional.net", "DeepTagger", TAGS, symbols(word=5, tag=4), deep_tagger),
    "deep tagger by layers": ("sequence/bidirectional.net", "DeepTaggerByLayers", TAGS, symbols(word=5, tag=4), deep_tagger_by_layers),
    "deep BiLSTM": ("sequence/deep_bilstm.net", "DeepBiLSTM", {**TAGS, "X": 3}, symbols(word=5, tag=4), deep_bilstm),
    "deep BiLSTM by equations": ("sequence/deep_bilstm.net", "DeepBiLSTMByEquations", TAGS, symbols(word=5, tag=4), deep_bilstm_by_equations),
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


@pytest.mark.parametrize("name", [n for n in NETS if n != "one to one"])
def test_what_lies_beyond_the_end_is_never_seen(name: str, trial: Any) -> None:
    trial(NETS[name], (3, 1, 5)).check_padding()
