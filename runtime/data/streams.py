"""A text as parallel streams, for backpropagation that is cut every k steps while the state goes on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from netc.compiler.diagnostics.error import NetcError
from netc.compiler.diagnostics.problems.data import NoStream
from netc.compiler.source.text import Source, Span
from netc.runtime.data.model import Array, Field
from netc.runtime.data.ragged import Ragged


def streams(field: Field, batch: int, k: int) -> Iterator[tuple[Array, Array]]:
    """Pieces of `batch` parallel streams, in order: [batch, k + 1] points, and [batch] whether a stream begins there.

    The text is cut into `batch` equal streams; fewer than `batch` points at its end are left out. A piece begins with the last
    point of the one before, so that each of its other k points is predicted once. The last piece may be shorter.

    >>> hello = Field("x", Ragged.of([list(range(9))]))
    >>> [(piece.tolist(), fresh.tolist()) for piece, fresh in streams(hello, 2, 3)]
    [([[0, 1, 2, 3], [4, 5, 6, 7]], [True, True]), ([[3, 4], [7, 8]], [False, False])]
    """
    text = whole(field)
    each = (len(text) - 1) // batch
    if each < 1:
        raise _refused(field, f"its {len(text):,} points do not make {batch} streams of at least two")
    begins = np.arange(batch)[:, None] * each
    for start in range(0, each, k):
        reach = min(k, each - start)
        yield text[begins + start + np.arange(reach + 1)], np.full(batch, start == 0)


def steps(field: Field, batch: int, k: int) -> int:
    """How many pieces `streams` gives."""
    return -(-((len(whole(field)) - 1) // batch) // k)


def whole(field: Field) -> Array:
    """The text that a field's windows were cut from. Raises NetcError where the samples are none of one text."""
    values = field.values
    if not isinstance(values, Ragged):
        raise _refused(field, "its samples have no axis of their own length")
    ends = values.starts + values.lengths
    if len(values) == 0 or (values.starts[1:] != ends[:-1] - 1).any():
        raise _refused(field, f"its {len(values):,} samples are no windows of one text")
    return np.asarray(values.flat[values.starts[0] : ends[-1]])


def _refused(field: Field, reason: str) -> NetcError:
    return NetcError(NoStream(Span(Source("data", field.name), 0, len(field.name)), field.name, reason))
