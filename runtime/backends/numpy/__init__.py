"""Runs plans on NumPy: the reference backend, which works everywhere."""

from __future__ import annotations

from typing import Any

import numpy as np
from netc.compiler.plan.model import Sizes
from netc.compiler.schedule import Schedule
from netc.compiler.settings import Optimiser
from netc.compiler.statements.program import Program
from netc.runtime.backends.backend import Blocks, Bound, Leaves, bind_plan
from netc.runtime.backends.update import Held, Updater


class NumpyBackend:
    """Arrays of NumPy, on the processor."""

    name = "numpy"
    xp = np
    called = True

    def view(self, base: Any, offset: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> Any:
        """The array with this shape in a flat one; offset and strides count elements."""
        size = base.itemsize
        return np.ndarray(shape, base.dtype, base, offset * size, tuple([s * size for s in strides]))

    def to_host(self, array: Any) -> np.ndarray[Any, np.dtype[Any]]:
        """The array itself."""
        return np.asarray(array)

    def updater(self, blocks: Blocks, optimiser: Optimiser, held: Held) -> Updater:
        """What moves the parameters in these blocks."""
        return Updater(np, blocks, optimiser, held)

    def bind(
        self, schedule: Schedule, program: Program, sizes: Sizes, dtype: str, leaves: Leaves, blocks: Blocks, updater: Updater | None = None
    ) -> Bound:
        """A program as steps on arrays."""
        return bind_plan(self, schedule, program, sizes, dtype, leaves, blocks, updater)
