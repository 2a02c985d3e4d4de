"""The same training step in another system: there are such steps beside a checkout's benchmarks."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import click

_CHECKOUT = Path(__file__).parents[2]
_ASK = "from benchmarks.peers.workload import all_workloads as a\nfor w in a().values(): print(w.name, w.spec, w.net or '', sep='\\t')"


def compare(system: str, file: str, net: str) -> int:
    """Run the benchmark that sets a spec's net beside a system; its sizes, batch and optimiser are the benchmark's own."""
    if find_spec(system) is None:
        raise click.UsageError(f"`--compare {system}` needs {system}, which is not installed: pip install {system}")
    if not (_CHECKOUT / "benchmarks" / "peers").is_dir():
        raise click.UsageError(f"`--compare {system}` needs a checkout of netc: what {system} runs stands in its benchmarks/peers, not in the package.")
    listed = subprocess.run([sys.executable, "-c", _ASK], cwd=_CHECKOUT, check=True, capture_output=True, text=True).stdout
    known = [tuple(line.split("\t")) for line in listed.splitlines()]
    asked = Path(file).resolve()
    names = [name for name, spec, own in known if (_CHECKOUT / spec).resolve() == asked and own in ("", net)]
    if not names:
        raise click.UsageError(
            f"nobody wrote {file} for {system}: netc does not translate a net, and times it beside one written by hand. "
            f"There are {', '.join(f'{spec} ({name})' for name, spec, _ in known)}; a file in benchmarks/peers/workloads adds another."
        )
    command = [sys.executable, "-m", "benchmarks", "peers", *names, "--only", "netc", "--only", system]
    return subprocess.run(command, cwd=_CHECKOUT, check=False).returncode
