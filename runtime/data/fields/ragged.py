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

    @staticmethod
    def even(values: Array) -> Ragged:
        """An array of samples of one length: `[samples, length, ...]`."""
        count, length = values.shape[:2]
        flat = values.reshape(count * length, *values.shape[2:])
        return Ragged(flat, np.arange(count, dtype=np.int64) * length, np.full(count, length, np.int64))

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, places: Any) -> Ragged:
        """The samples at these places (an array, a list or a slice); the numbers themselves are not copied."""
        return Ragged(self.flat, self.starts[places], self.lengths[places])

    @property
    def rest(self) -> tuple[int, ...]:
        """The axes behind the one that differs."""
        return tuple(self.flat.shape[1:])

    @property
    def points(self) -> Array:
        """Where all points of all samples lie in `flat`, sample after sample."""
        before = np.cumsum(self.lengths) - self.lengths
        return np.asarray(np.repeat(self.starts - before, self.lengths) + np.arange(int(self.lengths.sum())))

    def sample(self, k: int) -> Array:
        """One sample as it is."""
        return self.flat[self.starts[k] : self.starts[k] + self.lengths[k]]

    def padded(self, size: int | None = None) -> Array:
        """[samples, size, ...]: each sample goes on with its own last point, so that nothing beyond its end is extreme.

        One sample that is long enough is not copied.
        """
        size = int(self.lengths.max(initial=0)) if size is None else size
        if len(self) == 1 and self.lengths[0] >= size:
            return self.sample(0)[None, :size]
        along = np.minimum(np.arange(size), np.maximum(self.lengths - 1, 0)[:, None])
        return np.asarray(self.flat[self.starts[:, None] + along])
