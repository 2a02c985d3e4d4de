"""Where there is no GPU: plans run on NumPy behind the narrower names that CuPy has, so that they ask for nothing it lacks."""

from __future__ import annotations

from typing import Any

import netc
import numpy as np
import pytest
from netc.runtime.backends.choose import Choice
from netc.runtime.backends.numpy import NumpyBackend
from test_specs import CHECKED, ROOT, SIZES, random_inputs

_REDUCE, _AT = {"add", "multiply"}, {"add", "maximum", "minimum"}  # what CuPy 12 and 13 support
FILES = ["vision/lenet5.net", "vision/cnn_mnist.net", "vision/maxout.net", "text/lstm_lm.net", "text/seq2seq_attention.net", "tree/recursive.net"]
LAST = {file: net for file, net in CHECKED}


class Function:
    """A function of numbers, with the arguments and methods that CuPy's has."""

    def __init__(self, function: np.ufunc) -> None:
        self.function, self.name = function, function.__name__

    def __call__(self, *given: Any, out: Any = None, dtype: Any = None, casting: str = "same_kind") -> Any:
        return self.function(*given, dtype=dtype, casting=casting, **({} if out is None else {"out": out}))

    def __getattr__(self, name: str) -> Any:
        if name == "reduce" and self.name in _REDUCE or name == "at" and self.name in _AT:
            return getattr(self.function, name)
        raise NotImplementedError(f"cupy.{self.name}.{name}")


class Module:
    """NumPy's names as CuPy has them."""

    __name__ = "cupy"

    def __getattr__(self, name: str) -> Any:
        found = getattr(np, name)
        return Function(found) if isinstance(found, np.ufunc) else found

    def einsum(self, text: str, *operands: Any) -> Any:
        return np.einsum(text, *operands)

    def matmul(self, a: Any, b: Any, out: Any = None) -> Any:
        return np.matmul(a, b, out=out)

    def take(self, a: Any, indices: Any, axis: int | None = None, out: Any = None) -> Any:
        return np.take(a, indices, axis, out)

    def sum(self, a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False) -> Any:
        return np.sum(a, axis, dtype, out, keepdims)

    def max(self, a: Any, axis: Any = None, out: Any = None, keepdims: bool = False) -> Any:
        return np.max(a, axis, out, keepdims)

    def min(self, a: Any, axis: Any = None, out: Any = None, keepdims: bool = False) -> Any:
        return np.min(a, axis, out, keepdims)


class LikeCupy(NumpyBackend):
    xp: Any = Module()


@pytest.mark.parametrize("file", FILES)
def test_a_step_asks_for_nothing_that_cupy_lacks(file: str) -> None:
    spec = netc.load(ROOT / file, SIZES.get(file))[LAST[file]]
    inputs = random_inputs(spec.build("numpy"), 3)
    found, expected = (spec.build(c, dtype="float64", seed=1).gradient(inputs) for c in (Choice(LikeCupy(), "gpu", ""), "numpy"))
    assert found.params and all(np.allclose(found.params[n], g, rtol=1e-10, atol=1e-12) for n, g in expected.params.items())


def test_training_asks_for_nothing_that_cupy_lacks() -> None:
    spec = netc.parse("net S:\n    input x: real[2]\n    input y: class(2)\n    y ~ softmax(x -> Dense(8, act=tanh) -> Dropout(0.1) -> Dense(2))\n")
    settings: dict[str, Any] = {"data": "xor", "epochs": 2, "precision": "float64", "clip": 0.1, "optimizer": "adam(0.02)"}
    losses = [netc.train(spec, backend=c, **settings).history[-1]["loss"] for c in (Choice(LikeCupy(), "gpu", ""), "numpy")]
    assert losses[0] == pytest.approx(losses[1], rel=1e-9)
