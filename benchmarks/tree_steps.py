"""One training step of the tree nets (specs/tree) on 32 boolean trees: level by level, as netc plans it, and node by node.

Both are the same net with the same parameters; node by node the samples keep the order of their own nodes and the loop takes a
turn for each. Measured are the batch of middle size and the largest of an epoch; forward, backward, clipping, Adam; float32.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import netc
import numpy as np
from netc.compiler.settings import Optimiser
from netc.compiler.source.text import Source, Span
from netc.runtime.backends.update import Held
from netc.runtime.data.binding.bind import bind
from netc.runtime.data.feeding.batches import batches
from netc.runtime.data.pipeline.resolve import resolve
from netc.runtime.model.inputs import prepare

from benchmarks.lenet5_step import Step, in_turn
from benchmarks.result import Options, Result, quantile

SPECS = Path(__file__).parents[1] / "specs" / "tree"
NETS = (("recursive.net", "Recursive"), ("tree_lstm.net", "ChildSum"), ("tree_lstm.net", "Binary"))
BATCH = 32
TARGET = 0.9  # of the largest batch; trees of a few nodes have few turns to save


def measure(options: Options) -> Result:
    """The two ways timed in turn, one step of each at a time."""
    rows: list[dict[str, Any]] = []
    missed: list[str] = []
    for file, name in NETS:
        for which, batch in _batches(file, name).items():
            ways = {"level by level": _built(file, name), "node by node": _built(file, name)}
            ways["node by node"].engine.trees = ()
            (nodes,) = prepare(batch, ways["level by level"].inputs, set()).nodes.values()
            steps = {way: _step(net, batch) for way, net in ways.items()}
            losses = {way: [step() for _ in range(10)] for way, step in steps.items()}
            if not np.allclose(*losses.values(), rtol=1e-4):
                raise SystemExit(f"the two {name} differ: losses {losses}")
            times = in_turn(steps, options.rounds)
            slow = times["node by node"]
            for way, found in times.items():
                low, middle = quantile(found, 0.1), quantile(found, 0.5)
                ratios = (low / quantile(slow, 0.1), middle / quantile(slow, 0.5))
                rows.append({
                    "net": name, "batch": which, "nodes at most": nodes.places.shape[1], "step": way,
                    "turns": len(nodes.bounds) if way == "level by level" else nodes.places.shape[1],
                    "p10 ms": low, "median ms": middle, "to node by node (p10)": ratios[0], "to node by node (median)": ratios[1],
                })  # fmt: skip
                if (which, way) == ("largest", "level by level") and ratios[0] > TARGET:
                    missed.append(f"{name}, {which} batch: {ratios[0]:.2f} times as long as node by node")
    return Result("tree_steps", f"{BATCH} boolean trees, float32, {options.rounds} steps in turn", rows, missed)


def _built(file: str, name: str) -> netc.Net:
    return netc.load(SPECS / file)[name].build(seed=1)


def _batches(file: str, name: str) -> dict[str, Any]:
    """The batch of middle size and the largest of the first epoch."""
    net = _built(file, name)
    settings = net.session.settings(name)
    data = bind(resolve(settings.data, folder=SPECS, seed=1), net.inputs, Span(Source("benchmark", name), 0, 0)).train
    found = sorted((data.arrays(places) for places in batches(data, BATCH, 1, 0)), key=lambda b: int(b["N"].lengths.max()))
    whole = [b for b in found if len(b["N"]) == BATCH]
    return {"middle": whole[len(whole) // 2], "largest": whole[-1]}


def _step(net: netc.Net, batch: Any) -> Step:
    """One step as `netc train` takes it: loss, gradients, clipping, Adam."""
    updater, count = net.backend.updater(net.engine.blocks, Optimiser("adam"), Held(clip=1.0)), 0

    def step() -> float:
        nonlocal count
        updater.begin(3e-3, count + 1)
        result = net.steps.train(batch, seed=1, step=count, updater=updater)
        count += 1
        return result.loss

    return step
