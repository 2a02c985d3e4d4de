"""The versions of one workload as processes: started one by one, then given the machine in turn."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.peers.workload import ROOT, Workload

PAUSE = 0.05  # seconds between two versions: a team of threads that spins has gone to sleep


@dataclass
class Version:
    """What one process told: its beginning, and the milliseconds of each round."""

    name: str
    process: subprocess.Popen[str]
    beginning: dict[str, Any]
    rounds: list[list[float]] = field(default_factory=list)

    @property
    def times(self) -> list[float]:
        return [t for r in self.rounds for t in r]

    def run(self, seconds: float) -> None:
        """One round."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} ended in the middle")
        self.rounds.append(json.loads(line))


def measured(workload: Workload, names: Sequence[str], rounds: int, seconds: float, patience: float) -> tuple[list[Version], dict[str, str]]:
    """The versions that began, with their times, and why the others did not. netc begins once more with its cache filled."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder, _processes() as running:
        environment = _environment(workload, Path(folder))
        versions: list[Version] = []
        failed: dict[str, str] = {}
        for name in names:
            found = _begun(workload, name, environment, patience, Path(folder))
            if isinstance(found, str):
                failed[name] = found
                continue
            running.append(found.process)
            versions.append(found)
        if any(v.name == "netc" for v in versions):
            again = _begun(workload, "netc", environment, patience, Path(folder))
            if isinstance(again, Version):
                running.append(again.process)
                next(v for v in versions if v.name == "netc").beginning["first, cached"] = again.beginning["first"]
                _end(again.process)
        for _ in range(rounds):
            for v in versions:
                v.run(seconds)
                time.sleep(PAUSE)
        return versions, failed


def _environment(workload: Workload, folder: Path) -> dict[str, str]:
    """Caches that are empty, and the start that all versions share."""
    from benchmarks.peers.netc_version import save_start  # netc is heavy, and the command's help is not

    save_start(workload, folder / "start.npz")
    caches = {"NETC_CACHE": str(folder / "netc"), "TORCHINDUCTOR_CACHE_DIR": str(folder / "inductor")}
    return {**os.environ, **caches, "BENCHMARK_START": str(folder / "start.npz"), "JAX_PLATFORMS": "cpu"}


def _begun(workload: Workload, name: str, environment: Mapping[str, str], patience: float, folder: Path) -> Version | str:
    """A process that has taken its first steps and waits; else what its last line was."""
    log = folder / "log.txt"
    with log.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.peers.worker", workload.name, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
            text=True, cwd=ROOT, env=environment,
        )  # fmt: skip
    late = threading.Timer(patience, process.kill)
    late.start()
    assert process.stdout is not None
    line = process.stdout.readline()
    late.cancel()
    if line:
        return Version(name, process, json.loads(line))
    process.wait()
    said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return said[-1] if said else f"no answer within {patience:g} s"


@contextmanager
def _processes() -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that end with the block, whatever happens in it."""
    running: list[subprocess.Popen[str]] = []
    try:
        yield running
    finally:
        for process in running:
            _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    """It ends where its input ends."""
    if process.stdin is not None and not process.stdin.closed:
        process.stdin.close()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
