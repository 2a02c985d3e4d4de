"""Runs nets as machine code: a step is one C file, compiled once, that a team of threads runs in one call."""

from __future__ import annotations

import ctypes
import os

from netc.compiler.kernels import Kernel, make_kernel
from netc.compiler.plan.model import Sizes
from netc.compiler.schedule import Schedule
from netc.compiler.statements.program import Program
from netc.runtime.backends import random
from netc.runtime.backends.backend import Backend, Blocks, Bound, Leaves
from netc.runtime.backends.native import toolchain
from netc.runtime.backends.native.build import load
from netc.runtime.backends.native.toolchain import Toolchain
from netc.runtime.backends.numpy import NumpyBackend


class NativeBackend(NumpyBackend):
    """Arrays of NumPy in the host's memory, steps compiled by the machine's C compiler."""

    name = "native"

    def __init__(self, threads: int | None = None) -> None:
        self.threads = threads or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

    def lanes(self, dtype: str) -> int:
        """Numbers in a vector of the processor."""
        tools = toolchain.find()
        macros = tools.macros if isinstance(tools, Toolchain) else ()
        width = 64 if "__AVX512F__" in macros else 32 if "__AVX__" in macros else 16
        return width // (4 if dtype == "float32" else 8)

    def bind(self, schedule: Schedule, program: Program, sizes: Sizes, dtype: str, leaves: Leaves, blocks: Blocks) -> Bound:
        """A program for these sizes, compiled where it is not yet."""
        return NativeBound(make_kernel(schedule, program, sizes, dtype, *leaves, self.threads, self.lanes(dtype)), blocks, self, self.threads)


class NativeBound(Bound):
    """A kernel with its arena, ready to run."""

    def __init__(self, kernel: Kernel, blocks: Blocks, backend: Backend, threads: int) -> None:
        super().__init__(kernel.plan, blocks, backend)
        self.kernel, self.threads = kernel, threads
        self._step = load(kernel.source).step
        self._step.restype = None
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
        self._step(self._at, self._sizes, self._keys, self.threads)


