"""Measures what the table of systems shows, and keeps it in measured.json."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType
from typing import Any

import netc

from docs.systems import HERE, MEASURED, rows
from docs.systems.place import SPECS


def measure_gradients() -> None:
    """The gradients of every net of the table, at the sizes of the tests."""
    found: dict[str, float] = {}
    for spec, net in dict.fromkeys(n for r in rows() for n in r.nets):
        worst = _worst(spec, net)
        if worst is not None:
            found[f"{spec} {net}"] = float(f"{worst:.1e}")
            print(f"{spec} {net}: {worst:.1e}", file=sys.stderr, flush=True)
    _keep("gradients", found)


def measure_runs(numbers: list[int]) -> None:
    """The commands of these rows, each in an empty folder that holds its spec."""
    for row in rows():
        if row.number not in numbers:
            continue
        with tempfile.TemporaryDirectory() as folder:
            for spec in row.specs:
                _netc(["new", spec.rpartition("/")[2].removesuffix(".net")], folder)
            begun = time.perf_counter()
            said = "\n".join([_netc(words[1:], folder) for words in row.commands])
            taken = round(time.perf_counter() - begun, 1)
        last = [line for line in said.split("\n") if line.startswith("done in")]
        print(f"{row.number}: {row.command}: {taken} s: {last[-1:]}", file=sys.stderr, flush=True)
        _keep("runs", {row.command: {"seconds": taken, "said": last[-1] if last else ""}})


def _netc(words: list[str], folder: str) -> str:
    """What a command says. Raises CalledProcessError where it ends with findings."""
    return subprocess.run(
        [sys.executable, "-m", "netc", *words], cwd=folder, check=True, capture_output=True, text=True
    ).stderr


def _worst(spec: str, net: str) -> float | None:
    """None for nets without gradients, and for those whose check takes minutes: their specs tell it."""
    tests = _tests()
    if spec in tests.TOO_LARGE or not netc.load(SPECS / spec)[net].build().params:
        return None
    picked = netc.load(SPECS / spec, {**tests.SIZES, **tests.SHRUNK}.get(spec))[net]
    checked = netc.gradcheck(picked, directions=1, batch=4) if spec in tests.SHRUNK else netc.gradcheck(picked)
    return checked.worst


def _tests() -> ModuleType:
    """The module of the tests that knows at which sizes a check takes no time."""
    place = spec_from_file_location("test_specs", HERE.parents[1] / "tests" / "test_specs.py")
    assert place is not None and place.loader is not None
    module = module_from_spec(place)
    place.loader.exec_module(module)
    return module


def _keep(name: str, found: dict[str, Any]) -> None:
    known = json.loads(MEASURED.read_text(encoding="utf-8"))
    known[name] = dict(sorted({**known[name], **found}.items()))
    MEASURED.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
