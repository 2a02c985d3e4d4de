"""The time of a symbol that a net draws: one sequence, and many at once; short sequences and long ones.

Each equation is evaluated once for each symbol, so a recurrent net draws the last symbol as fast as the first; a transformer keeps
its keys and values, and looks at all that is there.
"""

from __future__ import annotations

import time
from pathlib import Path

import netc

from benchmarks.result import Fact, Options, Result, quantile

ROOT = Path(__file__).parents[1] / "specs"
NETS: tuple[tuple[str, dict[str, int], tuple[int, ...]], ...] = (
    ("text/char_rnn.net", {}, (100, 500)),
    ("text/char_lstm.net", {"V": 84}, (100, 500)),
    ("attention/transformer.net", {"context": 512}, (100, 500)),
)
RUNS = 5


def measure(options: Options) -> Result:
    """Median of a few drawings of each length on each backend, the plan and the compilation done before."""
    rows: list[dict[str, Fact]] = []
    for file, sizes, limits in NETS:
        for backend, count in (("numpy", 1), ("native", 1), ("native", 32)):
            net = netc.load(ROOT / file, sizes).build(backend)
            for limit in limits:
                seconds = _drawn(net, limit, count)
                rows.append({
                    "net": file, "backend": backend, "symbols": limit, "sequences": count,
                    "µs per turn": 1e6 * seconds / limit, "µs per symbol": 1e6 * seconds / limit / count,
                })  # fmt: skip
    return Result("sampling", f"untrained nets, float32, the median of {RUNS} runs", rows)


def _drawn(net: netc.Net, limit: int, count: int) -> float:
    times = []
    for k in range(RUNS + 1):
        begun = time.perf_counter()
        net.sample(prompt=[0], limit=limit, count=count, seed=k)
        times.append(time.perf_counter() - begun)
    return quantile(times[1:], 0.5)
