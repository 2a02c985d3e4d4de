"""C text to a loaded library, compiled once; what many texts call is compiled once for all."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from netc.compiler.diagnostics.error import MissingError, NetcError
from netc.compiler.diagnostics.problems.environment import CompilerAbsent, CompilerFails
from netc.compiler.kernels.parting import parted
from netc.compiler.source.text import Span, typed
from netc.runtime.backends.native import cache, toolchain
from netc.runtime.backends.native.toolchain import NoToolchain, Toolchain

_PART = 40_000  # characters: a part with fewer does not pay for another compiler
_LIBRARY = "library.o"
_PATIENCE = 300.0  # seconds for one step; the largest nets take tens

_loaded: dict[str, ctypes.CDLL] = {}


def load(source: str, library: str = "", strict: bool = False, before: Callable[[], None] | None = None) -> ctypes.CDLL:
    """What is made from this text and from the library it calls: from this process's memory, the cache on disk, or the compiler.

    Before that one works it calls `before`. Raises MissingError where there is none, NetcError where it fails or takes too long.
    """
    tools = require()
    name = _key(tools, strict, source, library)
    if name not in _loaded:
        found = _from_disk(name)
        if found is None and before is not None:
            before()
        _loaded[name] = found or _built(tools, source, library, strict, name)
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


def _built(tools: Toolchain, source: str, library: str, strict: bool, name: str) -> ctypes.CDLL:
    with cache.workplace() as (place, kept):
        parts = parted(source, min(toolchain.threads(), len(source) // _PART))
        objects = {f"step{k or ''}.o": part for k, part in enumerate(parts)}
        common = _key(tools, strict, library, by_hand=True)
        if library and not cache.copy(common, place / _LIBRARY):  # the same for all steps: compiled beside the first
            objects[_LIBRARY] = library
        _compile(tools, objects, strict, place)
        made = _linked(tools, place)
        if _LIBRARY in objects and kept:
            cache.keep(place / _LIBRARY, common)
        path = cache.keep(made, name) if kept else made
        try:
            return ctypes.CDLL(str(path))  # a library stays usable when its file is gone
        except OSError as error:
            raise NetcError(CompilerFails(_place(str(tools)), f"its library does not load: {error}")) from error


def _compile(tools: Toolchain, objects: Mapping[str, str], strict: bool, place: Path) -> None:
    """Texts to objects, side by side. They are handed over in files: nothing of a spec reaches the command line."""
    commands = []
    for name, text in objects.items():
        written = (place / name).with_suffix(".c")
        written.write_text(text, encoding="utf-8")
        commands.append([*_command(tools), *tools.flags(strict, name == _LIBRARY), "-c", written.name, "-o", name])
    _run(tools, commands, place)


def _linked(tools: Toolchain, place: Path) -> Path:
    """The objects of a folder as one library."""
    objects = sorted(path.name for path in place.glob("*.o"))
    _run(tools, [[*_command(tools), *tools.target, "-shared", *objects, "-o", "step.so", "-lm", "-pthread"]], place)
    return place / "step.so"


def _command(tools: Toolchain) -> list[str]:
    """As it is called from any folder."""
    first, *rest = tools.command
    return [os.path.abspath(first) if os.sep in first else first, *rest]


def _run(tools: Toolchain, commands: Sequence[Sequence[str]], place: Path) -> None:
    """Run the compiler in a folder, several times at once. Where one fails, or at an interrupt, all end, with their own children."""
    running: list[subprocess.Popen[bytes]] = []
    said = [place / f"said{k}" for k in range(len(commands))]
    deadline = time.monotonic() + _PATIENCE
    try:
        for command, path in zip(commands, said, strict=True):
            with path.open("wb") as complaints:
                running.append(subprocess.Popen(
                    command, cwd=place, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=complaints, start_new_session=True
                ))  # fmt: skip
        for process, path in zip(running, said, strict=True):
            if process.wait(max(0, deadline - time.monotonic())):
                raise NetcError(CompilerFails(_place(str(tools)), _complaint(path.read_text(encoding="utf-8", errors="replace"))))
    except OSError as error:
        raise NetcError(CompilerFails(_place(str(tools)), f"it does not run ({error.strerror})")) from error
    except subprocess.TimeoutExpired:
        raise NetcError(CompilerFails(_place(str(tools)), f"it took longer than {_PATIENCE:g} seconds")) from None
    finally:
        for process in running:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _key(tools: Toolchain, strict: bool, *texts: str, by_hand: bool = False) -> str:
    return cache.key(*texts, *tools.command, tools.version, *tools.flags(strict, by_hand), *sorted(tools.macros))


def _complaint(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return next((line for line in lines if "error:" in line or "undefined" in line), lines[0] if lines else "it says nothing")


def _place(text: str) -> Span:
    return typed("C compiler", text)
