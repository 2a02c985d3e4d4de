"""What data is: fields with equally many samples, in one to three parts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from netc.runtime.data.fields.ragged import Ragged

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, eq=False)
class Field:
    """One named array, samples along the first axis, or samples of different length. `classes` is None for real numbers."""

    name: str
    values: Array | Ragged
    classes: int | None = None
    labels: tuple[str, ...] | None = None  # what each class is called
    axis: str = "1..T"  # how a spec writes the axis that differs between samples; fields with one axis have equal lengths
    tree: bool = False  # the values are the children of each node, -1 for none; children stand before parents

    @property
    def sort(self) -> str:
        """Kind and sizes as a spec would write them."""
        if self.tree:
            return f"tree({self.rest[-1]})"
        sizes = ", ".join(map(str, (self.axis, *self.rest) if isinstance(self.values, Ragged) else self.rest))
        kind = "real" if self.classes is None else f"class({self.classes})"
        return f"{kind}[{sizes}]" if sizes else kind

    @property
    def rest(self) -> tuple[int, ...]:
        """The sizes that all samples share, in order."""
        return self.values.rest if isinstance(self.values, Ragged) else self.values.shape[1:]

    @property
    def real(self) -> bool:
        """Whether the values are real numbers."""
        return self.classes is None and not self.tree

    @property
    def array(self) -> Array:
        """The values of a field whose samples have the same sizes."""
        assert not isinstance(self.values, Ragged), f"`{self.name}` has samples of different length"
        return self.values


@dataclass(frozen=True, eq=False)
class Dataset:
    """Fields with equally many samples."""

    fields: tuple[Field, ...]

    @property
    def size(self) -> int:
        return len(self.fields[0].values) if self.fields else 0

    def take(self, places: Array | slice) -> Dataset:
        """The samples at these places."""
        return Dataset(tuple(replace(f, values=f.values[places]) for f in self.fields))

    def arrays(self, places: Array | slice = slice(None)) -> dict[str, Array | Ragged]:
        """The samples at these places, by field name: those side by side are not copied."""
        if not isinstance(places, slice) and len(places) and places[-1] - places[0] == len(places) - 1 and (places[1:] == places[:-1] + 1).all():
            places = slice(int(places[0]), int(places[-1]) + 1)
        return {f.name: f.values[places] for f in self.fields}

    @property
    def ragged(self) -> bool:
        """Whether samples differ in length."""
        return any(isinstance(f.values, Ragged) for f in self.fields)


@dataclass(frozen=True, eq=False)
class Splits:
    """Parts for training, for choosing, and for the final test.

    `name` says what it is, `statement` how it was parted, and `notes` what the reader of the files thinks should be known.
    """

    name: str
    train: Dataset
    validation: Dataset | None = None
    test: Dataset | None = None
    statement: str = ""
    notes: tuple[str, ...] = ()

    def parts(self) -> dict[str, Dataset]:
        found = {"train": self.train, "validation": self.validation, "test": self.test}
        return {k: v for k, v in found.items() if v is not None}

    def judged(self, part: str) -> tuple[Dataset, ...]:
        """What a name stands for: `train`, `validation`, `test`, or `all` of them; nothing where there is no such part."""
        found = self.parts()
        return tuple(found.values()) if part == "all" else (found[part],) if part in found else ()

    @property
    def size(self) -> int:
        """The samples of all parts."""
        return sum(d.size for d in self.parts().values())

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
