"""Texts longer than a stair of a triangle, in memory full of what is no number: nothing is read that was not made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import netc
import numpy as np
import pytest
from netc.runtime.backends.choose import Choice
from netc.runtime.backends.native import NativeBackend, NativeBound
from netc.runtime.model.made_inputs import random_input
from test_specs import ROOT

pytestmark = pytest.mark.compiler

SPECS = ROOT / "attention"
STRICTLY = """
net Before:
    dim V = 5, D = 16
    input w: class(V)[1..T]
    param E[V, D], Q[D, D], K[D, D], R[D, D] init glorot
    x[t in 1..T] = E[w[t]]
    q[t] = Q @ x[t]
    k[t] = K @ x[t]
    v[t] = R @ x[t]
    a[t, s] = softmax[s < t](q[t] @ k[s])
    far[t, s] = softmax[s >= t](q[t] @ k[s])
    y[t] = x[t] + sum[s < t](a[t, s] * v[s]) + sum[s](far[t, s] * v[s])
    w[t+1] ~ softmax(E @ y[t])
"""


@pytest.fixture(autouse=True)
def poisoned(monkeypatch: pytest.MonkeyPatch) -> None:
    run = NativeBound.run

    def over_nothing(self: NativeBound, *args: Any) -> None:
        self._arena[: len(self._arena) // 8 * 8].view(np.float64)[:] = np.nan
        run(self, *args)

    monkeypatch.setattr(NativeBound, "run", over_nothing)


def agree(spec: netc.Spec, batch: int, length: int, threads: int) -> str:
    steps = []
    for choice in ("numpy", Choice(NativeBackend(threads), "cpu", "")):
        net = spec.build(choice, dtype="float64")
        sizes = {n: np.full(batch, length) for n in net.lengths}
        inputs: Mapping[str, Any] = {v.name: random_input(v, batch, sizes, np.random.default_rng(0)) for v in net.inputs}
        loss = net.steps.train(inputs, seed=1, step=1).loss
        steps.append((loss, np.array(net.gradients_flat)))
    (loss, gradient), (found, other) = steps
    assert abs(loss - found) < 1e-12
    assert np.abs(gradient - other).max() < 1e-12 * np.abs(gradient).max()
    return net.name


@pytest.mark.parametrize(("batch", "length", "threads"), [(3, 75, 1), (5, 33, 2), (2, 64, 3)])
@pytest.mark.parametrize("net", ["OneHead", "ManyHeads"])
def test_self_attention(net: str, batch: int, length: int, threads: int) -> None:
    agree(netc.load(SPECS / "self_attention.net")[net], batch, length, threads)


def test_transformer() -> None:
    agree(netc.load(SPECS / "transformer.net", {"L": 2, "D": 32})["Transformer"], 5, 100, 2)


def test_those_before_and_those_from_here_on() -> None:
    agree(netc.parse(STRICTLY)["Before"], 3, 70, 2)
