"""Steps compiled for a processor that this machine is not, run by an emulator, come to what NumPy comes to."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import netc
import numpy as np
import pytest
from netc.compiler.kernels import Kernel, Kernels
from netc.compiler.kernels.c import definitions
from netc.compiler.pipeline import Request
from netc.compiler.rewrites import Wanted
from netc.runtime.backends.backend import Blocks, Bound
from netc.runtime.backends.choose import Choice
from netc.runtime.backends.native import NativeBackend, NativeBound
from netc.runtime.model.inputs import prepare
from test_specs import ROOT, SIZES, random_inputs

pytestmark = pytest.mark.skipif(
    shutil.which("qemu-aarch64") is None or find_spec("ziglang") is None, reason="no emulator of aarch64, or no compiler for it"
)

FILES = ["vision/lenet5.net", "text/lstm_lm.net", "attention/transformer.net"]
OPTIONS = "-target aarch64-linux-musl -static -std=gnu11 -O1 -pthread -w -lm"

# Reads regions of memory and where in them the arrays begin, runs a step, and writes the regions back.
MAIN = """
#include <stdio.h>
#include <stdlib.h>
static void *numbers(long count, long size) {
    void *found = aligned_alloc(64, (count * size + 127) / 64 * 64);
    if (fread(found, size, count, stdin) != count) exit(1);
    return found;
}
int main(void) {
    long *head = numbers(5, 8), *bytes = numbers(head[0], 8), *places = numbers(2 * head[1], 8), *sizes = numbers(head[2], 8);
    uint64_t *keys = numbers(head[3], 8);
    char **regions = malloc(8 * head[0]);
    void **at = malloc(8 * head[1] + 8);
    for (long k = 0; k < head[0]; k++) regions[k] = numbers(bytes[k], 1);
    for (long k = 0; k < head[1]; k++) at[k] = regions[places[2 * k]] + places[2 * k + 1];
    step(at, sizes, keys, head[4], NULL);
    for (long k = 0; k < head[0]; k++) fwrite(regions[k], 1, bytes[k], stdout);
    return 0;
}
"""


class Emulated(NativeBackend):
    """Arrays here, steps there. The arena is handed over once, whole: its buffers share space."""

    def __init__(self, folder: Path) -> None:
        super().__init__(2)
        self.folder, self.texts = folder, 0

    def bind(self, schedule: Any, program: Any, sizes: Any, dtype: str, leaves: Any, blocks: Any, updater: Any = None) -> Bound:
        kernel = Kernels(schedule, program, dtype, *leaves).at(sizes, 2, 128 // (32 if dtype == "float32" else 64))
        made = self.folder / f"step{self.texts}"
        self.texts += 1
        text = self.folder / "step.c"
        text.write_text(kernel.source + definitions() + MAIN)
        subprocess.run([sys.executable, "-m", "ziglang", "cc", str(text), "-o", str(made), *OPTIONS.split()], check=True)
        return EmulatedBound(made, kernel, blocks, self)


class EmulatedBound(NativeBound):
    def __init__(self, made: Path, kernel: Kernel, blocks: Blocks, backend: Emulated) -> None:
        super().__init__(kernel, partial(self._emulate), blocks, backend, 2, None)
        self.made = made

    def _emulate(self, *_: object) -> None:
        others = [a for a in self._kept if not _inside(a, self._arena)]
        regions = [self._arena, *others]
        places = []
        for a in self._kept:
            home = next(k for k, r in enumerate(regions) if _inside(a, r))
            places += [home, a.ctypes.data - regions[home].ctypes.data]
        head = [len(regions), len(self._kept), len(self._sizes), len(self._keys), 2]
        whole = [np.array(n, np.int64) for n in (head, [r.nbytes for r in regions], places, self._sizes[:])]
        given = b"".join(a.tobytes() for a in (*whole, np.array(self._keys[:], np.uint64), *regions))
        done = subprocess.run(["qemu-aarch64", str(self.made)], input=given, capture_output=True, check=True, timeout=300)
        at = 0
        for r in regions:
            r[...] = np.frombuffer(done.stdout[at : at + r.nbytes], r.dtype).reshape(r.shape)
            at += r.nbytes


def _inside(array: np.ndarray, region: np.ndarray) -> bool:
    return bool(0 <= array.ctypes.data - region.ctypes.data < region.nbytes)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("file", FILES)
def test_steps_on_aarch64(file: str, dtype: str, tmp_path: Path) -> None:
    spec = netc.load(ROOT / file, SIZES.get(file))
    found = {}
    for name, choice in (("numpy", "numpy"), ("aarch64", Choice(Emulated(tmp_path), "cpu", ""))):
        net = spec.build(choice, dtype=dtype)
        inputs = prepare(random_inputs(net, 9), net.inputs, set())
        compiled, bound = net.engine.run(Request(True, Wanted(True, False), tuple(net.params)), inputs, 3, 1)
        found[name] = [bound.read(compiled.program.loss), np.array(net.gradients_flat)]
    for expected, got in zip(found["numpy"], found["aarch64"], strict=True):
        assert np.isfinite(expected).all() and np.abs(expected).max() > 0
        assert np.abs(got - expected).max() <= (1e-12 if dtype == "float64" else 5e-5) * np.abs(expected).max()
