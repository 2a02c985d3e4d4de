"""Sequences in chunks: several go on side by side, each in a place of its own, and a place is taken by the next at its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from netc.compiler.diagnostics.error import NetcError
from netc.compiler.diagnostics.problems.data import NoStream
from netc.compiler.source.text import typed
from netc.runtime.data.fields.model import Array, Dataset, Field
from netc.runtime.data.fields.ragged import Ragged


@dataclass(frozen=True, eq=False)
class Chunk:
    """One step: of each place that is taken, the sample, the first of its points, how many, and whether it begins there."""

    places: Array
    samples: Array
    starts: Array
    points: Array
    fresh: Array

    def arrays(self, data: Dataset) -> dict[str, Array | Ragged]:
        """The points by field name; of a field without a length of its own the sample's whole value."""
        return {f.name: self._part(f.values) for f in data.fields}

    def _part(self, values: Array | Ragged) -> Array | Ragged:
        if not isinstance(values, Ragged):
            return values[self.samples]
        return Ragged(values.flat, values.starts[self.samples] + self.starts, self.points)


def chunks(lengths: Sequence[int] | Array, order: Sequence[int] | Array, places: int, k: int, overlap: int = 0) -> list[Chunk]:
    """The samples in this order, `places` of them side by side, each in chunks of k points.

    With an overlap of 1 a chunk has k + 1 points and begins with the last of the one before, so that each of the other k is
    predicted once. Samples with no point to predict are left out.

    >>> [(c.places.tolist(), c.samples.tolist(), c.starts.tolist(), c.points.tolist(), c.fresh.tolist()) for c in chunks([5, 2, 2], [0, 1, 2], 2, 3)]
    [([0, 1], [0, 1], [0, 0], [3, 2], [True, True]), ([0, 1], [0, 2], [3, 0], [2, 2], [False, True])]
    """
    sizes = np.asarray(lengths, np.int64)
    waiting = np.asarray(order, np.int64)
    waiting = waiting[sizes[waiting] > overlap]
    sample, start = np.full(places, -1, np.int64), np.zeros(places, np.int64)
    found: list[Chunk] = []
    while True:
        free = np.flatnonzero(sample < 0)[: len(waiting)]
        sample[free], start[free], waiting = waiting[: len(free)], 0, waiting[len(free) :]
        taken = np.flatnonzero(sample >= 0)
        if not len(taken):
            return found
        points = np.minimum(k + overlap, sizes[sample[taken]] - start[taken])
        found.append(Chunk(taken, sample[taken], start[taken], points, start[taken] == 0))
        start[taken] += points - overlap
        ended = taken[start[taken] + overlap >= sizes[sample[taken]]]
        sample[ended] = -1


def lengths_of(data: Dataset) -> Array:
    """How long each sample's sequences are."""
    return next(f.values.lengths for f in data.fields if isinstance(f.values, Ragged))


def one_text(data: Dataset) -> bool:
    """Whether the samples are windows of one text, each beginning with the last point of the one before."""
    fields = [f.values for f in data.fields]
    return data.size > 1 and all(isinstance(v, Ragged) and bool((v.starts[1:] == (v.starts + v.lengths)[:-1] - 1).all()) for v in fields)


def streams(data: Dataset, count: int, overlap: int) -> Dataset:
    """The text that the samples are windows of, as `count` long samples of (nearly) equal length; no point is left out.

    >>> text = Dataset((Field("x", Ragged(np.arange(9), np.array([0, 4]), np.array([5, 5]))),))
    >>> [streams(text, 2, 1).fields[0].values.sample(k).tolist() for k in (0, 1)]
    [[0, 1, 2, 3, 4], [4, 5, 6, 7, 8]]
    """
    return Dataset(tuple(_parallel(f, count, overlap) for f in data.fields))


def _parallel(field: Field, count: int, overlap: int) -> Field:
    windows = field.values
    assert isinstance(windows, Ragged)
    first, end = int(windows.starts[0]), int(windows.starts[-1] + windows.lengths[-1])
    points = end - first - overlap
    if points < count:
        reason = f"its {end - first:,} points do not make {count} streams of at least {1 + overlap}"
        raise NetcError(NoStream(typed("data", field.name), field.name, reason))
    cuts = np.arange(count + 1) * points // count
    return replace(field, values=Ragged(windows.flat, first + cuts[:-1], np.diff(cuts) + overlap))
