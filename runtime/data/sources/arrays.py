"""`arrays("data.npz")` or `arrays("x.npy", "y.npy")`: NumPy files, one field for each array; whole numbers from 0 are classes."""

from __future__ import annotations

import numpy as np
from netc.runtime.data.fields.model import Array, Dataset, Field, Splits
from netc.runtime.data.formats import npy
from netc.runtime.data.formats.place import Place
from netc.runtime.data.seeded.parts import parted


def read(place: Place, seed: int, path: str, second: str, train: float, validation: float) -> Splits:
    """Every array has the samples along its first axis, and is named as in the `.npz` or by its file. No pickles; all finite."""
    fields: list[Field] = []
    for name in (path, second) if second else (path,):
        file = place.file(name)
        fields += [as_field(key, values, name, place) for key, values in npy.load(file, place, name).items()]
    if not fields:
        raise place.damaged(path, "it holds no array")
    twice = next((f.name for k, f in enumerate(fields) if f.name in [other.name for other in fields[:k]]), None)
    if twice is not None:
        raise place.damaged(second, f"both files give a field `{twice}`", "rename one of the files: it names the field")
    if len({len(f.values) for f in fields}) != 1:
        shown = ", ".join(f"{f.name} {len(f.values):,}" for f in fields)
        raise place.damaged(path, f"its arrays have different numbers of samples ({shown})")
    return parted(place.file(path).stem, Dataset(tuple(fields)), seed, (train, validation))


def as_field(name: str, values: Array, path: object, place: Place) -> Field:
    """An array as a field."""
    if values.ndim == 0 or values.dtype.kind not in "iufb":
        raise place.damaged(path, f"`{name}` is not an array of numbers with samples along its first axis")
    if values.dtype.kind == "f":
        if not np.isfinite(values).all():
            sample = int(np.argwhere(~np.isfinite(values))[0][0])
            raise place.damaged(path, f"`{name}` is not finite in sample {sample}")
        return Field(name, values.astype(np.float32))
    if values.ndim == 1 and values.size and values.min() >= 0:
        return Field(name, values.astype(np.int32), int(values.max()) + 1)
    return Field(name, values.astype(np.float32))
