"""Run benchmarks and show tables: `python -m benchmarks [NAME…] [--against FILE] [--json FILE]`.

`python -m benchmarks peers [NAME…]` sets netc beside PyTorch and JAX.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks import (
    binding,
    compile_time,
    growth,
    lenet5_step,
    machine,
    memory,
    recurrent_steps,
    sampling,
    stacked_products,
    startup,
    tree_steps,
)
from benchmarks.peers import command as peers_command
from benchmarks.result import Options, Result

ALL: dict[str, Callable[[Options], Result]] = {
    "lenet5_step": lenet5_step.measure,
    "recurrent_steps": recurrent_steps.measure,
    "stacked_products": stacked_products.measure,
    "tree_steps": tree_steps.measure,
    "binding": binding.measure,
    "growth": growth.measure,
    "sampling": sampling.measure,
    "memory": memory.measure,
    "compile_time": compile_time.measure,
    "startup": startup.measure,
}


def main() -> int:
    """The benchmarks named, or all; 1 where a result is beyond its target."""
    if sys.argv[1:2] == ["peers"]:
        return peers_command.main(sys.argv[2:])
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(ALL)} (all of them)")
    parser.add_argument(
        "--against", type=Path, metavar="FILE", help="a hand-written NumPy step to compare with (lenet5_step, recurrent_steps)"
    )
    parser.add_argument("--rounds", type=int, default=200, help="timed steps of each side (default 200)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write everything here")
    arguments = parser.parse_args()
    unknown = [n for n in arguments.names if n not in ALL]
    if unknown:
        parser.error(f"no benchmark is named {', '.join(unknown)}; there are {', '.join(ALL)}")
    options = Options(arguments.against, arguments.rounds)
    facts = machine.facts()
    print(", ".join(f"{k} {v}" for k, v in facts.items()))
    results = []
    for name in arguments.names or ALL:
        result = ALL[name](options)
        results.append(result)
        print(f"\n{result.table()}", flush=True)
    if arguments.json:
        kept = json.loads(arguments.json.read_text(encoding="utf-8")) if arguments.json.exists() else {}
        found = {**kept, "machine": facts, "results": {**kept.get("results", {}), **{r.name: r.rows for r in results}}}
        arguments.json.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return 1 if any(r.missed for r in results) else 0


if __name__ == "__main__":
    sys.exit(main())
