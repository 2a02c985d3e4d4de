"""Where there is no GPU: the CuPy backend runs on a stand-in with CuPy's names, so that it asks for nothing that CuPy lacks."""

from __future__ import annotations

import inspect
from typing import Any

import like_cupy
import netc
import numpy as np
import pytest
from netc.compiler.diagnostics.error import DivergedError
from netc.runtime.backends.choose import Choice
from netc.runtime.backends.cupy import CupyBackend
from netc.runtime.backends.kernels import UFUNCS
from test_specs import CHECKED, ROOT, SIZES, random_inputs

FILES = ["vision/lenet5.net", "vision/cnn_mnist.net", "vision/maxout.net", "text/lstm_lm.net", "text/seq2seq_attention.net", "tree/recursive.net"]
LAST = {file: net for file, net in CHECKED}


def stand_in() -> Choice:
    backend = CupyBackend.__new__(CupyBackend)  # without the import of CuPy
    backend.xp = like_cupy.Module()
    return Choice(backend, "gpu", "")


@pytest.mark.parametrize("file", FILES)
def test_a_step_asks_for_nothing_that_cupy_lacks(file: str) -> None:
    spec = netc.load(ROOT / file, SIZES.get(file))[LAST[file]]
    inputs = random_inputs(spec.build("numpy"), 3)
    found, expected = (spec.build(c, dtype="float64", seed=1).gradient(inputs) for c in (stand_in(), "numpy"))
    assert found.params and all(np.allclose(found.params[n], g, rtol=1e-10, atol=1e-12) for n, g in expected.params.items())


TRAINED = "net S:\n    input x: real[2]\n    input y: class(2)\n    y ~ softmax(x -> Noise(0.1) -> Dense(8) -> BatchNorm() -> tanh -> Dropout(0.1) -> Dense(2))\n"
RULES = ["sgd(0.1, momentum=0.9, nesterov=true)", "adagrad(0.1)", "rmsprop(0.01)", "adadelta(1)", "adam(0.02)", "adamw(0.02)"]


@pytest.mark.parametrize("rule", RULES)
def test_training_asks_for_nothing_that_cupy_lacks(rule: str, tmp_path: Any) -> None:
    settings: dict[str, Any] = {"data": "xor", "epochs": 2, "precision": "float64", "clip": 0.1, "clip_value": 0.05, "optimizer": rule}
    settings |= {"max_norm": '[limit("*.W", 0.7)]', "freeze": '["*.b"]'}
    runs = [netc.train(netc.parse(TRAINED), backend=c, out=tmp_path / k, **settings) for c, k in ((stand_in(), "a"), ("numpy", "b"))]
    assert runs[0].history[-1]["loss"] == pytest.approx(runs[1].history[-1]["loss"], rel=1e-9)
    assert runs[0].test is not None and runs[1].test is not None and runs[0].test.loss == pytest.approx(runs[1].test.loss, rel=1e-9)
    assert netc.train(resume=tmp_path / "a", epochs=3, backend=stand_in()).history[2]["loss"] > 0


def test_a_value_that_goes_bad_is_found() -> None:
    spec = netc.parse("net N:\n    input x: real[2]\n    param w[2] init 1\n    s = log(sum(w * x) - 1e6)\n    loss l = s\n")
    with pytest.raises(DivergedError, match="the first bad value is `s`, sample 0 of the batch"):
        netc.train(spec, data={"x": np.ones((8, 2))}, batch=4, backend=stand_in())


def test_the_stand_in_keeps_host_and_device_apart() -> None:
    xp = like_cupy.Module()
    on_device = xp.asarray(np.arange(3.0))
    with pytest.raises(TypeError, match="Implicit conversion"):
        np.asarray(on_device)
    with pytest.raises(TypeError, match="Unsupported type"):
        xp.add(on_device, np.arange(3.0))
    with pytest.raises(TypeError, match="Unsupported type"):
        on_device[...] = np.arange(3.0)
    with pytest.raises(TypeError, match="does not take"):
        xp.take(on_device, on_device, mode="wrap")
    with pytest.raises(NotImplementedError):
        xp.maximum.reduce(on_device)


def test_the_stand_in_has_the_names_and_parameters_of_cupy() -> None:
    cupy = pytest.importorskip("cupy", reason="CuPy is not installed")
    for name, text in like_cupy.FUNCTIONS.items():
        known = inspect.signature(getattr(cupy, name)).parameters
        several = {p for p in known.values() if p.kind is p.VAR_POSITIONAL}
        for parameter in (p.strip().rstrip("=") for p in text.split(",")):
            assert parameter in known or (parameter.startswith("*") and several), f"cupy.{name} has no {parameter}"
    assert [name for name in (*like_cupy.TYPES, "ndarray") if not hasattr(cupy, name)] == []
    assert {name for name in (*UFUNCS.values(), "square", "isfinite") if not isinstance(getattr(cupy, name), cupy.ufunc)} == set()
