"""How a native training step grows with the length of the sequences, the batch and the width: LSTM language model, float32.

Each row doubles one size and leaves the others. Work grows twofold with T and B, and up to fourfold with the width; a row says by
how much the time did.
"""

from __future__ import annotations

from pathlib import Path

import netc
from netc.runtime.train.timing import time_steps

from benchmarks.result import Fact, Options, Result

SPEC = Path(__file__).parents[1] / "specs" / "text" / "lstm_lm.net"
USUAL = {"T": 50, "B": 32, "H": 256}
SIZES = {"T": (25, 50, 100, 200, 400), "B": (1, 8, 16, 32, 64, 128), "H": (64, 128, 256, 512)}
TARGET = 1.25  # times the growth of the work


def measure(options: Options) -> Result:
    """A second of steps at each size."""
    rows: list[dict[str, Fact]] = []
    missed: list[str] = []
    for name, values in SIZES.items():
        before: tuple[float, float] | None = None
        for value in values:
            sizes = {**USUAL, name: value}
            spec = netc.load(SPEC, {"H": sizes["H"]})
            macs = spec.check(sizes["B"], {"T": sizes["T"]}).macs * sizes["B"]
            seconds = time_steps(spec.build("native"), sizes["B"], {"T": sizes["T"]}, 1.0).quick
            grown, work = (seconds / before[0], macs / before[1]) if before else (None, None)
            rows.append({
                **sizes, "p10 ms": 1e3 * seconds, "µs per symbol": 1e6 * seconds / (sizes["T"] * sizes["B"]), "GFLOP/s": 6 * macs / seconds / 1e9,
                "grown": grown, "work grown": work,
            })  # fmt: skip
            if grown is not None and work is not None and grown > TARGET * work:
                missed.append(f"{name} = {value}: {grown:.2f} times the step before, the work {work:.2f} times")
            before = seconds, macs
    return Result("growth", "lstm_lm, native, float32", rows, missed)
