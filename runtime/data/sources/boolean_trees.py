"""`boolean_trees()`: expressions over and, or, not, true and false as trees, with the value of every node."""

from __future__ import annotations

import numpy as np
from netc.runtime.data.fields.model import Dataset, Splits
from netc.runtime.data.fields.nodes import Tree, tree_fields
from netc.runtime.data.fields.vocabulary import Vocabulary
from netc.runtime.data.formats.place import Place
from netc.runtime.data.seeded.numbers import Range, generator, lengths
from netc.runtime.data.seeded.parts import parted


def read(place: Place, seed: int, depth: Range, operators: str, samples: int) -> Splits:
    """Fields `word` class(5)[N] (and, false, not, or, true), `label` class(2)[N], the value of each node, and the trees themselves.

    A leaf is true or false; inner nodes hold their operator. The operand of `not` is its left child. Without it, as
    `operators="and,or"`, every inner node has two children. Equal trees stay in one part.
    """
    given = tuple(o.strip() for o in operators.split(","))
    rng = generator(seed, "boolean_trees")
    depths = lengths(rng, depth, samples)
    trees = []
    for d in depths:
        trees.append(Tree())
        _grow(trees[-1], rng, int(d), given)
    vocabulary = Vocabulary(tuple(sorted((*given, "false", "true"))))
    fields = tree_fields(trees, vocabulary, Vocabulary(("false", "true")))
    return parted("boolean_trees", Dataset(fields), seed, keys=[(*t.words, *map(tuple, t.children)) for t in trees])


def _grow(tree: Tree, rng: np.random.Generator, depth: int, operators: tuple[str, ...]) -> int:
    """A tree of exactly this depth; gives its root. One operand reaches the depth, the other need not."""
    if depth == 0:
        value = ("false", "true")[int(rng.integers(2))]
        return tree.add(value, value)
    operator = operators[int(rng.integers(len(operators)))]
    sizes = [depth - 1, int(rng.integers(depth))]
    if rng.integers(2):
        sizes.reverse()
    children = [_grow(tree, rng, d, operators) for d in ([depth - 1] if operator == "not" else sizes)]
    values = [tree.labels[c] == "true" for c in children]
    holds = not values[0] if operator == "not" else all(values) if operator == "and" else any(values)
    return tree.add(operator, str(holds).lower(), children)
