"""The nodes of a batch of trees numbered by height: all nodes of one height, of all samples, stand side by side.

Children keep standing before their parents. A sample that has fewer nodes of a height than another is padded there, so a level
is the same stretch of nodes in every sample; the last node of every sample is its root.

heights 0 0 1 and 0 0 1 0 2    become    levels 0..2, 3 and 4:   0 0 · | · | 1   and   0 0 0 | 1 | 2
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from netc.compiler.statements.domains import Length, sample_lengths
from netc.compiler.statements.expressions import Variable
from netc.compiler.variants.tree_levels import NO_NODE
from netc.runtime.data.fields.ragged import Ragged
from netc.runtime.model.lengths import rounded

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, eq=False)
class Nodes:
    """Where the nodes of each sample stand."""

    places: Array  # [samples, most nodes]: the new number of each node; 0 beyond a sample's last
    nodes: Array  # [samples, size]: which node stands at a number; a sample's own last node where none does
    there: Array  # [samples, size]: whether one does
    bounds: tuple[tuple[int, int], ...]  # of each level, the lowest first: its first number and the one behind its last

    @property
    def size(self) -> int:
        return int(self.nodes.shape[1])


def first_wrong(structure: Ragged) -> tuple[int, int, int, int | None] | None:
    """Sample, node and child where a structure is no tree: the child comes too late, or (a fourth number) has another parent."""
    children, lengths = structure.flat[structure.points], structure.lengths
    begins = np.cumsum(lengths) - lengths
    sample = np.repeat(np.arange(len(lengths)), lengths)
    own = np.arange(len(children)) - begins[sample]
    late = (children >= own[:, None]) | (children < -1)
    if late.any():
        row, slot = np.argwhere(late)[0]
        return int(sample[row]), int(own[row]), int(children[row, slot]), None
    row, slot = np.nonzero(children >= 0)
    every = children[row, slot] + begins[sample[row]]
    taken, where = np.unique(every, return_index=True)
    if len(taken) == len(every):
        return None
    again = int(np.setdiff1d(np.arange(len(every)), where)[0])
    first = int(np.argmax(every == every[again]))
    return int(sample[row[again]]), int(own[row[again]]), int(children[row[again], slot[again]]), int(own[row[first]])


def number(structure: Ragged) -> Nodes:
    """Nodes by height, the root above all others; within a height as they were."""
    children, lengths = structure.flat[structure.points], structure.lengths
    samples, last = len(lengths), np.cumsum(lengths) - 1
    begins = last - lengths + 1
    sample = np.repeat(np.arange(samples), lengths)
    height = _heights(np.where(children < 0, -1, children + begins[sample][:, None]))
    levels = int(height.max()) + 1
    height[last] = levels - 1
    counts = np.bincount(sample * levels + height, minlength=samples * levels).reshape(samples, levels)
    widest = counts.max(0)
    size = rounded(int(widest.sum()))
    ends = size - int(widest.sum()) + np.cumsum(widest)
    order = np.argsort(sample * levels + height, kind="stable")
    flat = (ends - counts).reshape(-1)  # where the nodes of each sample begin in each level
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts.reshape(-1) - flat, counts.reshape(-1))
    own = np.arange(len(order)) - begins[sample]
    places = np.zeros((samples, int(lengths.max())), np.int64)
    places[sample, own] = place
    nodes = np.repeat(lengths[:, None] - 1, size, 1)
    nodes[sample, place] = own
    there = np.zeros((samples, size), bool)
    there[sample, place] = True
    firsts = (0, *ends[:-1].tolist())
    return Nodes(places, nodes, there, tuple(zip(firsts, ends.tolist(), strict=True)))


def _heights(children: Array) -> Array:
    """How far each node is from its farthest leaf: as many rounds as the tallest tree is high."""
    height = np.zeros(len(children), np.int64)
    while True:
        higher = np.where(children < 0, -1, height[children]).max(1, initial=-1) + 1
        if np.array_equal(higher, height):
            return height
        height = higher


def by_level(values: Array | Ragged, variable: Variable, numbered: Mapping[Length, Nodes]) -> Array | Ragged:
    """An input with its nodes at their new numbers; where none stands, that of another node of the sample."""
    axes = _axes(variable, numbered)
    if not axes:
        return values
    array = values.padded() if isinstance(values, Ragged) else np.asarray(values)
    for axis, nodes in axes:
        array = _taken(array, axis, nodes.nodes)
    if variable.tree:
        nodes = axes[0][1]
        moved = np.where(array < 0, -1, nodes.places[np.arange(len(array))[:, None, None], array])
        array = np.where(nodes.there[:, :, None], moved, NO_NODE)
    return array


def as_given(values: Array, variable: Variable, numbered: Mapping[Length, Nodes]) -> Array:
    """A value with its nodes in the order in which the samples came; what stands beyond a sample's last node is not meant."""
    for axis, nodes in _axes(variable, numbered):
        values = _taken(values, axis, nodes.places)
    return values


def _axes(variable: Variable, numbered: Mapping[Length, Nodes]) -> list[tuple[int, Nodes]]:
    """The axes of an array of a variable that are nodes."""
    if not variable.per_sample:
        return []
    return [(k + 1, numbered[n]) for k, a in enumerate(variable.axes) for n in sample_lengths(a.hi) if n in numbered]


def _taken(array: Array, axis: int, places: Array) -> Array:
    """Elements of each sample, picked along one axis."""
    moved = np.moveaxis(array, axis, 1)
    return np.moveaxis(moved[np.arange(len(array))[:, None], places], 1, axis)
