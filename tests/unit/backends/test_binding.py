"""A loop is bound once: how many turns it has adds calls, but no work of its own for each."""

from collections.abc import Mapping
from importlib.resources import files

import netc
import numpy as np
import pytest
from netc import specs
from netc.compiler.pipeline import Request
from netc.compiler.rewrites import Wanted
from netc.runtime.backends import backend as bound_plans
from netc.runtime.backends.backend import Bound
from netc.runtime.backends.numpy import NumpyBackend

NESTED = """
net N:
    input x: real[1..S, 1..T]
    h[0, j] = 0
    h[i, 0] = 0
    h[i, j] = tanh(x[i, j] + h[i-1, j] - 0.5 * h[i, j-1])
    loss l = h[S, T]
"""


class Counting(NumpyBackend):
    """NumPy, with the views counted that are made for it."""

    views = 0

    def view(self, *given: object) -> object:
        self.views += 1
        return super().view(*given)


def bind(net: netc.Net, batch: int, lengths: Mapping[str, int], monkeypatch: pytest.MonkeyPatch) -> tuple[int, int, int]:
    """How many views and functions are made, and how many calls a step takes."""
    backend, functions = Counting(), 0

    def counted(*given: object) -> object:
        nonlocal functions
        functions += 1
        return made(*given)

    made = bound_plans.make_kernel
    monkeypatch.setattr(bound_plans, "make_kernel", counted)
    engine = net.engine
    request = Request(True, Wanted(), tuple(p.name for p in engine.parameters))
    _, bound = engine.bound(request, batch, lengths)
    again = Bound(bound.plan, engine.blocks, backend)
    monkeypatch.undo()
    return backend.views, functions, sum(len(c.views) for c in again._calls)


@pytest.mark.parametrize("name", ["lstm_lm", "char_rnn"])
def test_longer_sequences_make_no_more_views_and_functions(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    net = netc.load(str(files(specs) / "text" / f"{name}.net"), {"H": 8}).build()
    short, long = (bind(net, 2, {"T": t}, monkeypatch) for t in (10, 100))
    assert short[:2] == long[:2]
    assert long[2] > 5 * short[2]


def test_loops_within_loops_run_turn_by_turn() -> None:
    net = netc.parse(NESTED).build(dtype="float64")
    x = np.random.default_rng(1).standard_normal((2, 5, 3))
    h = np.zeros((2, 6, 4))
    for i in range(1, 6):
        for j in range(1, 4):
            h[:, i, j] = np.tanh(x[:, i - 1, j - 1] + h[:, i - 1, j] - 0.5 * h[:, i, j - 1])
    assert net.evaluate({"x": x}, ["l"])["l"] == pytest.approx(h[:, 5, 3], rel=1e-13)


def test_the_first_bad_number_is_found_in_the_turn_where_it_comes_up() -> None:
    net = netc.parse("net N:\n    input x: real[1..T]\n    h[0] = 1\n    h[t] = h[t-1] * x[t]\n    loss l = h[T]\n").build()
    request = Request(True, Wanted())
    compiled, bound = net.engine.bound(request, 1, {"T": 4})
    bound.inputs["x"][...] = 1e30
    found = bound.first_bad(0, 0)
    assert found is not None and found[0].name == "h"
    assert compiled.program.loss is not None
