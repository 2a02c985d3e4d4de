"""Steps behind a source: `-> resize(28) -> border(2) -> range(-0.1, 1.175)`. They change real fields of images, or all fields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from netc.runtime.data.model import Array, Dataset, Field, Splits
from netc.runtime.data.pictures import resized

Step = Callable[..., Splits]


def _images(splits: Splits, change: Callable[[Array], Array]) -> Splits:
    """Change every real field with at least two axes of its own."""

    def one(f: Field) -> Field:
        return replace(f, values=change(f.values)) if f.classes is None and f.values.ndim >= 3 else f

    return splits.each(lambda d: Dataset(tuple(one(f) for f in d.fields)))


def _reals(splits: Splits, change: Callable[[Array], Array]) -> Splits:
    return splits.each(lambda d: Dataset(tuple(replace(f, values=change(f.values)) if f.classes is None else f for f in d.fields)))


def resize(splits: Splits, size: int) -> Splits:
    """The last two axes to `size` x `size` by bilinear interpolation, pixel centres aligned."""
    return _images(splits, lambda x: resized(x, size, size))


def border(splits: Splits, width: int, value: float = 0.0) -> Splits:
    """Pad the last two axes on all sides."""

    def change(x: Array) -> Array:
        pads = [(0, 0)] * (x.ndim - 2) + [(width, width)] * 2
        return np.pad(x, pads, constant_values=value).astype(np.float32)

    return _images(splits, change)


def range_(splits: Splits, low: float, high: float) -> Splits:
    """Map real values linearly: what the training part's smallest is becomes `low`, its largest `high`."""
    reals = [f.values for f in splits.train.fields if f.classes is None]
    least = min((float(v.min()) for v in reals if v.size), default=0.0)
    most = max((float(v.max()) for v in reals if v.size), default=1.0)
    scale = (high - low) / (most - least) if most > least else 0.0
    return _reals(splits, lambda x: ((x - np.float32(least)) * np.float32(scale) + np.float32(low)).astype(np.float32))


def normalise(splits: Splits) -> Splits:
    """Subtract the training part's mean and divide by its standard deviation, for each number of a sample."""
    known = {}
    for f in splits.train.fields:
        if f.classes is None:
            sd = f.values.std(0, dtype=np.float64)
            known[f.name] = f.values.mean(0, dtype=np.float64), np.where(sd > 0, sd, 1.0)

    def one(f: Field) -> Field:
        if f.name not in known:
            return f
        mean, sd = known[f.name]
        return replace(f, values=((f.values - mean) / sd).astype(np.float32))

    return splits.each(lambda d: Dataset(tuple(map(one, d.fields))))


def flatten(splits: Splits) -> Splits:
    """All axes of a sample as one."""
    return _reals(splits, lambda x: x.reshape(len(x), -1))


def scale(splits: Splits, factor: float) -> Splits:
    """Multiply real values."""
    return _reals(splits, lambda x: (x * np.float32(factor)).astype(np.float32))


def take(splits: Splits, count: int) -> Splits:
    """The first samples of every part."""
    return splits.each(lambda d: d.take(slice(0, count)))


def classes(splits: Splits, first: int, last: int) -> Splits:
    """Only the samples of the classes from `first` to `last`, which are then counted from 0."""
    kept = next((f for f in splits.train.fields if f.classes is not None), None)
    if kept is None:
        return splits

    def change(d: Dataset) -> Dataset:
        values = next(f.values for f in d.fields if f.name == kept.name)
        part = d.take(np.flatnonzero((values >= first) & (values <= last)))
        labels = kept.labels[first : last + 1] if kept.labels else None
        renamed = [replace(f, values=f.values - first, classes=last - first + 1, labels=labels) if f.name == kept.name else f for f in part.fields]
        return Dataset(tuple(renamed))

    return splits.each(change)


def fewer(splits: Splits, count: int) -> Splits:
    """The first samples of the training part; the other parts stay."""
    return replace(splits, train=splits.train.take(slice(0, count)))


STEPS: dict[str, Step] = {
    "resize": resize, "border": border, "range": range_, "normalise": normalise, "flatten": flatten, "scale": scale, "take": take, "classes": classes, "fewer": fewer,
}  # fmt: skip
LEARNING = ("range", "normalise")  # steps that depend on the training part
CHOOSING = ("take", "classes", "fewer")  # steps that choose samples and change none
