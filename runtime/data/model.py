"""What data is: fields of equal length, in one to three parts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, eq=False)
class Field:
    """One named array, samples along the first axis. `classes` is None for real numbers."""

    name: str
    values: Array
    classes: int | None = None
    labels: tuple[str, ...] | None = None  # what each class is called

    @property
    def sort(self) -> str:
        """Kind and sizes as a spec would write them."""
        sizes = ", ".join(map(str, self.values.shape[1:]))
        kind = "real" if self.classes is None else f"class({self.classes})"
        return f"{kind}[{sizes}]" if sizes else kind


@dataclass(frozen=True, eq=False)
class Dataset:
    """Fields of equal length."""

    fields: tuple[Field, ...]

    @property
    def size(self) -> int:
        return len(self.fields[0].values) if self.fields else 0

    def take(self, places: Array | slice) -> Dataset:
        """The samples at these places."""
        return Dataset(tuple(replace(f, values=f.values[places]) for f in self.fields))

    def arrays(self) -> dict[str, Array]:
        return {f.name: f.values for f in self.fields}


@dataclass(frozen=True, eq=False)
class Splits:
    """Parts for training, for choosing, and for the final test; `name` says what it is, `statement` how it was parted."""

    name: str
    train: Dataset
    validation: Dataset | None = None
    test: Dataset | None = None
    statement: str = ""

    def parts(self) -> dict[str, Dataset]:
        found = {"train": self.train, "validation": self.validation, "test": self.test}
        return {k: v for k, v in found.items() if v is not None}

    @property
    def sizes(self) -> str:
        """`1,438 + 180 + 179`."""
        return " + ".join(f"{d.size:,}" for d in self.parts().values())

    def each(self, change: Any) -> Splits:
        """The same change made to every part."""
        return replace(
            self, train=change(self.train), validation=change(self.validation) if self.validation else None,
            test=change(self.test) if self.test else None,
        )  # fmt: skip


def parted(name: str, data: Dataset, seed: int, shares: tuple[float, float] = (0.8, 0.1), test: Dataset | None = None) -> Splits:
    """Part a set by a seeded permutation: training, validation, and the rest as test (or all of it where a test set exists)."""
    order = np.random.Generator(np.random.Philox(key=[seed, 0x5B117])).permutation(data.size)
    first = round(data.size * shares[0])
    second = first + round(data.size * shares[1]) if test is None else data.size
    parts = [data.take(np.sort(order[a:b])) for a, b in ((0, first), (first, second), (second, data.size))]
    test = test if test is not None else (parts[2] if parts[2].size else None)
    validation = parts[1] if parts[1].size else None
    splits = Splits(name, parts[0], validation, test)
    return replace(splits, statement=f"{name} {splits.sizes} · seed {seed}")
