"""The C compiler of this machine: which one, its version, and what the processor has."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_PATIENCE = 20.0  # seconds for a compiler to say what it is
_COMMON = ("-std=gnu11", "-O3", "-fPIC", "-pthread", "-fno-math-errno", "-w")
_FAST = ("-fno-trapping-math", "-ffp-contract=fast", "-fopenmp-simd")  # `#pragma omp simd` alone, no library
# Predictive commoning keeps in registers what a window reads again: there are too few. Clang has none, and zig's refuses the word.
_GCC = ("-fno-predictive-commoning",)
_STRICT = ("-ffp-contract=off",)
_FAMILIES = (("__clang__", "clang"), ("__GNUC__", "gcc"))  # clang says that it is both
# From wide to narrow: the macro a compiler defines, how people call it, bits of a vector.
_VECTORS = (
    ("__AVX512F__", "AVX-512", 512),
    ("__AVX__", "AVX", 256),
    ("__ARM_NEON", "NEON", 128),
    ("__SSE2__", "SSE2", 128),
)


@dataclass(frozen=True)
class Toolchain:
    """A compiler that works: the command, its first line of `--version`, and all that it predefines for this processor."""

    command: tuple[str, ...]
    version: str
    macros: frozenset[str]
    target: tuple[str, ...]  # the options that mean "this processor"

    @property
    def name(self) -> str:
        """In two words, `gcc 12.2.0`, by whatever command it is called (`cc`, `ccache gcc`, `python -m ziglang cc`)."""
        family = next((name for macro, name in _FAMILIES if macro in self.macros), Path(self.command[0]).name)
        return " ".join([family, *re.findall(r"\d+(?:\.\d+)+", self.version)[-1:]])

    @property
    def vectors(self) -> tuple[str, int]:
        """The name and the width in bits of the widest vectors."""
        return next(((name, width) for macro, name, width in _VECTORS if macro in self.macros), ("scalar", 64))

    def flags(self, strict: bool, by_hand: bool = False) -> tuple[str, ...]:
        """Options for the objects of a shared library; `strict` keeps every operation as written.

        What is `by_hand` is in vectors and unrolled as it should be: there `-O3` takes longer and finds nothing.
        """
        wide = ("-mprefer-vector-width=512",) if "__AVX512F__" in self.macros else ()
        common = ("-O2" if by_hand and o == "-O3" else o for o in _COMMON)
        fast = _FAST if "__clang__" in self.macros else (*_FAST, *_GCC)
        return (*common, *self.target, *wide, *(_STRICT if strict else fast))

    def __str__(self) -> str:
        name, width = self.vectors
        return f"{shlex.join(self.command)}: {self.version}, {name} ({width} bits)"


@dataclass(frozen=True)
class NoToolchain:
    """No compiler works; `reason` says what was tried."""

    reason: str

    def __str__(self) -> str:
        return f"none: {self.reason}"


def threads() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def candidates() -> list[tuple[str, ...]]:
    """The commands to try, in order: $CC alone where it is set, else the usual names, else the package ziglang."""
    if given := os.environ.get("CC", "").strip():
        return [tuple(shlex.split(given))]
    found = [(name,) for name in ("cc", "gcc", "clang") if shutil.which(name)]
    return [*found, (sys.executable, "-m", "ziglang", "cc")] if find_spec("ziglang") else list(found)


def find() -> Toolchain | NoToolchain:
    """The first compiler that works, asked once in a process for each set of candidates."""
    return _find(tuple(candidates()))


@cache
def _find(commands: tuple[tuple[str, ...], ...]) -> Toolchain | NoToolchain:
    if sys.platform == "win32":
        return NoToolchain("native code needs POSIX threads, which Windows lacks")
    tried = []
    for command in commands:
        found = _ask(command)
        if isinstance(found, Toolchain):
            return found
        tried.append(found.reason)
    return NoToolchain(
        "; ".join(tried) or "there is no `cc`, `gcc` or `clang`, and the package ziglang is not installed"
    )


def _ask(command: tuple[str, ...]) -> Toolchain | NoToolchain:
    said = _answer((*command, "--version"))
    if isinstance(said, NoToolchain):
        return said
    version = next((line.strip() for line in said.splitlines() if line.strip()), "unnamed")
    refusal = NoToolchain("")
    for target in (("-march=native",), ("-mcpu=native",), ()):
        macros = _answer((*command, *target, "-dM", "-E", "-x", "c", os.devnull))
        if isinstance(macros, str):
            return Toolchain(command, version, frozenset(re.findall(r"#define (\w+)", macros)), target)
        refusal = macros
    return refusal


def _answer(command: tuple[str, ...]) -> str | NoToolchain:
    name = shlex.join(command[:-1]) if command[-1] == "--version" else command[0]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL, timeout=_PATIENCE
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return NoToolchain(f"`{name}` does not run ({type(error).__name__})")
    if done.returncode:
        return NoToolchain(f"`{name}` fails: {(done.stderr.splitlines() or ['it says nothing'])[0].strip()}")
    return done.stdout
