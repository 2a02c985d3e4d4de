"""Training, validation and test parts of what files hold: a file of its own for each, or a share of the first."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from netc.runtime.data.model import Dataset, Splits, drawn, none_left
from netc.runtime.data.place import Place

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
