"""Steps that tell where their time goes, and how fast the machine multiplies at best."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from netc.compiler.kernels import Kernel
from netc.compiler.kernels.c import header, products
from netc.compiler.kernels.timing import timed
from netc.runtime.backends.native import NativeBackend
from netc.runtime.backends.native.build import load

_SIZE = 768  # rows and columns of the product: its three matrices lie in the processor's own memory, and all tiles are whole
_RUNS = 30

_PEAK = """
struct product { long size; const real *a, *b; real *c, *buffers; };
static void multiply_part(int id, int threads, void *context) {
    const struct product *p = context;
    long n = p->size, first = n * id / threads, rows = n * (id + 1) / threads - first;
    gemm(rows, n, n, p->a + first * n, n, 1, p->b, n, 1, p->c + first * n, n, 1, 0, p->buffers + (long)id * GEMM_BUFFER);
}
long buffer_size(void) { return GEMM_BUFFER; }
void multiply(long size, const real *a, const real *b, real *c, real *buffers, int threads) {
    struct product p = {size, a, b, c, buffers};
    team_run(multiply_part, threads, &p);
}
"""


@dataclass(frozen=True)
class Work:
    """What one nest of loops does, as statements, and the nanoseconds it took so far."""

    statements: tuple[str, ...]
    spent: int


class TimedBackend(NativeBackend):
    """Compiles steps that keep the time of each nest, on their first thread."""

    def __init__(self, threads: int | None = None, strict: bool = False) -> None:
        super().__init__(threads, strict=strict)
        self._clocks: list[tuple[Kernel, Callable[[], Any]]] = []

    def _step(self, kernel: Kernel) -> Any:
        library = self._compiled(timed(kernel), kernel.products)
        library.step_spent.restype = ctypes.POINTER(ctypes.c_uint64)
        self._clocks.append((kernel, library.step_spent))
        return library.step

    def works(self) -> list[Work]:
        """The nests of the step that was bound last; then, named by one word each, `waiting` and `update`."""
        kernel, spent = self._clocks[-1]
        given = spent()
        named = [*kernel.works, ("waiting",), ("update",)]
        return [Work(statements, int(given[k])) for k, statements in enumerate(named)]


def measured_peak(threads: int, dtype: str = "float32") -> float:
    """Operations in a second of a large product, by the code that every step's products run."""
    bits = 32 if dtype == "float32" else 64
    library = load(header(bits) + _PEAK, products(bits))
    rng = np.random.default_rng(0)
    a, b, c = (rng.standard_normal((_SIZE, _SIZE)).astype(dtype) for _ in range(3))
    buffers = np.zeros(library.buffer_size() * threads, dtype)
    arguments = [ctypes.c_long(_SIZE), *(ctypes.c_void_p(x.ctypes.data) for x in (a, b, c, buffers)), threads]
    times = []
    for _ in range(_RUNS):
        begun = time.perf_counter()
        library.multiply(*arguments)
        times.append(time.perf_counter() - begun)
    return 2 * _SIZE**3 / min(times)
