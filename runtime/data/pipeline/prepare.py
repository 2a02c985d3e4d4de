"""Pictures and rows from elsewhere on their way to a net: through the steps that the net's own data went through."""

from __future__ import annotations

import math
from dataclasses import replace as changed
from pathlib import Path

from netc.compiler.syntax import tree
from netc.runtime.data.fields.model import Array, Dataset, Field, Splits
from netc.runtime.data.fields.ragged import Ragged
from netc.runtime.data.formats.pictures import resized
from netc.runtime.data.pipeline.resolve import arguments_of, calls_of, source_of, step_of
from netc.runtime.data.pipeline.steps import CHOOSING, LEARNING


def prepared(
    pipeline: tree.Expr | None, picture: Array, shape: tuple[int, ...], *, folder: Path, seed: int, replace: str | None = None
) -> Array | None:  # fmt: skip
    """The picture ([height, width] or [3, height, width] in 0..1) as an input of this shape; None where none can become one.

    What a step learns from the training part (`range`, `normalise`) it learns from the setting's own source again.
    """
    steps = calls_of(pipeline)[1:]
    if any(_name(s) in LEARNING for s in steps):
        splits = source_of(pipeline, folder, seed, replace)
        like = next((f for f in splits.train.fields if f.real and not isinstance(f.values, Ragged)), None)
        size = None if like is None else _square(like.rest)
    else:
        splits, like, size = Splits("picture", Dataset(())), None, _before(steps, shape)
    if size is None:
        return None
    values = resized(picture, *size)[None]
    if like is not None and values[0].size == math.prod(like.rest):
        values = values.reshape(1, *like.rest)
    elif like is not None:
        return None
    found = _through(steps, splits, Field(like.name if like is not None else "picture", values))
    return found.reshape(1, *shape) if found.size == math.prod(shape) else None


def prepared_rows(pipeline: tree.Expr | None, rows: Array, *, folder: Path, seed: int, replace: str | None = None) -> Array:
    """Rows of a table, [rows, columns], as a net's data give them."""
    steps = calls_of(pipeline)[1:]
    learning = any(_name(s) in LEARNING for s in steps)
    splits = source_of(pipeline, folder, seed, replace) if learning else Splits("rows", Dataset(()))
    like = next((f.name for f in splits.train.fields if f.real and f.rest == rows.shape[1:]), "rows")
    return _through(steps, splits, Field(like, rows))


def _through(steps: list[tree.Call], splits: Splits, given: Field) -> Array:
    """What the steps make of a field. It takes the place of the test part; steps that choose samples leave it whole."""
    splits = changed(splits, validation=None, test=Dataset((given,)))
    for step in steps:
        splits = changed(step_of(step, splits), test=splits.test) if _name(step) in CHOOSING else step_of(step, splits)
    assert splits.test is not None
    return splits.test.fields[0].array


def _name(call: tree.Call) -> str:
    return call.function.span.text


def _square(shape: tuple[int, ...]) -> tuple[int, int] | None:
    """Height and width in a shape; of one axis where it is a square's."""
    if len(shape) == 1:
        side = math.isqrt(shape[0])
        return (side, side) if side * side == shape[0] else None
    return (shape[-2], shape[-1]) if shape else None


def _before(steps: list[tree.Call], shape: tuple[int, ...]) -> tuple[int, int] | None:
    """Height and width of what the steps bring to this shape."""
    size = _square(shape)
    for step in reversed(steps):
        if size is None or _name(step) == "resize":
            return size
        if _name(step) == "border":
            width = arguments_of(step)["width"]
            size = (size[0] - 2 * width, size[1] - 2 * width) if min(size) > 2 * width else None
    return size
