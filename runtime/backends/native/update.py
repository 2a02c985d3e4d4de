"""What an update in C is told: the blocks, the bounds, and the numbers of the step (`struct update` of `kernels/c/update.h`)."""

from __future__ import annotations

import ctypes
import math
from typing import Any

import numpy as np
from netc.compiler.settings import Optimiser
from netc.runtime.backends.backend import Blocks
from netc.runtime.backends.update import Held, Updater


class Arguments(ctypes.Structure):
    """As the C text declares it."""

    _fields_ = [
        ("parameters", ctypes.c_void_p), ("gradients", ctypes.c_void_p), ("slots", ctypes.c_void_p * 2), ("scale", ctypes.c_void_p),
        ("groups", ctypes.c_void_p), ("limits", ctypes.c_void_p), ("count", ctypes.c_long), ("limited", ctypes.c_long),
        ("rate", ctypes.c_double), ("clip", ctypes.c_double), ("clip_value", ctypes.c_double), ("shared", ctypes.c_double * 16),
        ("norm", ctypes.c_double), ("sums", ctypes.c_double * 255),
    ]  # fmt: skip


class NativeUpdater(Updater):
    """Moves the parameters at the end of the step's own call; where a step runs on NumPy, on NumPy."""

    def __init__(self, blocks: Blocks, optimiser: Optimiser, held: Held) -> None:
        super().__init__(np, blocks, optimiser, held)
        groups = [(where.start, units, (where.stop - where.start) // units) for where, units, _ in held.norms]
        self._groups = np.array(groups, ctypes.c_long)
        self._limits = np.array([limit for _, _, limit in held.norms], np.float64)
        a = self.arguments = Arguments(count=blocks.parameters.size, limited=len(groups))
        a.parameters, a.gradients, a.groups, a.limits = map(_address, (blocks.parameters, blocks.gradients, self._groups, self._limits))
        a.slots[:] = [*map(_address, self.slots), *(None for _ in range(2 - len(self.slots)))]
        a.scale = None if held.scale is None else _address(held.scale)
        a.clip, a.clip_value = (math.inf if bound is None else bound for bound in (held.clip, held.clip_value))

    @property
    def norm(self) -> float:
        """The norm of the last gradient, before it was clipped; 0 where it is not clipped by its norm."""
        return self.arguments.norm or self._norm

    def begin(self, rate: float, step: int) -> None:
        """The rate of the next step, and its number from 1."""
        super().begin(rate, step)
        self.arguments.rate = rate
        numbers = self.update.numbers(step)
        self.arguments.shared[: len(numbers)] = numbers


def _address(array: Any) -> int:
    return int(array.ctypes.data)
