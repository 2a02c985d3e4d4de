"""How long commands take from the shell: a fresh process each time, files warm and compiled as an installation leaves them."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.result import Options, Result, quantile

SPECS = Path(__file__).parents[1] / "specs" / "vision"
RUNS = 11
GPT2 = ("-D", "V=50257", "-D", "D=768", "-D", "L=12", "-D", "heads=12", "-D", "context=1024", "--length", "T=1024")
COMMANDS: tuple[tuple[tuple[str, ...], float], ...] = (  # arguments, target in seconds
    (("--help",), 0.15),
    (("check", "lenet5.net"), 0.4),
    (("check", "resnet152.net"), 1.0),
    (("check", "../attention/transformer.net", *GPT2), 1.0),
)


def measure(options: Options) -> Result:
    """Median and fastest of several runs, and the least processor time: that is what a busy machine tells truly."""
    rows: list[dict[str, Any]] = []
    for arguments, target in COMMANDS:
        times, work = zip(*[_seconds(arguments) for _ in range(RUNS + 1)][1:], strict=True)
        rows.append({
            "command": f"netc {' '.join(arguments)}", "fastest s": min(times), "median s": quantile([*times], 0.5),
            "least CPU s": min(work), "target s": target,
        })  # fmt: skip
    missed = [
        f"{r['command']}: {r['median s']:.2f} s, target {r['target s']} s"
        for r in rows
        if r["median s"] > r["target s"]
    ]
    return Result("startup", f"from the shell, {RUNS} runs", rows, missed)


def _seconds(arguments: tuple[str, ...]) -> tuple[float, float]:
    """By the clock, and of the processor."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "netc", *arguments], cwd=SPECS, check=True, stdout=subprocess.DEVNULL, env=environment
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - begun, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
