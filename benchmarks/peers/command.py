"""The command `python -m benchmarks peers`."""

from __future__ import annotations

import argparse
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.peers.rounds import measured
from benchmarks.peers.table import result, summary
from benchmarks.peers.workload import Torch, Workload, all_workloads
from benchmarks.result import Result


def main(arguments: list[str]) -> int:
    """Run workloads and show their tables; 1 where a target is missed."""
    workloads = all_workloads()
    parser = argparse.ArgumentParser(prog="python -m benchmarks peers", description="Whole training steps of netc beside PyTorch and JAX.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(workloads)} (all of them)")
    parser.add_argument("--only", metavar="VERSION", action="append", help="versions by the beginning of their names: netc, torch, `torch compile`, jax")
    parser.add_argument("--rounds", type=int, default=7, help="how often each version has its turn (default 7)")
    parser.add_argument("--seconds", type=float, default=0.5, help="how long a turn is (default 0.5)")
    parser.add_argument("--patience", type=float, default=600, help="seconds that a version has for its first steps (default 600)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write everything here; workloads that are there already and were not run stay")
    given = parser.parse_args(arguments)
    unknown = [n for n in given.names if n not in workloads]
    if unknown:
        parser.error(f"no workload is named {', '.join(unknown)}; there are {', '.join(workloads)}")
    facts = machine.facts() | machine.peers()
    print(", ".join(f"{k} {v}" for k, v in facts.items()))
    found: dict[str, tuple[Workload, Result]] = {}
    for name in given.names or workloads:
        workload = workloads[name]
        versions, failed = measured(workload, _versions(workload, given.only), given.rounds, given.seconds, given.patience)
        found[name] = workload, result(workload, versions, failed)
        print(f"\n{found[name][1].table()}", flush=True)
        if given.json:
            _write(given.json, facts, name, found[name][1])
    whole = summary(found)
    if whole.rows:
        print(f"\n{whole.table()}")
    return 1 if any(one.missed for _, one in found.values()) else 0


def _versions(workload: Workload, only: list[str] | None) -> list[str]:
    """netc and the peers that are installed, or those asked for."""
    there = {"torch": find_spec("torch") is not None, "jax": find_spec("jax") is not None}
    names = ["netc", *(n for n, v in workload.versions.items() if there["torch" if isinstance(v, Torch) else "jax"])]
    return [n for n in names if only is None or any(n.startswith(o) for o in only)]


def _write(path: Path, facts: dict[str, str], name: str, one: Result) -> None:
    """Each workload as soon as it is done: what comes later may fail."""
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    peers = kept.setdefault("peers", {"machine": facts, "results": {}})
    peers["machine"] = facts
    peers["results"][name] = {"title": one.title, "rows": one.rows, "missed": one.missed}
    path.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
