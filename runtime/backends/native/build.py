"""C text to a loaded library, compiled once."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

from netc.compiler.diagnostics.error import MissingError, NetcError
from netc.compiler.diagnostics.problems.environment import CompilerAbsent, CompilerFails
from netc.compiler.source.text import Source, Span
from netc.runtime.backends.native import cache, toolchain
from netc.runtime.backends.native.toolchain import NoToolchain, Toolchain

_PATIENCE = 300.0  # seconds for one step; the largest nets take tens

_loaded: dict[str, ctypes.CDLL] = {}


def load(source: str, strict: bool = False, before: Callable[[], None] | None = None) -> ctypes.CDLL:
    """The library made from this text, from this process's memory, the cache on disk, or the compiler; it calls `before` first.

    Raises MissingError where there is no compiler, NetcError where it fails or takes too long.
    """
    tools = require()
    name = cache.key(source, *tools.command, tools.version, *tools.flags(strict), *sorted(tools.macros))
    if name not in _loaded:
        found = _from_disk(name)
        if found is None and before is not None:
            before()
        _loaded[name] = found or _built(tools, source, strict, name)
    return _loaded[name]


def require() -> Toolchain:
    """The compiler of this machine. Raises MissingError where there is none."""
    tools = toolchain.find()
    if isinstance(tools, NoToolchain):
        raise MissingError(CompilerAbsent(_place(""), tools.reason))
    return tools


def _from_disk(name: str) -> ctypes.CDLL | None:
    path = cache.lookup(name)
    if path is None:
        return None
    try:
        return ctypes.CDLL(str(path))
    except OSError:
        cache.remove(path)
        return None


def _built(tools: Toolchain, source: str, strict: bool, name: str) -> ctypes.CDLL:
    with cache.workplace() as (place, kept):
        made = place / "step.so"
        compile_library(tools, source, strict, made)
        path = cache.keep(made, name) if kept else made
        try:
            return ctypes.CDLL(str(path))  # a library stays usable when its file is gone
        except OSError as error:
            raise NetcError(CompilerFails(_place(str(tools)), f"its library does not load: {error}")) from error


def compile_library(tools: Toolchain, source: str, strict: bool, made: Path) -> None:
    """Write a shared library. The text goes in on standard input: nothing of a spec reaches the command line."""
    command = [*tools.command, *tools.flags(strict), "-x", "c", "-", "-o", str(made), "-lm"]
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
        )
    except OSError as error:
        raise NetcError(CompilerFails(_place(str(tools)), f"it does not run ({error.strerror})")) from error
    with process:
        try:
            _, said = process.communicate(source.encode(), timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            reason = f"it took longer than {_PATIENCE:g} seconds"
        except BaseException:  # an interrupt ends the compiler's own children too
            os.killpg(process.pid, signal.SIGKILL)
            raise
        else:
            reason = _complaint(said.decode(errors="replace")) if process.returncode else ""
    if reason:
        raise NetcError(CompilerFails(_place(str(tools)), reason))


def _complaint(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return next((line for line in lines if "error" in line), lines[0] if lines else "it says nothing")


def _place(text: str) -> Span:
    return Span(Source("C compiler", text), 0, len(text))
