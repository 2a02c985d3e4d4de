"""What a plan says a step holds is what it holds."""

import tracemalloc
from importlib.resources import files

import netc
import numpy as np
import pytest
from netc import specs
from netc.compiler.plan import Plan


def batch_of(net: netc.Net, size: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    found = {}
    for v in net.inputs:
        shape = (size, *(a.points() for a in v.axes))
        found[v.name] = rng.integers(0, v.classes.points(), shape).astype(np.int32) if v.classes else rng.random(shape, np.float32)
    return found


def measured(net: netc.Net, inputs: dict[str, np.ndarray]) -> tuple[int, Plan]:
    """The most bytes held while a second step runs, besides the weights and gradients that were there before."""
    net.engine._bound.clear()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        net.steps.train(inputs, seed=1, step=0)
        tracemalloc.reset_peak()
        net.steps.train(inputs, seed=1, step=1)
        peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    return peak, next(iter(net.engine._bound.values()))[1].plan


@pytest.mark.parametrize(("file", "size", "define"), [("vision/lenet5.net", 64, None), ("vision/resnet18.net", 8, {"S": 64})])
def test_the_measured_peak_is_within_a_tenth_of_the_plan(file: str, size: int, define: dict[str, int] | None) -> None:


    net = netc.load(str(files(specs).joinpath(*file.split("/"))), define).build()
    peak, plan = measured(net, batch_of(net, size))
    held = plan.bytes()
    blocks = sum(held.get(b, 0) for b in ("parameters", "gradients", "states"))
    assert abs(peak + blocks - sum(held.values())) <= 0.1 * sum(held.values())


def test_buffers_that_are_never_needed_together_share_space() -> None:
    net = netc.load(str(files(specs) / "vision" / "lenet5.net")).build()
    _, plan = measured(net, batch_of(net, 16))
    apart = sum(b.elements * 4 for b in {o.buffer for o in plan.operands.values()} if b.block == "arena" and b.first >= 0)
    assert plan.arena < apart


def test_plans_of_many_lengths_are_kept_as_long_as_they_are_small(monkeypatch: pytest.MonkeyPatch) -> None:
    net = netc.parse("net N:\n    input x: real[1..T]\n    param w init 1\n    h[0] = 0\n    h[t] = tanh(w * h[t-1] + x[t])\n    output y = h[T]\n").build()
    for n in (*range(1, 41), 1):
        net([[0.5] * n])
    assert len(net.engine._bound) == 40
    monkeypatch.setattr("netc.runtime.model.engine._KEPT", 1)
    net([[0.5] * 41])
    assert len(net.engine._bound) == 4
