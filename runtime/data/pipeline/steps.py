"""Steps behind a source: `-> resize(28) -> range(-0.1, 1.175)`. They change images, real numbers, or which samples are there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from netc.runtime.data.fields.model import Array, Dataset, Field, Splits
from netc.runtime.data.fields.ragged import Ragged
from netc.runtime.data.formats.pictures import resized

Step = Callable[..., Splits]


def _images(splits: Splits, change: Callable[[Array], Array]) -> Splits:
    """Change every real field with at least two axes of its own."""

    def one(f: Field) -> Field:
        return replace(f, values=change(f.array)) if f.real and len(f.rest) >= 2 else f

    return splits.each(lambda d: Dataset(tuple(one(f) for f in d.fields)))


def _reals(splits: Splits, change: Callable[[Array], Array]) -> Splits:
    """Change every real number, wherever it stands."""
    return splits.each(lambda d: Dataset(tuple(replace(f, values=_changed(f.values, change)) if f.real else f for f in d.fields)))


def _changed(values: Array | Ragged, change: Callable[[Array], Array]) -> Array | Ragged:
    return replace(values, flat=change(values.flat)) if isinstance(values, Ragged) else change(values)


def _numbers(values: Array | Ragged) -> Array:
    """All numbers, samples (or points of samples) along the first axis."""
    return np.asarray(values.flat[values.points]) if isinstance(values, Ragged) else values


def resize(splits: Splits, size: int) -> Splits:
    """The last two axes to `size` x `size` by bilinear interpolation, pixel centres aligned."""
    return _images(splits, lambda x: resized(x, size, size))


def border(splits: Splits, width: int, value: float) -> Splits:
    """Pad the last two axes on all sides."""

    def change(x: Array) -> Array:
        pads = [(0, 0)] * (x.ndim - 2) + [(width, width)] * 2
        return np.pad(x, pads, constant_values=value).astype(np.float32)

    return _images(splits, change)


def range_(splits: Splits, low: float, high: float) -> Splits:
    """Map real values linearly: what the training part's smallest is becomes `low`, its largest `high`."""
    reals = [_numbers(f.values) for f in splits.train.fields if f.real]
    least = min((float(v.min()) for v in reals if v.size), default=0.0)
    most = max((float(v.max()) for v in reals if v.size), default=1.0)
    scale = (high - low) / (most - least) if most > least else 0.0
    return _reals(splits, lambda x: ((x - np.float32(least)) * np.float32(scale) + np.float32(low)).astype(np.float32))


def normalise(splits: Splits) -> Splits:
    """Subtract the training part's mean and divide by its standard deviation, for each number of a sample (or of a point)."""
    known = {}
    for f in splits.train.fields:
        if f.real:
            numbers = _numbers(f.values)
            sd = numbers.std(0, dtype=np.float64)
            known[f.name] = numbers.mean(0, dtype=np.float64), np.where(sd > 0, sd, 1.0)

    def one(f: Field) -> Field:
        if f.name not in known:
            return f
        mean, sd = known[f.name]
        return replace(f, values=_changed(f.values, lambda x: np.asarray((x - mean) / sd, np.float32)))

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
    kept = next((f for f in splits.train.fields if f.classes is not None and not isinstance(f.values, Ragged)), None)
    if kept is None:
        return splits

    def change(d: Dataset) -> Dataset:
        values = next(f.array for f in d.fields if f.name == kept.name)
        part = d.take(np.flatnonzero((values >= first) & (values <= last)))
        labels = kept.labels[first : last + 1] if kept.labels else None
        renamed = [replace(f, values=f.array - first, classes=last - first + 1, labels=labels) if f.name == kept.name else f for f in part.fields]
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
WHAT = {
    "resize": "images", "border": "images", "flatten": "samples of one size", "classes": "one class for each sample",
}  # fmt: skip


def unfit(name: str, splits: Splits) -> Field | None:
    """The sequence in the data that a step cannot serve: where it would be changed, or where there is nothing else to change."""
    if name not in WHAT:
        return None
    fields = splits.train.fields
    sequences = [f for f in fields if isinstance(f.values, Ragged)]
    if name == "classes":
        return None if any(f.classes is not None and f not in sequences for f in fields) else next(iter(sequences), None)
    changed = [f for f in sequences if f.real]
    served = any(f.real and f not in sequences for f in fields)
    return next(iter(changed), None) if served else next(iter(sequences), None)
