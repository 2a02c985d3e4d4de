"""Runs plans on NumPy: the reference backend, which works everywhere."""

from __future__ import annotations

from typing import Any

import numpy as np


class NumpyBackend:
    """Arrays of NumPy, on the processor."""

    name = "numpy"
    xp = np

    def to_host(self, array: Any) -> np.ndarray[Any, np.dtype[Any]]:
        """The array itself."""
        return np.asarray(array)
