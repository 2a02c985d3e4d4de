"""Planned against measured peak memory of a training step, each net in a process of its own.

Planned is what `netc check` shows: the plan's arena and blocks and what the optimiser keeps. Measured are NumPy's own
allocations (tracemalloc, at the peak of the second step) and the growth of the resident set over what the process held once
the net was compiled. The inputs that a caller passes are not the plan's and not counted.
"""

from __future__ import annotations

import gc
import os
import tracemalloc
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import netc
import numpy as np
from netc.compiler.plan import Sizes, make_plan
from netc.compiler.statements.expressions import Kind
from netc.runtime.backends.update import Held

from benchmarks.result import Options, Result

TARGET = 0.1  # of the planned bytes
SPECS = Path(__file__).parents[1] / "specs" / "vision"
MIB = 2**20


@dataclass(frozen=True)
class Case:
    """A net, its batch and the sizes set from outside."""

    file: str
    batch: int
    define: Mapping[str, int] = field(default_factory=dict)


CASES = (Case("lenet5.net", 64), Case("resnet18.net", 8, {"S": 64}))


def measure(options: Options) -> Result:
    """Every case, traced and untraced."""
    rows: list[dict[str, Any]] = []
    missed = []
    for case in CASES:
        planned = planned_bytes(case)
        traced, grown = _apart(traced_peak, case), _apart(resident_growth, case)
        sizes = "".join(f", {k} = {v}" for k, v in case.define.items())
        rows.append({
            "net": f"{case.file}, batch {case.batch}{sizes}", "planned MiB": planned / MIB, "NumPy's allocations MiB": traced / MIB,
            "resident growth MiB": grown / MIB, "allocations to planned": traced / planned, "resident to planned": grown / planned,
        })  # fmt: skip
        missed += [
            f"{case.file}: {n / planned:.2f} of what is planned"
            for n in (traced, grown)
            if abs(n / planned - 1) > TARGET
        ]
    return Result("memory", "peak of a training step", rows, missed)


def _apart(f: Any, case: Case) -> int:
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        found: int = pool.submit(f, case).result()
    return found


def planned_bytes(case: Case) -> int:
    """The memory row of `netc check`."""
    report = netc.load(SPECS / case.file, case.define).check(case.batch)
    assert report.memory is not None and report.memory.planned
    return report.memory.training


def traced_peak(case: Case) -> int:
    """What NumPy holds at the peak of the second step, in bytes."""
    spec = netc.load(SPECS / case.file, case.define)
    inputs = inputs_of(spec, case.batch)
    tracemalloc.start()
    step = training_step(spec, inputs)
    step(0)
    tracemalloc.reset_peak()
    step(1)
    now, peak = tracemalloc.get_traced_memory()
    arrays = tracemalloc.take_snapshot().filter_traces([tracemalloc.DomainFilter(True, np.lib.tracemalloc_domain)])
    tracemalloc.stop()
    return sum(t.size for t in arrays.traces) + peak - now


def resident_growth(case: Case) -> int:
    """How much the process grows, in bytes, from the compiled net to the third step."""
    spec = netc.load(SPECS / case.file, case.define)
    inputs = inputs_of(spec, case.batch)
    net = spec.build()
    compiled = spec.session.compile(net.name, net.steps.request(), net.per)
    make_plan(
        compiled.schedule, compiled.program, Sizes(case.batch), "float32",
        compiled.elaborated.leaves(Kind.PARAMETER), compiled.elaborated.leaves(Kind.STATE),
    )  # fmt: skip
    del net
    a = np.ones((512, 512), np.float32)
    a @ a  # BLAS takes its own buffers at the first product
    gc.collect()
    before = resident()
    step = training_step(spec, inputs)
    most = 0
    for k in range(3):
        step(k)
        most = max(most, resident())
    return most - before


def training_step(spec: netc.Spec, inputs: Mapping[str, Any]) -> Any:
    """A step with the spec's own optimiser."""
    net = spec.build()
    updater = net.backend.updater(net.engine.blocks, spec.session.settings(net.name).optimizer, Held())

    def step(k: int) -> None:
        updater.begin(1e-3, k + 1)
        net.steps.train(inputs, seed=1, step=k, updater=updater)

    return step


def inputs_of(spec: netc.Spec, batch: int) -> dict[str, Any]:
    """Random numbers in the shape of the net's inputs."""
    rng = np.random.default_rng(0)
    found: dict[str, Any] = {}
    for v in spec.build().inputs:
        shape = (batch, *(a.points() for a in v.axes))
        found[v.name] = (
            rng.integers(0, v.classes.points(), shape).astype(np.int32) if v.classes else rng.random(shape, np.float32)
        )
    return found


def resident() -> int:
    """Bytes of this process that lie in memory (Linux)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
