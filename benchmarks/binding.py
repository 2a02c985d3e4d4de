"""What a sequence's first step costs before it runs: a plan for its length, and the views of every turn of its loops.

A loop is bound once and its views are advanced, so a further symbol costs little beside a step itself.
"""

from __future__ import annotations

import gc
from pathlib import Path
from time import perf_counter

import netc
from netc.compiler.pipeline import Request
from netc.compiler.plan import Sizes, make_plan
from netc.compiler.rewrites import Wanted
from netc.runtime.backends.backend import Bound

from benchmarks.result import Fact, Options, Result

NETS = {"lstm_lm": {"H": 32}, "char_rnn": {}}
LENGTHS = (20, 200, 2000)
TARGET = 1.0  # of a step at the greatest length, at batch 1


def measure(options: Options) -> Result:
    """The least of a few rounds for each net and length."""
    rows: list[dict[str, Fact]] = []
    missed: list[str] = []
    for name, sizes in NETS.items():
        net = netc.load(Path(__file__).parents[1] / "specs" / "text" / f"{name}.net", sizes).build()
        engine = net.engine
        compiled = net.session.compile(net.name, Request(True, Wanted(), tuple(p.name for p in engine.parameters)), net.per)
        for points in LENGTHS:
            plans, binds, steps = [], [], []
            for _ in range(3):
                gc.collect()
                start = perf_counter()
                plan = make_plan(compiled.schedule, compiled.program, Sizes(1, {"T": points}), "float32", engine.parameters, engine.states)
                made = perf_counter()
                bound = Bound(plan, engine.blocks, engine.backend)
                plans.append(made - start)
                binds.append(perf_counter() - made)
                for k in range(5):
                    start = perf_counter()
                    bound.run(1, k)
                    steps.append(perf_counter() - start)
            plan_ms, bind_ms, step_ms = (1000 * min(t) for t in (plans, binds, steps))
            rows.append({"net": name, "T": points, "plan ms": plan_ms, "bind ms": bind_ms, "step ms": step_ms, "bind per symbol µs": 1000 * bind_ms / points})
            if points == LENGTHS[-1] and bind_ms > TARGET * step_ms:
                missed.append(f"{name}: binding {points} points takes {bind_ms / step_ms:.2f} of a step, target {TARGET}")
    return Result("binding", "batch 1, float32, the least of a few", rows, missed)
