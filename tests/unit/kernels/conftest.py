"""The C runtime, compiled for each precision and processor that this machine can run."""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from netc.compiler.kernels.c import definitions, header
from netc.runtime.backends.native import toolchain
from netc.runtime.backends.native.toolchain import NoToolchain, Toolchain

EXPORTS = (Path(__file__).parent / "exports.c").read_text(encoding="utf-8")
Library = Callable[..., ctypes.CDLL]
NARROWER = {"AVX2": ("__AVX2__", "-march=haswell"), "SSE2": ("__SSE2__", "-march=x86-64")}


def tools(processor: str = "this") -> Toolchain:
    """The compiler, set to this processor or to a narrower one that this machine also is."""
    found = toolchain.find()
    if isinstance(found, NoToolchain):
        pytest.skip(f"no C compiler: {found.reason}")
    if processor == "this":
        return found
    macro, target = NARROWER[processor]
    if macro not in found.macros:
        pytest.skip(f"this machine has no {processor}")
    return replace(found, target=(target,), macros=found.macros - {"__AVX512F__"})


def compile_library(found: Toolchain, text: str, strict: bool, made: Path) -> None:
    """One text with all that it calls."""
    command = [*found.command, *found.flags(strict), "-shared", "-x", "c", "-", "-o", str(made), "-lm"]
    done = subprocess.run(command, input=text, text=True, capture_output=True)
    assert not done.returncode, done.stderr[:2000]


@pytest.fixture
def compiled() -> Callable[[Toolchain, str, bool, Path], None]:
    """`compile_library`, for tests of other files."""
    return compile_library


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Load the exported runtime: library(bits, processor, strict). The processes of a run share what one of them compiled."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    @cache
    def load(bits: int = 32, processor: str = "this", strict: bool = False) -> ctypes.CDLL:
        made = shared / f"kernels-{bits}-{processor}-{strict}.so"
        if not made.exists():
            mine = base / made.name
            compile_library(tools(processor), header(bits, strict) + definitions() + EXPORTS, strict, mine)
            os.replace(mine, made)
        return ctypes.CDLL(str(made))

    return load
