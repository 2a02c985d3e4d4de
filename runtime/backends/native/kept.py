"""Kernels on disk: what was planned and written once is not planned again, by this process or another.

An entry is found by all that decides it: the text of the spec and how it is run, the processor, and netc as it is. It is a
kernel's text and where its arrays lie, as JSON; it is taken only where the program at hand has the variables that it speaks of.
"""

from __future__ import annotations

import json
from contextlib import suppress
from functools import cache as once
from pathlib import Path
from typing import Any

from netc import compiler, grammar
from netc.compiler.kernels import Kernel
from netc.compiler.plan.model import Buffer, Operand, Sizes
from netc.compiler.plan.planner import bound_plan
from netc.compiler.statements.program import Program
from netc.runtime.backends.native import cache

_FORM = 1  # of an entry
_SOURCES = {".py", ".c", ".h", ".lark", ".net", ".toml"}


def key(program: Program, *settings: object) -> str:
    """The name of a kernel of this program; nothing where it is not known what the program was made from."""
    return cache.key(str(_FORM), _netc(), program.origin, *map(repr, settings)) if program.origin else ""


def recall(name: str, program: Program, sizes: Sizes, dtype: str) -> Kernel | None:
    """The kernel kept under a name, if there is one."""
    path = cache.lookup(name)
    if path is None:
        return None
    try:
        found = json.loads(path.read_bytes())
    except OSError:  # another process may remove it at any time
        return None
    return _kernel(found, program, sizes, dtype)


def keep(name: str, kernel: Kernel, program: Program) -> None:
    """Keep a kernel of this program, where the cache can be written."""
    entry = json.dumps(_entry(kernel, program))
    with suppress(OSError), cache.workplace() as (place, kept):  # a full disk stops no training
        if kept:
            made = place / "kernel.json"
            made.write_text(entry, encoding="utf-8")
            cache.keep(made, name)


def _entry(kernel: Kernel, program: Program) -> dict[str, Any]:
    variables = program.variables()
    number = {v: k for k, v in enumerate(variables)}
    operands = {number[v]: o for v, o in kernel.plan.operands.items()}
    buffers = list(dict.fromkeys([*(o.buffer for o in operands.values()), *kernel.pointers]))
    at = {b: k for k, b in enumerate(buffers)}
    return {
        "source": kernel.source, "products": kernel.products, "works": kernel.works, "arena": kernel.plan.arena, "sizes": kernel.sizes,
        "variables": [[v.name, len(v.axes), v.per_sample] for v in variables],
        "buffers": [[b.name, b.elements, b.block, b.integer, b.offset] for b in buffers],
        "operands": [[k, at[o.buffer], o.offset, o.shape, o.strides] for k, o in operands.items()],
        "pointers": [at[b] for b in kernel.pointers], "draws": [number[v] for v in kernel.draws],
    }  # fmt: skip


def _kernel(found: dict[str, Any], program: Program, sizes: Sizes, dtype: str) -> Kernel | None:
    variables = program.variables()
    if found["variables"] != [[v.name, len(v.axes), v.per_sample] for v in variables]:
        return None
    buffers = [Buffer(*facts) for facts in found["buffers"]]
    operands = {variables[k]: Operand(buffers[b], offset, tuple(shape), tuple(strides)) for k, b, offset, shape, strides in found["operands"]}
    plan = bound_plan(sizes.batch, dtype, (), found["arena"], operands, {}, variables, sizes.table())
    return Kernel(
        plan, found["source"], found["products"], tuple(buffers[b] for b in found["pointers"]), tuple(found["sizes"]),
        tuple(variables[k] for k in found["draws"]), tuple(map(tuple, found["works"])),
    )  # fmt: skip


@once
def _netc() -> str:
    """What netc is made from: its compiler's files, as large and as old as they are."""
    facts = []
    for folder in (Path(part.__path__[0]) for part in (grammar, compiler)):
        for path in sorted(p for p in folder.rglob("*") if p.suffix in _SOURCES):
            told = path.stat()
            facts.append(f"{path} {told.st_size} {told.st_mtime_ns}")
    return "\n".join(facts)
