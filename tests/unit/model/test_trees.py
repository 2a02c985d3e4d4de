"""Networks over trees against their papers' equations, node by node: children stand before their parents."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

Arrays = dict[str, Any]


def sigmoid(a: Any) -> Any:
    return 1 / (1 + np.exp(-a))


def surprise(z: Any, k: int) -> Any:
    """-log of the softmax of z at k."""
    m = np.max(np.real(z))
    return m + np.log(np.sum(np.exp(z - m))) - z[k]


def labelled(p: Arrays, s: Arrays, h: list[Any]) -> tuple[Any, list[Any]]:
    z = [p["z.Dense.W"] @ one + p["z.Dense.b"] for one in h]
    return np.array(z), [surprise(one, k) for one, k in zip(z, s["label"], strict=True)]


def recursive(p: Arrays, s: Arrays) -> tuple[Arrays, list[Any]]:
    """Socher et al. 2013, equation 2, with the operator's own vector."""
    h: list[Any] = []
    for word, (left, right) in zip(s["word"], s["tree"], strict=True):
        e = p["E"][word]
        h.append(e if left < 0 else np.tanh(p["W"] @ np.concatenate([h[left], h[right]]) + e + p["b"]))
    z, terms = labelled(p, s, h)
    return {"h": np.array(h), "z": z}, terms


def child_sum(p: Arrays, s: Arrays) -> tuple[Arrays, list[Any]]:
    """Tai et al. 2015, equations 2 to 8."""
    h: list[Any] = []
    c: list[Any] = []
    for word, children in zip(s["word"], s["tree"], strict=True):
        x, own = p["Emb"][word], [k for k in children if k >= 0]
        total = sum((h[k] for k in own), np.zeros(len(p["bi"])))
        i, o = (sigmoid(p[f"W{n}"] @ x + p[f"U{n}"] @ total + p[f"b{n}"]) for n in "io")
        cell = i * np.tanh(p["Wu"] @ x + p["Uu"] @ total + p["bu"])
        for k in own:
            cell = cell + sigmoid(p["Wf"] @ x + p["Uf"] @ h[k] + p["bf"]) * c[k]
        c.append(cell)
        h.append(o * np.tanh(cell))
    z, terms = labelled(p, s, h)
    return {"h": np.array(h), "c": np.array(c), "z": z}, terms


def binary(p: Arrays, s: Arrays) -> tuple[Arrays, list[Any]]:
    """Tai et al. 2015, equations 9 to 14, for two children."""
    h: list[Any] = []
    c: list[Any] = []
    nothing = np.zeros(len(p["bi"]))
    for word, (left, right) in zip(s["word"], s["tree"], strict=True):
        x, inner = p["Emb"][word], left >= 0
        both = np.concatenate([h[left], h[right]] if inner else [nothing, nothing])
        i, o = (sigmoid(p[f"W{n}"] @ x + p[f"U{n}"] @ both + p[f"b{n}"]) for n in "io")
        cell = i * np.tanh(p["Wu"] @ x + p["Uu"] @ both + p["bu"])
        if inner:
            cell = cell + sigmoid(p["Wf"] @ x + p["Ul"] @ both + p["bf"]) * c[left]
            cell = cell + sigmoid(p["Wf"] @ x + p["Ur"] @ both + p["bf"]) * c[right]
        c.append(cell)
        h.append(o * np.tanh(cell))
    z, terms = labelled(p, s, h)
    return {"h": np.array(h), "c": np.array(c), "z": z}, terms


def grown(rng: np.random.Generator, leaves: int, arity: int = 2) -> Arrays:
    """A random tree: as long as more than one part is left, some neighbours become one."""
    children: list[list[int]] = [[-1] * arity for _ in range(leaves)]
    parts = list(range(leaves))
    while len(parts) > 1:
        count = min(arity if arity == 2 else int(rng.integers(1, arity + 1)), len(parts))
        at = int(rng.integers(0, len(parts) - count + 1))
        children.append([*parts[at : at + count], *[-1] * (arity - count)])
        parts[at : at + count] = [len(children) - 1]
    n = len(children)
    return {"word": rng.integers(0, 5, n), "label": rng.integers(0, 2, n), "tree": np.array(children)}


def wide(rng: np.random.Generator, leaves: int) -> Arrays:
    return grown(rng, leaves, 3)


TREES = {
    "recursive": ("tree/recursive.net", "Recursive", {"V": 5, "D": 3}, grown, recursive),
    "child-sum tree-LSTM": ("tree/tree_lstm.net", "ChildSum", {"V": 5, "E": 2, "H": 3}, wide, child_sum),
    "child-sum over binary trees": ("tree/tree_lstm.net", "ChildSum", {"V": 5, "E": 2, "H": 3}, grown, child_sum),
    "binary tree-LSTM": ("tree/tree_lstm.net", "Binary", {"V": 5, "E": 2, "H": 2}, grown, binary),
}
LEAVES = [(1,), (2,), (3,), (1, 1), (1, 3), (4, 1, 6)]


@pytest.mark.parametrize("leaves", LEAVES)
@pytest.mark.parametrize("name", TREES)
def test_values_are_those_of_the_equations(name: str, leaves: tuple[int, ...], trial: Any) -> None:
    trial(TREES[name], leaves).check_values()


@pytest.mark.parametrize("leaves", LEAVES)
@pytest.mark.parametrize("name", TREES)
def test_gradients_are_those_of_the_equations(name: str, leaves: tuple[int, ...], trial: Any) -> None:
    trial(TREES[name], leaves).check_gradient()


@pytest.mark.parametrize("name", TREES)
def test_a_batch_is_its_samples_one_by_one(name: str, trial: Any) -> None:
    trial(TREES[name], (3, 1, 5, 2)).check_alone()
