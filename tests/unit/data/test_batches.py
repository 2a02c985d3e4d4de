"""Batches: every sample once an epoch, similar lengths together, the same again for a seed and an epoch."""

from __future__ import annotations

import numpy as np
import pytest
from netc.runtime.data.feeding.batches import batches, sorted_batches
from netc.runtime.data.fields.model import Dataset, Field
from netc.runtime.data.fields.ragged import Ragged

RNG = np.random.default_rng(3)
LENGTHS = RNG.integers(1, 60, 1000)
SEQUENCES = Dataset((Field("x", Ragged(np.zeros(60), np.zeros(1000, np.int64), LENGTHS)), Field("y", np.zeros(1000))))
FIXED = Dataset((Field("x", np.zeros((1000, 3))),))


@pytest.mark.parametrize("data", [SEQUENCES, FIXED], ids=["sequences", "fixed"])
@pytest.mark.parametrize("shuffle", [True, False])
def test_every_sample_is_once_in_an_epoch(data: Dataset, shuffle: bool) -> None:
    found = batches(data, 32, seed=1, epoch=0, shuffle=shuffle)
    assert len(found) == 32 and sorted(map(len, found)) == [8, *[32] * 31]
    assert sorted(np.concatenate(found).tolist()) == list(range(1000))
    assert sorted(np.concatenate(sorted_batches(data, 32)).tolist()) == list(range(1000))


def test_batches_are_a_function_of_seed_and_epoch() -> None:
    def made(seed: int, epoch: int) -> list[list[int]]:
        return [b.tolist() for b in batches(SEQUENCES, 32, seed, epoch)]

    assert made(1, 4) == made(1, 4)
    assert made(1, 4) != made(1, 5) and made(1, 4) != made(2, 4)


def test_samples_of_one_size_keep_the_order_they_had() -> None:
    order = np.random.Generator(np.random.Philox(key=[7, 0x0E90C4 + 2])).permutation(1000)
    found = batches(FIXED, 64, seed=7, epoch=2)
    assert all(np.array_equal(b, order[k * 64 : k * 64 + 64]) for k, b in enumerate(found))


def test_little_of_a_batch_is_padding() -> None:
    def padding(found: list[np.ndarray]) -> float:
        padded = sum(len(b) * int(LENGTHS[b].max()) for b in found)
        return 1 - int(LENGTHS.sum()) / padded

    assert padding(batches(SEQUENCES, 32, 1, 0, shuffle=False)) > 0.4
    assert padding(batches(SEQUENCES, 32, 1, 0)) < 0.05
    assert padding(sorted_batches(SEQUENCES, 32)) < 0.05


def test_batches_of_similar_length_are_shuffled() -> None:
    longest = [int(LENGTHS[b].max()) for b in batches(SEQUENCES, 32, 1, 0)]
    assert longest != sorted(longest)


def test_two_lengths_are_both_similar() -> None:
    sources, targets = RNG.integers(1, 10, 4096), RNG.integers(1, 10, 4096)
    flat = np.zeros(10)
    zero = np.zeros(4096, np.int64)
    data = Dataset((Field("s", Ragged(flat, zero, sources)), Field("t", Ragged(flat, zero, targets), axis="1..S")))
    found = batches(data, 32, 1, 0)
    padded = sum(len(b) * int(n[b].max()) for b in found for n in (sources, targets))
    assert 1 - (sources.sum() + targets.sum()) / padded < 0.1
