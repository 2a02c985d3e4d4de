"""Arrays of different lengths as one: end to end, with the place where each begins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, eq=False)
class Ragged:
    """Sample k is `flat[starts[k] : starts[k] + lengths[k]]`; all have the same further axes.

    >>> r = Ragged.of([[1, 2, 3], [4]])
    >>> r.lengths.tolist(), r[[1]].sample(0).tolist(), r.padded().tolist()
    ([3, 1], [4], [[1, 2, 3], [4, 4, 4]])
    """

    flat: Array  # [all points, ...]
    starts: Array  # [samples]
    lengths: Array  # [samples]

    @staticmethod
    def of(samples: Iterable[Any], dtype: Any = None) -> Ragged:
        """Put arrays end to end. An empty array is a sample of length 0."""
        parts = [np.asarray(s, dtype) for s in samples]
        lengths = np.array([len(p) for p in parts], np.int64)
        full = [p for p in parts if len(p)] or parts[:1]
        flat = np.concatenate(full) if full else np.zeros(0, dtype)
        return Ragged(flat, np.cumsum(lengths) - lengths, lengths)

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, places: Any) -> Ragged:
        """The samples at these places (an array, a list or a slice); the numbers themselves are not copied."""
        return Ragged(self.flat, self.starts[places], self.lengths[places])

    @property
    def rest(self) -> tuple[int, ...]:
        """The axes behind the one that differs."""
        return self.flat.shape[1:]

    def sample(self, k: int) -> Array:
        """One sample as it is."""
        return self.flat[self.starts[k] : self.starts[k] + self.lengths[k]]

    def padded(self, size: int | None = None) -> Array:
        """[samples, size, ...]: each sample goes on with its own last point, so that nothing beyond its end is extreme."""
        size = int(self.lengths.max(initial=0)) if size is None else size
        along = np.minimum(np.arange(size), np.maximum(self.lengths - 1, 0)[:, None])
        return np.asarray(self.flat[self.starts[:, None] + along])
