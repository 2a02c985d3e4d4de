"""Samples made up for a net: random numbers, classes and trees."""

from __future__ import annotations

import numpy as np
from netc.compiler.statements.expressions import Type, Variable
from netc.runtime.model.initialise import Array
from netc.runtime.model.lengths import Lengths, padded_shape


def random_input(v: Variable, batch: int, lengths: Lengths, rng: np.random.Generator) -> Array:
    """So many samples of an input, of these lengths."""
    shape = (batch, *padded_shape(v, lengths))
    if v.tree:
        return _random_trees(shape, rng)
    if v.classes is not None:
        low = v.classes.first
        return rng.integers(low, low + v.classes.points(), shape)
    return rng.integers(0, 2, shape) if v.type is Type.BOOLEAN else rng.uniform(0.05, 0.95, shape)


def _random_trees(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Children before their parents: every second node has the two before it, in either order."""
    nodes = np.arange(shape[1])
    pair = np.stack([nodes - 2, nodes - 1], 1)
    pair[(nodes < 2) | (nodes % 2 == 1)] = -1
    trees = np.full(shape, -1)
    for sample in trees:
        sample[:, :2] = pair[:, rng.permutation(2)]
    return trees
