"""The longest stretch of a sample that stands in a text."""

import random

import pytest
from netc.runtime.data.fields.memorised import Stretch, longest_stretch


@pytest.mark.parametrize("seed", range(5))
def test_it_is_what_trying_all_stretches_finds(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(200):
        sample, text = ("".join(rng.choice("abc") for _ in range(rng.randint(0, n))) for n in (15, 40))
        found = longest_stretch(sample, text)
        longest = max(b - a for a in range(len(sample) + 1) for b in range(a, len(sample) + 1) if sample[a:b] in text)
        assert found.length == longest
        assert sample[found.start : found.start + longest] == text[found.place : found.place + longest]


def test_words_are_symbols_too() -> None:
    assert longest_stretch(["so", "it", "goes"], ["it", "goes", "on", "so", "it", "is"]) == Stretch(2, 1, 0)


def test_nothing_in_common_is_a_stretch_of_0() -> None:
    assert longest_stretch("abc", "xyz") == Stretch(0, 0, 0)
