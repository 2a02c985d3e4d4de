"""What a workload came to: a row for each version, the ratio to the best peer, and what was missed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.peers.rounds import Version
from benchmarks.peers.workload import Workload
from benchmarks.result import Fact, Result, quantile

LOSSES = 1e-3  # by which losses may differ, relative: ten steps of Adam enlarge what rounding does
COMPILED, LOADED = 3.0, 0.1  # seconds for the step of netc, cold and cached
MIB = 2**20


def result(workload: Workload, versions: Sequence[Version], failed: Mapping[str, str]) -> Result:
    """Rows in the order of the versions, netc first."""
    own = next((v for v in versions if v.name == "netc"), None)
    peers = [v for v in versions if v.name != "netc"]
    fast = {v.name: quantile(v.times, 0.1) for v in versions}
    best = min((fast[v.name] for v in peers), default=None)
    reference = next((v for v in peers if v.name.startswith("torch")), None)
    rows: list[dict[str, Fact]] = []
    for v in versions:
        b = v.beginning
        rows.append({
            "version": v.name, "p10 ms": fast[v.name], "median ms": quantile(v.times, 0.5),
            "samples per second": int(1e3 * workload.samples / fast[v.name]),
            "best peer to this (p10)": best / fast[v.name] if best else None,
            "build s": b["build"], "first step s": b["first"], "first step, cached s": b.get("first, cached"),
            "memory MiB": _memory(v), "resident MiB": b["resident"] / MIB,
            "losses differ by": _difference(v, reference),
        })  # fmt: skip
    missed = [f"{name}: {why}" for name, why in failed.items()]
    if own is not None and best is not None:
        torch = [_memory(v) for v in peers if v.name.startswith("torch")]
        missed += _missed(workload, own, best / fast["netc"], _difference(own, reference), min(torch, default=None))
    return Result(workload.name, f"{workload.title}; target {workload.target:g}", rows, missed)


def _missed(workload: Workload, own: Version, ratio: float, difference: float | None, least: float | None) -> list[str]:
    """`difference` is that of the losses, `least` the memory of PyTorch's leanest version."""
    found = []
    if ratio < workload.target:
        found.append(f"{ratio:.2f} times the best peer, target {workload.target:g}")
    if difference is not None and difference > LOSSES:
        found.append(f"losses {own.beginning['losses']} differ from PyTorch's")
    if own.beginning["first"] > COMPILED:
        found.append(f"first step {own.beginning['first']:.1f} s, target {COMPILED:g} s")
    if (cached := own.beginning.get("first, cached", 0.0)) > LOADED:
        found.append(f"first step with a filled cache {cached:.2f} s, target {LOADED:g} s")
    if least is not None and _memory(own) > least:
        found.append(f"memory {_memory(own):.0f} MiB, the least of PyTorch {least:.0f} MiB")
    return found


def _memory(version: Version) -> float:
    """MiB by which the process grew."""
    return float(version.beginning["grown"]) / MIB


def _difference(version: Version, reference: Version | None) -> float | None:
    """The greatest relative difference of the first ten losses."""
    if reference is None or version is reference:
        return None
    pairs: Any = zip(version.beginning["losses"], reference.beginning["losses"], strict=True)
    return max(abs(a - b) / max(abs(b), 1e-6) for a, b in pairs)


def summary(found: Mapping[str, tuple[Workload, Result]]) -> Result:
    """One row for each workload: netc, the best peer, the ratio beside its target."""
    rows: list[dict[str, Fact]] = []
    for name, (workload, one) in found.items():
        own = next((r for r in one.rows if r["version"] == "netc"), None)
        peers = [r for r in one.rows if r["version"] != "netc"]
        if own is None or not peers:
            continue
        best = min(peers, key=lambda r: float(r["p10 ms"] or 0.0))
        torch = [r["memory MiB"] for r in peers if str(r["version"]).startswith("torch")]
        rows.append({
            "workload": name, "netc p10 ms": own["p10 ms"], "median ms": own["median ms"], "best peer": best["version"],
            "p10 ms": best["p10 ms"], "ratio": own["best peer to this (p10)"], "target": workload.target,
            "first step s": own["first step s"], "cached s": own["first step, cached s"], "memory MiB": own["memory MiB"],
            "PyTorch's MiB": min(torch) if torch else None, "losses differ by": own["losses differ by"],
        })  # fmt: skip
    return Result("peers", "whole training steps, netc beside the best peer of the same run", rows)
