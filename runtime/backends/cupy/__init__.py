"""Runs the same plans on an NVIDIA GPU through CuPy; imported only when asked for."""

from __future__ import annotations

from typing import Any

import numpy as np


def available() -> str | None:
    """None where a GPU can be used, else the reason why not."""
    try:
        import cupy
    except ImportError:
        return "CuPy is not installed"
    try:
        count = cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError as error:
        return str(error)
    return None if count else "there is no GPU"


class CupyBackend:
    """Arrays of CuPy, on the first GPU."""

    name = "cupy"

    def __init__(self) -> None:
        import cupy

        self.xp: Any = cupy

    def to_host(self, array: Any) -> np.ndarray[Any, np.dtype[Any]]:
        """A copy on the processor."""
        return np.asarray(self.xp.asnumpy(array))
