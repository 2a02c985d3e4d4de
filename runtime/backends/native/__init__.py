"""Runs nets as machine code: a step is one C file, compiled once, that a team of threads runs in one call."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from netc.compiler.diagnostics.error import NetcError
from netc.compiler.kernels import Kernel, Kernels, worth
from netc.compiler.plan.model import Sizes
from netc.compiler.schedule import Schedule
from netc.compiler.settings import Optimiser, Update
from netc.compiler.statements.program import Program
from netc.runtime.backends import random
from netc.runtime.backends.backend import Backend, Blocks, Bound, Leaves, bind_plan
from netc.runtime.backends.native import kept, toolchain
from netc.runtime.backends.native.build import load, require
from netc.runtime.backends.native.toolchain import Toolchain
from netc.runtime.backends.native.update import NativeUpdater
from netc.runtime.backends.numpy import NumpyBackend
from netc.runtime.backends.update import Held, Updater

_kernels = lru_cache(maxsize=32)(Kernels)  # sequences of many lengths are bound to many sizes, and written once


class NativeBackend(NumpyBackend):
    """Arrays of NumPy in the host's memory, steps compiled by the machine's C compiler."""

    name = "native"
    called = False
    recalls = True  # kernels from the disk

    def __init__(self, threads: int | None = None, forgiving: bool = False, strict: bool = False) -> None:
        """Raises MissingError without a compiler. A forgiving one runs on NumPy what the compiler cannot make, and says so.

        A strict one keeps every operation as it is written, and takes the C library's functions.
        """
        self.strict = strict
        self._tools = require()
        self.threads = threads or toolchain.threads()
        self._asked = threads is not None
        self._forgiving = forgiving
        self.say: Callable[[str], None] = _nothing  # told what takes time, and what went wrong

    @property
    def compiler(self) -> str:
        """The compiler in two words: `gcc 12.2.0`."""
        return self._tools.name

    def lanes(self, dtype: str) -> int:
        """Numbers in a vector of the processor."""
        return lanes_of(self._tools, dtype)

    def updater(self, blocks: Blocks, optimiser: Optimiser, held: Held) -> NativeUpdater:
        """What moves the parameters in these blocks."""
        return NativeUpdater(blocks, optimiser, held)

    def bind(
        self, schedule: Schedule, program: Program, sizes: Sizes, dtype: str, leaves: Leaves, blocks: Blocks, updater: Updater | None = None
    ) -> Bound:
        """A program for these sizes, compiled where it is not yet.

        It runs on as many threads as were asked for; where that was left open, on no more than have enough to do.
        """
        threads = self.threads if self._asked else worth(program, sizes.table(), self.threads)
        update = updater.update if updater is not None else None
        kernel = self._kernel(schedule, program, sizes, dtype, leaves, threads, update)
        try:
            step = self._step(kernel)
        except NetcError as error:
            if not self._forgiving:
                raise
            self.say(f"{error.problems[0].diagnose().message}; this runs on NumPy")
            return bind_plan(self, schedule, program, sizes, dtype, leaves, blocks, updater)
        return NativeBound(kernel, step, blocks, self, threads, updater)

    def _kernel(
        self, schedule: Schedule, program: Program, sizes: Sizes, dtype: str, leaves: Leaves, threads: int, update: Update | None
    ) -> Kernel:
        """The kernel of a program: from the disk, else written, and kept unless its text was written for other sizes before."""
        lanes = self.lanes(dtype)
        name = kept.key(program, sizes, dtype, threads, lanes, update) if self.recalls else ""
        found = kept.recall(name, program, sizes, dtype) if name else None
        if found is not None:
            return found
        kernels = _kernels(schedule, program, dtype, *leaves, update)
        before = kernels.written
        kernel = kernels.at(sizes, threads, lanes)
        if name and kernels.written > before:
            kept.keep(name, kernel, program)
        return kernel

    def _step(self, kernel: Kernel) -> Any:
        """The function that takes a step."""
        return self._compiled(kernel.source, kernel.products).step

    def _compiled(self, source: str, products: str) -> ctypes.CDLL:
        """A kernel's text with the products that it calls, compiled as this backend compiles."""
        source = f"#define STRICT 1\n{source}" if self.strict else source
        return load(source, products, self.strict, lambda: self.say(f"compiling with {self.compiler}"))


class NativeBound(Bound):
    """A kernel with its arena, ready to run."""

    def __init__(self, kernel: Kernel, step: Any, blocks: Blocks, backend: Backend, threads: int, updater: Updater | None) -> None:
        super().__init__(kernel.plan, blocks, backend)
        self.kernel, self.threads = kernel, threads
        self._step = step
        self._step.restype = None
        self._update = ctypes.byref(updater.arguments) if isinstance(updater, NativeUpdater) else None
        arrays = [self._base(b) for b in kernel.pointers]
        self._kept = arrays
        self._at = (ctypes.c_void_p * max(len(arrays), 1))(*(a.ctypes.data for a in arrays))
        self._sizes = (ctypes.c_long * len(kernel.sizes))(*kernel.sizes)
        self._keys = (ctypes.c_uint64 * max(2 * len(kernel.draws), 1))()

    def run(self, seed: int = 0, step: int = 0) -> None:
        """One step."""
        for k, v in enumerate(self.kernel.draws):
            given = self.fixed.get(v.name)
            if given is not None:
                self.array(self.plan.operands[v])[tuple(slice(n) for n in given.shape)] = given
            self._keys[2 * k] = random.stream_key(seed, step, k)
            self._keys[2 * k + 1] = given is not None
        self._step(self._at, self._sizes, self._keys, self.threads, self._update)


def lanes_of(tools: Toolchain, dtype: str) -> int:
    """Numbers in a vector of the processor."""
    return max(tools.vectors[1], 128) // (32 if dtype == "float32" else 64)


def _nothing(text: str) -> None:
    pass
