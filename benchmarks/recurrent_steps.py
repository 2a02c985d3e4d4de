"""One training step of an LSTM and of a MUT1 language model: T 50, batch 32, 256 hidden, clipping, Adam; float32, on NumPy.

The steps that netc plans from specs/text/{lstm_lm,mut1_lm}.net are timed in turn with steps written by hand in NumPy, where
`--against` gives them: a Python file with `lstm(sizes)` and `mut1(sizes)`, which make functions that take one step and return
its loss; the modules `w3_lstm` and `w4_mut1` beside it give parameters and batches. Both sides must agree on ten losses.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import netc
import numpy as np
from netc.compiler.settings import Optimiser
from netc.runtime.backends.update import Held

from benchmarks.lenet5_step import Step, in_turn
from benchmarks.result import Options, Result, quantile

SIZES = {"T": 50, "B": 32, "H": 256}
TARGET = 1.25  # times as long as by hand
Parameters = dict[str, Any]


def _lstm(p: Parameters) -> Parameters:
    """Four gates side by side as four matrices; what the hand-written step multiplies from the right is transposed."""
    found = {"E": p["emb"], "V'": p["wo"].T, "b": p["bo"]}
    for k, gate in enumerate("ifgo"):
        part = slice(k * SIZES["H"], (k + 1) * SIZES["H"])
        found |= {f"W{gate}": p["wx"][:, part].T, f"U{gate}": p["wh"][:, part].T, f"b{gate}": p["b"][part]}
    return found


def _mut1(p: Parameters) -> Parameters:
    matrices = {n: p[n.lower()].T for n in ("Wxz", "Wxr", "Whr", "Wx", "Whh")}
    return {"E": p["emb"], "V'": p["wo"].T, "b": p["bo"], **matrices, "bz": p["bz"], "br": p["br"], "bh": p["bh"]}


NETS: dict[str, tuple[str, Callable[[Parameters], Parameters]]] = {"lstm": ("w3_lstm", _lstm), "mut1": ("w4_mut1", _mut1)}


def measure(options: Options) -> Result:
    """The steps timed in turn, one of each at a time."""
    rows: list[dict[str, Any]] = []
    missed: list[str] = []
    for name, (data, translated) in NETS.items():
        steps = _steps(name, data, translated, options.against)
        losses = {side: [step() for _ in range(10)] for side, step in steps.items()}
        if "by hand" in losses and not np.allclose(losses["netc"], losses["by hand"], rtol=1e-4):
            raise SystemExit(f"the two {name} differ: losses {losses['netc']} and by hand {losses['by hand']}")
        times = in_turn(steps, options.rounds)
        for side, found in times.items():
            hand = times.get("by hand")
            low, middle = quantile(found, 0.1), quantile(found, 0.5)
            ratios = (low / quantile(hand, 0.1), middle / quantile(hand, 0.5)) if hand else (None, None)
            rows.append({"net": name, "step": side, "p10 ms": low, "median ms": middle, "to by hand (p10)": ratios[0], "to by hand (median)": ratios[1]})
            if side == "netc" and ratios[0] is not None and ratios[0] > TARGET:
                missed.append(f"{name}: {ratios[0]:.2f} times the hand-written step, target {TARGET}")
    return Result("recurrent_steps", f"T 50, batch 32, 256 hidden, float32, {options.rounds} steps in turn", rows, missed)


def _steps(name: str, data: str, translated: Callable[[Parameters], Parameters], against: Path | None) -> dict[str, Step]:
    net = netc.load(Path(__file__).parents[1] / "specs" / "text" / f"{name}_lm.net").build()
    rng = np.random.default_rng(2)
    batches = [tuple(rng.integers(0, 84, (2, SIZES["T"], SIZES["B"]))) for _ in range(8)]
    steps: dict[str, Step] = {}
    if against is not None:
        sys.path.insert(0, str(against.resolve().parent))
        given, hand = importlib.import_module(data), importlib.import_module(against.stem)
        batches = given.data(SIZES)
        for path, values in translated(given.init(SIZES)).items():
            net.params[path] = values
        steps["by hand"] = getattr(hand, name)(SIZES)
    return {"netc": _planned(net, batches), **steps}


def _planned(net: netc.Net, batches: list[Any]) -> Step:
    """One step as `netc train` takes it: loss, gradients, clipping, Adam."""
    updater, count = net.backend.updater(net.engine.blocks, Optimiser("adam"), Held(clip=5.0)), 0

    def step() -> float:
        nonlocal count
        x, y = batches[count % len(batches)]
        updater.begin(1e-3, count + 1)
        result = net.steps.train({"x": np.ascontiguousarray(x.T), "y": np.ascontiguousarray(y.T)}, seed=1, step=count, updater=updater)
        count += 1
        return result.loss

    return step
