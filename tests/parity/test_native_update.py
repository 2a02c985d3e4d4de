"""The update at the end of a compiled step moves parameters and slots as NumPy's does."""

from __future__ import annotations

import math

import netc
import numpy as np
import pytest
from netc.compiler.diagnostics.error import DivergedError
from netc.compiler.settings import Optimiser
from netc.runtime.backends.choose import Choice
from netc.runtime.backends.native import NativeBackend, toolchain
from netc.runtime.backends.update import Held
from netc.runtime.train.runs import data_of, settings_of
from netc.runtime.train.trainer import Trainer

pytestmark = pytest.mark.compiler


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in test_native: compiling is most of the time."""
    monkeypatch.setattr(toolchain, "_COMMON", tuple("-O1" if o == "-O3" else o for o in toolchain._COMMON))


# The gradient of a parameter is the input beside it, to the last bit: what differs is the update.
SPEC = """
net N:
    input x: real[6, 40]
    input y: real[31]
    param W[6, 40] init normal(0, 1)
    param b[31] init 1
    loss l = sum(W * x) + sum(b * y)
"""
COUNT, W = 6 * 40 + 31, slice(0, 240)
OPTIMISERS = [
    Optimiser("sgd"), Optimiser("sgd", constants=(("momentum", 0.9),)), Optimiser("sgd", constants=(("momentum", 0.9), ("nesterov", 1), ("decay", 0.01))),
    Optimiser("adagrad"), Optimiser("adagrad", constants=(("decay", 0.01),)), Optimiser("rmsprop"), Optimiser("rmsprop", constants=(("momentum", 0.5),)),
    Optimiser("adadelta"), Optimiser("adam"), Optimiser("adam", constants=(("decay", 0.1),)), Optimiser("adamw"),
]  # fmt: skip


def named(o: Optimiser) -> str:
    return f"{o.rule}({', '.join(f'{k}={v}' for k, v in o.constants)})"


def held(case: str, dtype: str) -> Held:
    scale = np.ones(COUNT, dtype)
    scale[:40], scale[W.stop :] = 0, 3
    frozen = (slice(0, 40),)
    return {
        "free": Held(),
        "clipped": Held(clip=5.0),
        "clipped by value": Held(clip_value=0.5),
        "in groups": Held(frozen=frozen, scale=scale),
        "all of it": Held(4.0, 0.5, frozen, scale, ((W, 6, 3.0),)),
    }[case]


def moved(optimiser: Optimiser, case: str, dtype: str, threads: int) -> tuple[list[np.ndarray], float]:
    """Parameters and slots after some steps, and the last norm. Without threads: on NumPy."""
    net = netc.parse(SPEC).build(Choice(NativeBackend(threads), "cpu", "") if threads else "numpy", dtype=dtype)
    updater = net.backend.updater(net.engine.blocks, optimiser, held(case, dtype))
    rng = np.random.default_rng(0)
    for t in range(1, 6):
        updater.begin(0.1 / t, t)
        net.steps.train({"x": rng.standard_normal((1, 6, 40)), "y": rng.standard_normal((1, 31))}, seed=1, step=t, updater=updater)
    return [np.array(net.parameters_flat), *updater.slots], updater.norm


@pytest.mark.parametrize("case", ["free", "clipped", "clipped by value", "in groups", "all of it"])
@pytest.mark.parametrize("optimiser", OPTIMISERS, ids=named)
def test_an_update_is_that_of_numpy(optimiser: Optimiser, case: str) -> None:
    for dtype, limit in (("float64", 1e-12), ("float32", 5e-6)):
        (expected, norm), *others = (moved(optimiser, case, dtype, threads) for threads in (0, 1, 3))
        for found, other in others:
            for a, b in zip(expected, found, strict=True):
                assert np.abs(a - b).max() <= limit * max(1.0, np.abs(a).max())
            assert other == pytest.approx(norm, rel=limit)


def test_a_number_of_threads_has_its_bits() -> None:
    once, again = (moved(Optimiser("adam"), "all of it", "float32", 3)[0] for _ in range(2))
    assert all(a.tobytes() == b.tobytes() for a, b in zip(once, again, strict=True))


DIVERGES = "net N:\n    input x: real\n    param w init 1\n    l2 = log(w * x)\n    loss l = l2\n"


@pytest.mark.parametrize("backend", ["numpy", "native"])
def test_what_diverges_leaves_the_parameters(backend: str) -> None:
    net = netc.parse(DIVERGES).build(backend)
    updater = net.backend.updater(net.engine.blocks, Optimiser("adam"), Held(clip=1.0))
    updater.begin(0.1, 1)
    assert math.isnan(net.steps.train({"x": np.array([-1.0])}, seed=1, step=0, updater=updater).loss)
    assert net.params["w"] == 1 and not updater.slots[0].any()
    with pytest.raises(DivergedError, match="`l2`"):
        netc.train(netc.parse(DIVERGES), data={"x": -np.ones(8)}, backend=backend, batch=4)


TRAINED = """
net Small:
    input x: real[2]
    input y: class(2)
    z = x -> Dense(8, act=tanh) -> BatchNorm() -> Dropout(0.2) -> Dense(2)
    y ~ softmax(z)

train:
    data = spirals(300)
    optimizer = adam(linear(0.02, 0.001), decay=1e-4)
    batch = 16
    epochs = 2
    clip = 0.5
    freeze = ["z.BatchNorm.b"]
    rates = [group("z.Dense*.W", 2)]
    max_norm = [limit("z.Dense*.W", 1.5)]
"""


def trainer(backend: str | Choice) -> Trainer:
    spec = netc.parse(TRAINED)
    net, settings = spec.build(backend, dtype="float64"), settings_of(spec)
    return Trainer(net, data_of(spec, settings, net, None), settings)


def test_a_resumed_training_has_the_same_bits() -> None:
    choice = Choice(NativeBackend(2), "cpu", "")
    whole, first, second = trainer(choice), trainer(choice), trainer(choice)
    whole.run()
    while first.position.step < 17:
        first._one_step()
        if first.position.done == first.batches:
            first._end_of_epoch()
    second.restore(first.checkpoint())
    second.run()
    assert whole.net.parameters_flat.tobytes() == second.net.parameters_flat.tobytes()
    assert all(a.tobytes() == b.tobytes() for a, b in zip(whole.updater.slots, second.updater.slots, strict=True))
    assert whole.history == second.history and whole.updater.norm == second.updater.norm > 0


def test_a_training_is_that_of_numpy() -> None:
    here, there = trainer("numpy"), trainer("native")
    for t in (here, there):
        for _ in range(8):
            t._one_step()
    assert np.abs(here.net.parameters_flat - there.net.parameters_flat).max() < 1e-10
    assert there.updater.norm == pytest.approx(here.updater.norm, rel=1e-9)
    weights = there.net.params["z.Dense.W"]
    assert (np.linalg.norm(weights.reshape(len(weights), -1), axis=1) <= 1.5 + 1e-12).all()
