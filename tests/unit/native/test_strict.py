"""Strict steps keep every operation as written, and take the C library's functions."""

from __future__ import annotations

import netc
import numpy as np
import pytest
from netc.runtime.backends.choose import choose
from netc.runtime.backends.native import build, toolchain

pytestmark = pytest.mark.compiler
TEXT = "net N:\n    input x: real[64]\n    y[i] = tanh(x[i]) * sigmoid(3 * x[i]) + exp(-x[i]) / 3 + x[i]\n    loss l = sum(y)\n"


def test_strict_is_told_to_the_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[bool, bool]] = []
    built = build._built

    def recorded(tools: toolchain.Toolchain, source: str, library: str, strict: bool, name: str) -> object:
        asked.append((strict, source.startswith("#define STRICT 1\n")))
        return built(tools, source, library, strict, name)

    monkeypatch.setattr(build, "_built", recorded)
    monkeypatch.setattr(build, "_loaded", {})
    monkeypatch.setattr(build.cache, "lookup", lambda name: None)
    for strict in (True, False):
        net = netc.parse(TEXT).build(choose("native", threads=1, strict=strict))
        assert ("strict" in str(net.choice)) is strict
        net.steps.train({"x": np.zeros((2, 64), np.float32)}, seed=1, step=0)
    assert asked == [(True, True), (False, False)]
    tools = toolchain.find()
    assert isinstance(tools, toolchain.Toolchain)
    assert "-ffp-contract=off" in tools.flags(True)
    assert not {"-fno-trapping-math", "-ffp-contract=fast", "-fopenmp-simd"} & {*tools.flags(True)}
    assert not any(f in ("-ffast-math", "-Ofast", "-funsafe-math-optimizations") for strict in (True, False) for f in tools.flags(strict))


def test_strict_steps_agree_with_numpy() -> None:
    x = np.random.default_rng(0).normal(size=(3, 64)).astype(np.float32)
    losses = [netc.parse(TEXT).build(c).steps.train({"x": x}, seed=1, step=0).loss for c in ("numpy", choose("native", threads=1, strict=True))]
    assert losses[1] == pytest.approx(losses[0], rel=5e-6)
