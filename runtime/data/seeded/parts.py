"""Training, validation and test parts: by shares and a seed, or of files of their own."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import numpy as np
from netc.runtime.data.fields.model import Array, Dataset, Splits
from netc.runtime.data.formats.place import Place

T = TypeVar("T")
Share = str | float  # another file, or a share of the first


@dataclass(frozen=True)
class Parts(Generic[T]):
    """Samples in three parts, of which two may be empty."""

    train: list[T]
    validation: list[T]
    test: list[T]
    seed: int | None  # where chance parted them
    notes: tuple[str, ...] = ()
    all_symbols: bool = False

    @property
    def counted(self) -> list[T]:
        """The samples whose symbols the vocabulary holds."""
        return [*self.train, *self.validation, *self.test] if self.all_symbols else self.train

    def splits(self, name: str, make: Callable[[list[T]], Dataset], facts: str = "") -> Splits:
        """The parts as data."""
        splits = Splits(name, make(self.train), make(self.validation) if self.validation else None, make(self.test) if self.test else None)
        seeded = f" · seed {self.seed}" if self.seed is not None else ""
        return Splits(name, splits.train, splits.validation, splits.test, f"{name} {splits.sizes}{facts}{seeded}", self.notes)


def parted_files(
    place: Place, seed: int, read: Callable[[str], list[T]], path: str, valid: Share, test: Share,
    key: Callable[[T], Hashable] | None = None,
) -> Parts[T]:  # fmt: skip
    """Read the files and part them by a seeded permutation; samples with the same `key` stay together."""
    share = (0.0 if isinstance(valid, str) else valid, 0.0 if isinstance(test, str) else test)
    samples = read(path)
    if not samples:
        raise place.damaged(path, "it holds no samples")
    others = [read(name) if isinstance(name, str) else None for name in (valid, test)]
    if not any(share):
        return Parts(samples, others[0] or [], others[1] or [], None, (), place.all_symbols)
    at, places = drawn(seed, len(samples), [key(s) for s in samples] if key else None)
    last = places - round(places * share[1])
    first = last - round(places * share[0])
    train, validation, rest = ([s for s, p in zip(samples, at, strict=True) if a <= p < b] for a, b in ((0, first), (first, last), (last, places)))
    if not train:
        raise place.damaged(path, f"it holds {len(samples)} samples, and the shares leave none for training")
    validation, rest = others[0] or validation, others[1] or rest
    return Parts(train, validation, rest, seed, none_left(len(samples), share, (validation, rest)), place.all_symbols)



def drawn(seed: int, count: int, keys: Sequence[Hashable] | None = None) -> tuple[Array, int]:
    """The place of each sample in a seeded order, and how many places there are; samples with equal keys share one."""
    groups: dict[Hashable, int] = {}
    group = np.arange(count) if keys is None else np.array([groups.setdefault(k, len(groups)) for k in keys], np.int64)
    places = count if keys is None else len(groups)
    order = np.random.Generator(np.random.Philox(key=[seed, 0x5B117])).permutation(places)
    at = np.empty(places, np.int64)
    at[order] = np.arange(places)
    return at[group], places


def parted(
    name: str, data: Dataset, seed: int, shares: tuple[float, float] = (0.8, 0.1), test: Dataset | None = None,
    keys: Sequence[Hashable] | None = None,
) -> Splits:  # fmt: skip
    """Part a set by a seeded permutation: training, validation, and the rest as test (or all of it where a test set exists).

    Samples with equal `keys` stay in one part, so that what is tested was not trained on.
    """
    at, places = drawn(seed, data.size, keys)
    first = round(places * shares[0])
    second = first + round(places * shares[1]) if test is None else places
    parts = [data.take(np.flatnonzero((at >= a) & (at < b))) for a, b in ((0, first), (first, second), (second, places))]
    test = test if test is not None else (parts[2] if parts[2].size else None)
    validation = parts[1] if parts[1].size else None
    splits = Splits(name, parts[0], validation, test)
    rest = 0.0 if test is not None and not parts[2].size else max(0.0, round(1 - sum(shares), 9))
    notes = none_left(data.size, (shares[1], rest), (validation, test))
    return replace(splits, statement=f"{name} {splits.sizes} · seed {seed}", notes=notes)


def none_left(count: int, shares: tuple[float, float], parts: tuple[object, object]) -> tuple[str, ...]:
    """What is said where so few samples were parted that a share of them came to nothing."""
    empty = [f"{share:g} for {name}" for share, part, name in zip(shares, parts, ("validation", "the test"), strict=True) if share and not part]
    samples = "1 sample" if count == 1 else f"{count:,} samples"
    return (f"of {samples} the {'share' if len(empty) == 1 else 'shares'} {' and '.join(empty)} came to none",) if empty else ()
