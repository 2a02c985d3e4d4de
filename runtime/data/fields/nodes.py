"""Trees as data: one value for each node, children before parents, and the structure as a field of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from netc.runtime.data.fields.model import Field
from netc.runtime.data.fields.ragged import Ragged
from netc.runtime.data.fields.vocabulary import Vocabulary


@dataclass
class Tree:
    """One tree, node by node; a node's children have smaller numbers, and the root is the last."""

    file: str = ""
    line: int = 0
    words: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    children: list[list[int]] = field(default_factory=list)

    def add(self, word: str, label: str, children: Sequence[int] = ()) -> int:
        """A node above nodes that are there already; gives its number."""
        self.words.append(word)
        self.labels.append(label)
        self.children.append(list(children))
        return len(self.words) - 1


def tree_fields(trees: Sequence[Tree], vocabulary: Vocabulary, labels: Vocabulary, widest: int = 2) -> tuple[Field, Field, Field]:
    """`word`, `label` and the structure `N`: for each node the numbers of its children, -1 where there is none."""
    structure = Field("N", Ragged.of((_padded(t.children, widest) for t in trees), np.int32), axis="N", tree=True)
    return vocabulary.field("word", (t.words for t in trees), "N"), labels.field("label", (t.labels for t in trees), "N"), structure


def _padded(children: list[list[int]], widest: int) -> list[list[int]]:
    return [[*c, *[-1] * (widest - len(c))] for c in children]
