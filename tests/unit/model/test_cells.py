"""Every recurrent cell of the zoo, on the adding problem: values and gradients against its paper's equations."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

Arrays = dict[str, Any]
Cell = Callable[[Arrays, Any], list[Any]]


def sigmoid(a: Any) -> Any:
    return 1 / (1 + np.exp(-a))


def lstm_a(p: Arrays, x: Any) -> list[Any]:
    """Hochreiter, Schmidhuber 1997 with a forget gate; h = C * O."""
    h = c = np.zeros(len(p["bf"]))
    states = []
    for xt in x:
        f = sigmoid(p["Wf"] @ xt + p["Uf"] @ h + p["bf"])
        i = sigmoid(p["Wi"] @ xt + p["Ui"] @ h + p["bi"])
        o = sigmoid(p["Wo"] @ xt + p["Uo"] @ h + p["bo"])
        c = f * c + i * np.tanh(p["Wc"] @ xt + p["Uc"] @ h + p["bc"])
        h = c * o
        states.append(h)
    return states


def lstm_b(p: Arrays, x: Any) -> list[Any]:
    """The fused form: one matrix over [h; x], its rows the blocks i, f, o and g."""
    n = len(p["b"]) // 4
    h = c = np.zeros(n)
    states = []
    for xt in x:
        a = p["W"] @ np.concatenate([h, xt]) + p["b"]
        i, f, o, g = a[:n], a[n : 2 * n], a[2 * n : 3 * n], a[3 * n :]
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        states.append(h)
    return states


def lstm_c(p: Arrays, x: Any) -> list[Any]:
    """Gers, Schmidhuber, Cummins 2000: f, i, the candidate and o, each over [h; x]."""
    h = c = np.zeros(len(p["bf"]))
    states = []
    for xt in x:
        v = np.concatenate([h, xt])
        c = sigmoid(p["Wf"] @ v + p["bf"]) * c + sigmoid(p["Wi"] @ v + p["bi"]) * np.tanh(p["Wc"] @ v + p["bc"])
        h = sigmoid(p["Wo"] @ v + p["bo"]) * np.tanh(c)
        states.append(h)
    return states


def lstm_d(p: Arrays, x: Any) -> list[Any]:
    """Gers, Schraudolph, Schmidhuber 2002: peepholes, the output's at the new content."""
    h = c = np.zeros(len(p["bf"]))
    states = []
    for xt in x:
        i = sigmoid(p["Wi"] @ xt + p["Ui"] @ h + p["pi"] * c + p["bi"])
        f = sigmoid(p["Wf"] @ xt + p["Uf"] @ h + p["pf"] * c + p["bf"])
        c = f * c + i * np.tanh(p["Wg"] @ xt + p["Ug"] @ h + p["bg"])
        h = sigmoid(p["Wo"] @ xt + p["Uo"] @ h + p["po"] * c + p["bo"]) * np.tanh(c)
        states.append(h)
    return states


def plain_gate(p: Arrays, x: Any) -> list[Any]:
    z = np.zeros(len(p["b"]))
    states = []
    for xt in x:
        g = sigmoid(p["Wg"] @ xt + p["Ug"] @ z + p["bg"])
        z = g * np.tanh(p["W"] @ xt + p["U"] @ z + p["b"]) + (1 - g) * z
        states.append(z)
    return states


def gru_before(p: Arrays, x: Any) -> list[Any]:
    """Cho et al. 2014, equations 5 to 8, with z for the new part."""
    h = np.zeros(len(p["b"]))
    states = []
    for xt in x:
        z = sigmoid(p["Wz"] @ xt + p["Uz"] @ h + p["bz"])
        r = sigmoid(p["Wr"] @ xt + p["Ur"] @ h + p["br"])
        h = (1 - z) * h + z * np.tanh(p["W"] @ xt + p["U"] @ (r * h) + p["b"])
        states.append(h)
    return states


def gru_inside(p: Arrays, x: Any) -> list[Any]:
    """Chung et al. 2014, as libraries compute it: r times (U h + c)."""
    h = np.zeros(len(p["b"]))
    states = []
    for xt in x:
        z = sigmoid(p["Wz"] @ xt + p["Uz"] @ h + p["bz"])
        r = sigmoid(p["Wr"] @ xt + p["Ur"] @ h + p["br"])
        h = (1 - z) * h + z * np.tanh(p["W"] @ xt + r * (p["U"] @ h + p["c"]) + p["b"])
        states.append(h)
    return states


def mgu(p: Arrays, x: Any) -> list[Any]:
    """Zhou et al. 2016, equations 7."""
    h = np.zeros(len(p["bf"]))
    states = []
    for xt in x:
        f = sigmoid(p["Wf"] @ np.concatenate([h, xt]) + p["bf"])
        h = (1 - f) * h + f * np.tanh(p["Wh"] @ np.concatenate([f * h, xt]) + p["bh"])
        states.append(h)
    return states


