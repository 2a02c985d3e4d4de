"""`arrays("data.npz")`: arrays of a NumPy file, one field for each name; whole numbers from 0 are classes."""

from __future__ import annotations

import zipfile

import numpy as np
from netc.runtime.data.model import Array, Dataset, Field, Splits, parted
from netc.runtime.data.place import Place


def read(place: Place, seed: int, path: str, train: float = 0.8, validation: float = 0.1) -> Splits:
    """Every array has the samples along its first axis. No pickles; numbers must be finite."""
    file = place.file(path)
    try:
        with np.load(file, allow_pickle=False) as data:
            found = {name: np.asarray(data[name]) for name in data.files} if hasattr(data, "files") else {file.stem: np.asarray(data)}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise place.damaged(path, str(error).split("\n")[0]) from None
    fields = tuple(as_field(name, values, path, place) for name, values in found.items())
    lengths = {len(f.values) for f in fields}
    if len(lengths) != 1:
        shown = ", ".join(f"{f.name} {len(f.values):,}" for f in fields)
        raise place.damaged(path, f"its arrays have different numbers of samples ({shown})")
    return parted(file.stem, Dataset(fields), seed, (train, validation))


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
