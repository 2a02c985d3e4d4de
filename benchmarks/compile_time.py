"""From the text of a spec to the plan of a training step: ResNet-152, a transformer of 12 layers, a bidirectional LSTM of 4.

Each in a process of its own, with nothing kept from an earlier one but Python's compiled files; the time begins where the text
is read (netc is imported) and ends where the plan is made: parsed, checked, differentiated, scheduled, laid out.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.result import Options, Result, quantile

SPECS = Path(__file__).parents[1] / "specs"
RUNS = 7
TARGET = 1.5
NETS: dict[str, tuple[str, str, dict[str, int], dict[str, int]]] = {  # file, net, sizes, lengths
    "ResNet-152": ("vision/resnet152.net", "", {}, {}),
    "transformer, 12 layers": ("attention/transformer.net", "", {"L": 12}, {"T": 64}),
    "bidirectional LSTM, 4 layers": ("sequence/deep_bilstm.net", "DeepBiLSTM", {"L": 4}, {"T": 50}),
    "the same by equations": ("sequence/deep_bilstm.net", "DeepBiLSTMByEquations", {"L": 4}, {"T": 50}),
}


def measure(options: Options) -> Result:
    """Fastest and median of several processes, and the least processor time."""
    rows: list[dict[str, Any]] = []
    for name in NETS:
        found = [_process(name) for _ in range(RUNS)]
        wall = [f["wall"] for f in found]
        rows.append({
            "net": name, "statements": found[0]["statements"], "fastest s": min(wall), "median s": quantile(wall, 0.5),
            "least CPU s": min(f["work"] for f in found), "target s": TARGET,
        })  # fmt: skip
    missed = [f"{r['net']}: {r['median s']:.2f} s, target {TARGET} s" for r in rows if r["median s"] > TARGET]
    return Result("compile_time", f"from text to plan, {RUNS} processes each", rows, missed)


def _process(name: str) -> dict[str, Any]:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-m", "benchmarks.compile_time", name]
    done = subprocess.run(command, cwd=SPECS.parent, check=True, stdout=subprocess.PIPE, env=environment)
    return dict(json.loads(done.stdout))


def planned(name: str) -> dict[str, float]:
    """Plan one net in this process: seconds by the clock and of the processor."""
    from netc.compiler.pipeline import Request
    from netc.compiler.plan import Sizes, make_plan
    from netc.compiler.session import Session
    from netc.compiler.statements.expressions import Kind

    file, net, sizes, lengths = NETS[name]
    path = SPECS / file
    begun, work = time.perf_counter(), time.process_time()
    session = Session(path.name, path.read_bytes(), lambda other: (path.parent / other).read_bytes(), sizes)
    net = net or session.nets[-1]
    elaborated = session.elaborate(net, True)
    assert elaborated is not None, [p.diagnose().message for p in session.problems]
    parameters = elaborated.leaves(Kind.PARAMETER)
    compiled = session.compile(net, Request(gradients=tuple(v.name for v in parameters)))
    make_plan(compiled.schedule, compiled.program, Sizes(16, lengths), "float32", parameters, elaborated.leaves(Kind.STATE))
    took = {"wall": time.perf_counter() - begun, "work": time.process_time() - work}
    return {"statements": len(compiled.program.statements), **took}


if __name__ == "__main__":
    print(json.dumps(planned(sys.argv[1])))
