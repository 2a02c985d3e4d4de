"""Runs the same plans on an NVIDIA GPU through CuPy; imported only when asked for."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
from netc.compiler.plan.model import Sizes
from netc.compiler.schedule import Schedule
from netc.compiler.settings import Optimiser
from netc.compiler.statements.program import Program
from netc.runtime.backends.backend import Blocks, Bound, Leaves, bind_plan
from netc.runtime.backends.update import Held, Updater


def available() -> str | None:
    """None where a GPU can be used, else the reason why not."""
    try:
        runtime: Any = import_module("cupy").cuda.runtime
    except ModuleNotFoundError as error:
        return "CuPy is not installed" if error.name == "cupy" else f"CuPy needs the module {error.name}, which is not installed"
    except ImportError as error:
        return f"CuPy cannot be imported: {_line(error)}"
    try:
        count = runtime.getDeviceCount()
    except runtime.CUDARuntimeError as error:
        return str(error)
    if not count:
        return "there is no GPU"
    try:
        import_module("cupy_backends.cuda.libs.cublas")  # CuPy imports it at the first product, and CUDA's libraries are a package apart
    except ImportError as error:
        return f"CuPy finds no libraries of CUDA: {_line(error)}"
    return None


def _line(error: Exception) -> str:
    """The first line with words of what CuPy frames with others."""
    return next((line.strip() for line in str(error).splitlines() if any(c.isalpha() for c in line)), type(error).__name__)


class CupyBackend:
    """Arrays of CuPy, on the first GPU."""

    name = "cupy"
    called = True

    def __init__(self) -> None:
        import cupy

        self.xp: Any = cupy

    def view(self, base: Any, offset: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> Any:
        """The array with this shape in a flat one; offset and strides count elements."""
        return self.xp.ndarray(shape, base.dtype, base.data + offset * base.itemsize, tuple([s * base.itemsize for s in strides]))

    def to_host(self, array: Any) -> np.ndarray[Any, np.dtype[Any]]:
        """A copy on the processor."""
        return np.asarray(self.xp.asnumpy(array))

    def updater(self, blocks: Blocks, optimiser: Optimiser, held: Held) -> Updater:
        """What moves the parameters in these blocks."""
        return Updater(self.xp, blocks, optimiser, held)

    def bind(
        self, schedule: Schedule, program: Program, sizes: Sizes, dtype: str, leaves: Leaves, blocks: Blocks, updater: Updater | None = None
    ) -> Bound:
        """A program as steps on arrays."""
        return bind_plan(self, schedule, program, sizes, dtype, leaves, blocks, updater)
