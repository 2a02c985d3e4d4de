"""The batches of an epoch: a function of the data, the seed and the epoch alone, so that a resumed run goes on bit for bit."""

from __future__ import annotations

import numpy as np
from netc.runtime.data.fields.model import Array, Dataset
from netc.runtime.data.fields.ragged import Ragged

POOL = 64  # batches whose samples are sorted by length together


def batches(data: Dataset, size: int, seed: int, epoch: int, shuffle: bool = True) -> list[Array]:
    """The places of the samples of each batch, in order.

    Samples of one size are shuffled and cut. Where lengths differ, pools of some 64 batches are sorted by length before they are
    cut, so that a batch has samples of similar length and little of it is padding; then the batches are shuffled.
    """
    if not shuffle:
        return _cut(np.arange(data.size), size)
    rng = np.random.Generator(np.random.Philox(key=[seed, 0x0E90C4 + epoch]))
    order = rng.permutation(data.size)
    if not data.ragged:
        return _cut(order, size)
    pools = [order[k : k + POOL * size] for k in range(0, len(order), POOL * size)]
    found = _cut(np.concatenate([pool[_by_length(data, pool)] for pool in pools]), size)
    return [found[k] for k in rng.permutation(len(found))]


def sorted_batches(data: Dataset, size: int) -> list[Array]:
    """Every sample once, for evaluation: in order, or by length where lengths differ."""
    everything = np.arange(data.size)
    return _cut(everything[_by_length(data, everything)] if data.ragged else everything, size)


def _cut(order: Array, size: int) -> list[Array]:
    return [order[k : k + size] for k in range(0, len(order), size)]


def _by_length(data: Dataset, places: Array) -> Array:
    """The stable order of these samples by the lengths of their sequences, the first field's first."""
    keys = [f.values.lengths[places] for f in data.fields if isinstance(f.values, Ragged)]
    return np.lexsort(keys[::-1])
