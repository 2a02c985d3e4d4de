"""One training step of LeNet-5 on 64 images: forward, backward, momentum; float32, on NumPy.

The step that netc plans is timed in turn with a step written by hand in NumPy, where `--against` gives one: a Python file with
`npy({"B": 64})`, which makes a function that takes one step and returns its loss, and `w`, whose `init` and `data` give the
parameters and the eight batches that it starts from. Both sides must agree on the first ten losses. The hand-written net ends
in a softmax layer; LeNet-5 as published (RBF layer, equation 9) is timed beside it.
"""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import netc
import numpy as np
from netc.compiler.settings import Optimiser
from netc.runtime.backends.update import Held

from benchmarks.result import Options, Result, quantile

BATCH = 64
TARGET = 1.3  # times as long as by hand
PATHS = {
    "c1w": "c1.Conv.K", "c1b": "c1.Conv.b", "s2w": "s2.Subsample.a", "s2b": "s2.Subsample.b", "c3w": "c3.Conv.K", "c3b": "c3.Conv.b",
    "s4w": "s4.Subsample.a", "s4b": "s4.Subsample.b", "c5w": "c5.Conv.K", "c5b": "c5.Conv.b", "f6w": "f6.Dense.W", "f6b": "f6.Dense.b",
    "ow": "z.Dense.W", "ob": "z.Dense.b",
}  # fmt: skip
HERE = Path(__file__).parent
Array = np.ndarray[Any, np.dtype[Any]]
Batches = list[tuple[Array, Array]]
Step = Callable[[], float]


def measure(options: Options) -> Result:
    """The steps timed in turn, one of each at a time."""
    hand = _by_hand(options.against) if options.against else None
    softmax = netc.load(HERE / "specs" / "lenet5_softmax.net").build()
    published = netc.load(HERE.parent / "specs" / "vision" / "lenet5.net").build()
    batches = hand.data({"B": BATCH}) if hand else _random_batches()
    steps: dict[str, Step] = {
        "netc": planned_step(softmax, batches),
        "netc, as published": planned_step(published, batches),
    }
    if hand:
        for name, values in hand.init({"B": BATCH}).items():
            softmax.params[PATHS[name]] = values
        steps["by hand"] = hand.step
    losses = {name: [step() for _ in range(10)] for name, step in steps.items()}
    if hand and not np.allclose(losses["netc"], losses["by hand"], rtol=1e-4):
        raise SystemExit(f"the two nets differ: losses {losses['netc']} and by hand {losses['by hand']}")
    times = in_turn(steps, options.rounds)
    rows = [_row(name, times[name], times.get("by hand")) for name in steps]
    ratio = rows[0]["to by hand (p10)"]
    missed = (
        [f"{ratio:.2f} times the hand-written step, target {TARGET}"]
        if isinstance(ratio, float) and ratio > TARGET
        else []
    )
    return Result("lenet5_step", f"batch {BATCH}, float32, {options.rounds} steps in turn", rows, missed)


def planned_step(net: netc.Net, batches: Batches) -> Step:
    """One step as `netc train` takes it: loss, gradients, momentum."""
    updater = net.backend.updater(net.engine.blocks, Optimiser("sgd", constants=(("momentum", 0.9),)), Held())
    count = 0

    def step() -> float:
        nonlocal count
        image, digit = batches[count % len(batches)]
        updater.begin(0.01, count + 1)
        result = net.steps.train({"image": image, "digit": digit}, seed=1, step=count, updater=updater)
        count += 1
        return result.loss

    return step


def in_turn(steps: Mapping[str, Step], rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each step, one of each at a time, so that what else the machine does meets all of them."""
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(rounds):
        for name, step in steps.items():
            begun = time.perf_counter()
            step()
            times[name].append(1e3 * (time.perf_counter() - begun))
    return times


def _row(name: str, times: list[float], hand: list[float] | None) -> dict[str, Any]:
    low, middle = quantile(times, 0.1), quantile(times, 0.5)
    return {
        "step": name,
        "p10 ms": low,
        "median ms": middle,
        "images per second": int(1e3 * BATCH / middle),
        "to by hand (p10)": low / quantile(hand, 0.1) if hand else None,
        "to by hand (median)": middle / quantile(hand, 0.5) if hand else None,
    }


class _ByHand:
    def __init__(self, module: Any) -> None:
        self.init, self.data = module.w.init, module.w.data
        self.step: Step = module.npy({"B": BATCH})


def _by_hand(path: Path) -> _ByHand:
    """The module of the hand-written step; what it imports stands beside it or on PYTHONPATH."""
    sys.path.insert(0, str(path.resolve().parent))
    return _ByHand(importlib.import_module(path.stem))


def _random_batches() -> Batches:
    rng = np.random.default_rng(2)
    return [(rng.standard_normal((BATCH, 1, 32, 32), np.float32), rng.integers(0, 10, BATCH)) for _ in range(8)]
