"""Products of one recurrent value side by side, as netc plans them for a single sample, and apart: LSTM and GRU language models.

Loss and all gradients of one sample of 50 symbols (84 different ones), float32; both ways run in turn on NumPy, and as compiled
steps, where there is a compiler. Stacking is worth it where no net takes longer with it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from unittest.mock import patch

import netc
import numpy as np
from netc.compiler.diagnostics.error import NetcError
from netc.compiler.pipeline import compile_net
from netc.compiler.plan import Sizes
from netc.compiler.rewrites import stack_products
from netc.compiler.statements.expressions import Kind

from benchmarks.lenet5_step import Step, in_turn
from benchmarks.result import Options, Result, quantile

TEXT = """
net Model:
    input x: class(84)[1..T]
    e[t] = Embedding({H})(x[t])
    h = e -> {cell}({H})
    x[t+1] ~ softmax(Dense(84)(h[t]))
"""
POINTS = 50
SIZES = Sizes(1, {"T": POINTS})
STACKED = "stacked into one product"  # what the rewrite notes
TARGET = 1.02  # times as long as apart: what repeated runs differ by


def measure(options: Options) -> Result:
    """The two ways timed in turn, one step of each at a time."""
    rows: list[dict[str, Any]] = []
    missed: list[str] = []
    for backend in ("numpy", "native"):
        for cell in ("LSTM", "GRU"):
            for size in (32, 64, 128, 256, 512):
                net = _built(cell, size, backend)
                if net is None:
                    continue
                steps = {way: _step(net, way == "stacked") for way in ("stacked", "apart")}
                losses = {way: step() for way, step in steps.items()}
                if not np.allclose(*losses.values(), rtol=1e-4):
                    raise SystemExit(f"the two {cell} differ: losses {losses}")
                times = in_turn(steps, options.rounds)
                low, middle = ({way: quantile(found, share) for way, found in times.items()} for share in (0.1, 0.5))
                ratio = low["stacked"] / low["apart"]
                request = net.steps.request().at(SIZES, net.backend.called)
                planned = "stacked" if STACKED in net.session.compile(net.name, request, net.per).program.notes else "apart"
                rows.append({
                    "backend": backend, "net": cell, "H": size, "stacked p10 ms": low["stacked"], "apart p10 ms": low["apart"],
                    "stacked to apart (p10)": ratio, "stacked to apart (median)": middle["stacked"] / middle["apart"], "planned": planned,
                })  # fmt: skip
                if planned == "stacked" and ratio > TARGET:
                    missed.append(f"{backend}, {cell}, H {size}: {ratio:.2f} times as long as apart")
    return Result("stacked_products", f"one sample, T {POINTS}, float32, {options.rounds} steps of each in turn", rows, missed)


def _built(cell: str, size: int, backend: str) -> netc.Net | None:
    try:
        return netc.parse(TEXT.format(H=size, cell=cell)).build(backend, seed=1)
    except NetcError:
        return None  # no compiler


def _step(net: netc.Net, stacked: bool) -> Step:
    """Loss and gradients, planned this way whatever netc would choose."""
    elaborated = net.session.elaborate(net.name)
    assert elaborated is not None
    with patch.object(stack_products, "WORTH", 1 << 62):
        compiled = compile_net(elaborated, replace(net.steps.request(), stacked=stacked))
    assert (STACKED in compiled.program.notes) is stacked
    leaves = compiled.elaborated.leaves(Kind.PARAMETER), compiled.elaborated.leaves(Kind.STATE)
    bound = net.backend.bind(compiled.schedule, compiled.program, SIZES, net.dtype, leaves, net.engine.blocks)
    bound.inputs["x"][...] = np.random.default_rng(1).integers(0, 84, (1, POINTS))
    loss = compiled.program.loss
    assert loss is not None

    def step() -> float:
        bound.run()
        return float(bound.read(loss))

    return step
