"""`trees("train.txt")`: bracketed trees with a label at every node, `(3 (2 good) (2 film))`, as the Stanford treebank has them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from netc.compiler.diagnostics.error import NetcError
from netc.runtime.data.fields.model import Dataset, Splits
from netc.runtime.data.fields.nodes import Tree, tree_fields
from netc.runtime.data.fields.vocabulary import NONE, UNKNOWN, Vocabulary
from netc.runtime.data.formats.place import Place
from netc.runtime.data.formats.text_files import read_lines
from netc.runtime.data.seeded.parts import Share, parted_files

_TOKEN = re.compile(r"[()]|[^\s()]+")


@dataclass
class _Open:
    """A node whose bracket is open."""

    line: int
    column: int
    label: str = ""
    word: str = ""
    children: list[int] = field(default_factory=list)


def read(
    place: Place, seed: int, path: str, symbols: int, lower: bool, valid: Share, test: Share
) -> Splits:
    """Fields `word` class(symbols)[N], `label` class(labels)[N] and the trees themselves; children stand before parents, the root last.

    Word 0 is `<none>`, that of inner nodes, 1 is `<unk>`: words that the training part does not hold, or not among the most
    frequent. `valid` and `test` are files, or shares of the first.
    """
    parts = parted_files(place, seed, lambda name: parse(name, read_lines(name, place), place, lower), path, valid, test)
    vocabulary = Vocabulary.counted(([w for w in t.words if w != NONE] for t in parts.counted), place.kept(symbols), (NONE, UNKNOWN))
    labels = Vocabulary.counted((t.labels for t in parts.counted), 0, ())
    for tree in [*parts.validation, *parts.test]:
        for label in tree.labels:
            if label not in labels.codes:
                raise place.damaged(tree.file, f"the label `{label}` of the tree at line {tree.line:,} stands nowhere in the training part")
    widest = max((len(c) for t in (*parts.train, *parts.validation, *parts.test) for c in t.children), default=0)

    def make(found: list[Tree]) -> Dataset:
        return Dataset(tree_fields(found, vocabulary, labels, max(widest, 2)))

    return parts.splits(place.file(path).stem, make, f" trees · {len(vocabulary):,} words, {len(labels)} labels")


def parse(name: str, lines: list[str], place: Place, lower: bool = False) -> list[Tree]:
    """The trees of a file, on one line each or on several. Raises NetcError with line and column of what is wrong."""

    def wrong(line: int, column: int, reason: str) -> NetcError:
        return place.damaged(name, f"line {line:,}, column {column}: {reason}")

    found: list[Tree] = []
    stack: list[_Open] = []
    tree = Tree(name)
    for number, line in enumerate(lines, 1):
        for match in _TOKEN.finditer(line):
            token, column = match.group(), match.start() + 1
            if token == "(":
                if stack and not stack[-1].label:
                    raise wrong(number, column, "a label is missing before this bracket")
                if stack and stack[-1].word:
                    raise wrong(number, column, f"a node has the word `{stack[-1].word}` and this child: it has one or the other")
                if not stack:
                    tree = Tree(name, number)
                stack.append(_Open(number, column))
            elif not stack:
                raise wrong(number, column, f"`{token}` stands outside of any tree")
            elif token == ")":
                node = stack.pop()
                if not node.label or not node.word and not node.children:
                    raise wrong(number, column, "a node ends here without a label" if not node.label else f"the node `{node.label}` has neither a word nor children")
                at = tree.add(node.word or NONE, node.label, node.children)
                if stack:
                    stack[-1].children.append(at)
                else:
                    found.append(tree)
            elif not stack[-1].label:
                stack[-1].label = token
            elif stack[-1].word or stack[-1].children:
                other = f"the word `{stack[-1].word}`" if stack[-1].word else "children"
                raise wrong(number, column, f"`{token}` follows {other}: a node has one word, or children")
            else:
                stack[-1].word = token.lower() if lower else token
    if stack:
        raise wrong(stack[-1].line, stack[-1].column, "this bracket is never closed")
    return found
