"""One version of one workload in a process of its own: `python -m benchmarks.peers.worker WORKLOAD VERSION`.

A line protocol: it takes ten steps and writes one line of JSON about them; then, for each line `SECONDS` that it reads, it takes
steps for so long and writes their milliseconds. It ends where its input ends.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from benchmarks.peers.workload import Jax, Torch, Workload, all_workloads

FIRST = 10  # steps whose losses are compared
WARM = 0.3  # seconds before the first measurement


class Clock:
    """Told of every step; decides when to write and when to wait. Its end is `SystemExit`, whoever takes the steps."""

    def __init__(self, out: TextIO, imported: float) -> None:
        self.out, self.imported = out, imported
        self.losses: list[float] = []
        self.times: list[float] = []
        self.before = resident()
        self.begun = self.last = time.perf_counter()
        self.built = self.first = 0.0
        self.ends = 0.0
        self.rounds = False

    def ready(self) -> None:
        """The net is built; the first step, with what it compiles, follows."""
        self.built = time.perf_counter() - self.begun
        self.last = time.perf_counter()

    def stepped(self, loss: float) -> None:
        now = time.perf_counter()
        took = now - self.last
        if self.rounds:
            self.times.append(1e3 * took)
            if now >= self.ends and len(self.times) >= 4:
                self._tell(self.times[1:])  # the first step after a wait finds cold caches
                self._await()
        else:
            self._beginning(loss, took, now)
        self.last = time.perf_counter()

    def _beginning(self, loss: float, took: float, now: float) -> None:
        if len(self.losses) < FIRST:
            self.losses.append(loss)
        if len(self.losses) == 1 and not self.first:
            self.first = took
            forget_peak()
        if len(self.losses) == FIRST and not self.ends:
            self.grown = peak() - self.before
            self.ends = now + WARM
        if self.ends and now >= self.ends:
            self._tell({
                "import": self.imported, "build": self.built, "first": self.first, "losses": self.losses,
                "grown": self.grown, "resident": self.grown + self.before,
            })  # fmt: skip
            self._await()

    def _tell(self, found: Any) -> None:
        print(json.dumps(found), file=self.out, flush=True)

    def _await(self) -> None:
        line = sys.stdin.readline()
        if not line.strip():
            raise SystemExit(0)
        self.rounds, self.times = True, []
        self.ends = time.perf_counter() + float(line)


def resident() -> int:
    """Bytes of this process in memory now (Linux)."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def peak() -> int:
    """The most bytes that it ever had since `forget_peak`."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    assert found is not None
    return int(found[1]) * 1024


def forget_peak() -> None:
    """From here on the peak is counted anew: what compilers needed is not what a step needs."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def main() -> None:
    """Run a version. What libraries print goes to standard error."""
    name, version = sys.argv[1:]
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    workload = all_workloads()[name]
    begun = time.perf_counter()
    run = _runner(workload, version)
    workload.batches()
    run(Clock(out, time.perf_counter() - begun))


def _runner(workload: Workload, version: str) -> Callable[[Clock], None]:
    """What takes a version's steps; its system is imported here."""
    if version == "netc":
        from benchmarks.peers import netc_version

        return lambda clock: netc_version.run(workload, clock.ready, clock.stepped)
    made = workload.versions[version]
    start = Path(os.environ["BENCHMARK_START"])
    if isinstance(made, Torch):
        from benchmarks.peers import torch_version

        step = torch_version.stepper(workload, made, start)
    else:
        assert isinstance(made, Jax)
        from benchmarks.peers import jax_version

        step = jax_version.stepper(workload, made, start)

    def run(clock: Clock) -> None:
        one = step()
        clock.ready()
        while True:
            clock.stepped(one())

    return run


if __name__ == "__main__":
    main()