def mut1(p: Arrays, x: Any) -> list[Any]:
    """Jozefowicz et al. 2015, section 4."""
    h = np.zeros(len(p["bh"]))
    states = []
    for xt in x:
        z = sigmoid(p["Wxz"] @ xt + p["bz"])
        r = sigmoid(p["Wxr"] @ xt + p["Whr"] @ h + p["br"])
        h = np.tanh(p["Whh"] @ (r * h) + np.tanh(xt) + p["bh"]) * z + h * (1 - z)
        states.append(h)
    return states


def mut2(p: Arrays, x: Any) -> list[Any]:
    h = np.zeros(len(p["bh"]))
    states = []
    for xt in x:
        z = sigmoid(p["Wxz"] @ xt + p["Whz"] @ h + p["bz"])
        r = sigmoid(xt + p["Whr"] @ h + p["br"])
        h = np.tanh(p["Whh"] @ (r * h) + p["Wxh"] @ xt + p["bh"]) * z + h * (1 - z)
        states.append(h)
    return states


def mut3(p: Arrays, x: Any) -> list[Any]:
    h = np.zeros(len(p["bh"]))
    states = []
    for xt in x:
        z = sigmoid(p["Wxz"] @ xt + p["Whz"] @ np.tanh(h) + p["bz"])
        r = sigmoid(p["Wxr"] @ xt + p["Whr"] @ h + p["br"])
        h = np.tanh(p["Whh"] @ (r * h) + p["Wxh"] @ xt + p["bh"]) * z + h * (1 - z)
        states.append(h)
    return states


def draw(rng: np.random.Generator, length: int) -> Arrays:
    return {"x": rng.normal(size=(length, 2)), "y": rng.normal()}


def adding(file: str, net: str, layer: str, cell: Cell) -> tuple[Any, ...]:
    """The net reads x, and its last state tells the sum: y ~ normal(w h[T] + b, 1)."""

    def tell(p: Arrays, s: Arrays) -> tuple[Arrays, list[Any]]:
        own = {path.removeprefix(f"m.{layer}."): a for path, a in p.items() if path.startswith(f"m.{layer}.")}
        x = s["x"] if "e.Dense.W" not in p else s["x"] @ p["e.Dense.W"].T + p["e.Dense.b"]
        states = cell(own, x)
        guess = p["guess.ReadOut.w"] @ states[-1] + p["guess.ReadOut.b"]
        values = {"m.h" if layer.startswith("LSTM") else "m": np.array(states), "guess": guess}
        return values, [0.5 * (guess - s["y"]) ** 2 + 0.5 * math.log(2 * math.pi)]

    return f"sequence/{file}.net", net, {"H": 3}, draw, tell


CELLS = {
    "LSTM a": adding("lstm_forms", "AddingA", "LSTMa", lstm_a),
    "LSTM b": adding("lstm_forms", "AddingB", "LSTMb", lstm_b),
    "LSTM c": adding("lstm_forms", "AddingC", "LSTMc", lstm_c),
    "LSTM d": adding("lstm_forms", "AddingD", "LSTMd", lstm_d),
    "plain gate": adding("gates", "AddingPlain", "PlainGate", plain_gate),
    "GRU before": adding("gates", "AddingBefore", "GRUbefore", gru_before),
    "GRU inside": adding("gates", "AddingInside", "GRUinside", gru_inside),
    "MGU": adding("gates", "AddingMGU", "MGU", mgu),
    "MUT1": adding("mut", "AddingMUT1", "MUT1", mut1),
    "MUT2": adding("mut", "AddingMUT2", "MUT2", mut2),
    "MUT3": adding("mut", "AddingMUT3", "MUT3", mut3),
}
LENGTHS = [(1,), (2,), (3,), (1, 1), (2, 2), (1, 3), (3, 1, 5)]


@pytest.mark.parametrize("lengths", LENGTHS)
@pytest.mark.parametrize("name", CELLS)
def test_values_are_those_of_the_equations(name: str, lengths: tuple[int, ...], trial: Any) -> None:
    trial(CELLS[name], lengths).check_values()


@pytest.mark.parametrize("lengths", LENGTHS)
@pytest.mark.parametrize("name", CELLS)
def test_gradients_are_those_of_the_equations(name: str, lengths: tuple[int, ...], trial: Any) -> None:
    trial(CELLS[name], lengths).check_gradient()


@pytest.mark.parametrize("name", CELLS)
def test_a_batch_is_its_samples_one_by_one(name: str, trial: Any) -> None:
    trial(CELLS[name], (3, 1, 5, 2)).check_alone()


@pytest.mark.parametrize("name", CELLS)
def test_what_lies_beyond_the_end_is_never_seen(name: str, trial: Any) -> None:
    trial(CELLS[name], (3, 1, 5)).check_padding()
