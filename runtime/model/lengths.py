"""Samples of different lengths: how long each is, and what of a padded array belongs to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from netc.compiler.statements.domains import Bound, Domain, Extent, Length, sample_lengths
from netc.compiler.statements.expressions import Variable

Array = np.ndarray[Any, np.dtype[Any]]
Lengths = Mapping[Length, Array]


def open_axes(variable: Variable) -> list[int]:
    """The axes whose size the samples bring along."""
    return [k for k, a in enumerate(variable.axes) if sample_lengths(a.hi)]


def solve(axis: Domain, points: Array) -> tuple[Length, Array] | None:
    """The length that gives an axis so many points: T from `1..T`. None where it cannot be told from this axis."""
    size = axis.size
    if not isinstance(size, Extent) or len(size.terms) != 1:
        return None
    (length, coefficient), = size.terms
    if length.whole is not None or np.any((points - size.const) % coefficient):
        return None
    return length, (points - size.const) // coefficient


def values_of(bound: Bound, lengths: Lengths) -> Array:
    """A bound for each sample."""
    if isinstance(bound, int):
        return np.asarray(bound)
    total = np.asarray(bound.const)
    for length, c in bound.terms:
        one = lengths[length] if length.whole is None else values_of(length.whole, lengths) // length.divisor
        total = total + c * one
    return total


def trimmed(array: Array, variable: Variable, lengths: Lengths) -> Array:
    """A padded value without the padding that all samples share, and with 0 beyond each sample's own end."""
    if not variable.per_sample:
        return array
    for k in open_axes(variable):
        sizes = np.broadcast_to(values_of(variable.axes[k].size, lengths), array.shape[:1])
        array = array[(slice(None),) * (k + 1) + (slice(0, int(sizes.max(initial=0))),)]
    own = inside(variable, lengths, array.shape)
    return array if own is None or own.all() else np.where(own, array, np.zeros((), array.dtype))


def inside(variable: Variable, lengths: Lengths, shape: Sequence[int]) -> Array | None:
    """Which elements of [samples, ...] belong to their sample, with axes of size 1 where all do; None where nothing is padding."""
    found: Array | None = None
    for k in open_axes(variable) if variable.per_sample else ():
        sizes = np.broadcast_to(values_of(variable.axes[k].size, lengths), shape[:1])
        one = np.arange(shape[k + 1]) < sizes[:, None]
        one = one.reshape([shape[0] if a == 0 else shape[a] if a == k + 1 else 1 for a in range(len(shape))])
        found = one if found is None else found & one
    return found


def padded_shape(variable: Variable, lengths: Lengths) -> tuple[int, ...]:
    """The variable's sizes where each length is that of the longest sample."""
    table = {n: int(v.max(initial=1)) for n, v in lengths.items()}
    return tuple(a.points(table) for a in variable.axes)


def rounded(n: int) -> int:
    """A length that several batches can share: at most a quarter longer."""
    step = 1 << max(0, n.bit_length() - 3)
    return -(-n // step) * step
