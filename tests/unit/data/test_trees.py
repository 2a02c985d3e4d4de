"""Bracketed trees: children before parents, and what is said of brackets that do not match."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from netc.compiler.diagnostics.error import NetcError
from netc.runtime.data.fields.model import Splits
from netc.runtime.data.fields.ragged import Ragged

Read = Callable[..., Splits]
FILM = "(3 (2 A) (3 (3 good) (2 film)))\n"


def sample(splits: Splits, field: int, k: int = 0) -> list[object]:
    values = splits.train.fields[field].values
    assert isinstance(values, Ragged)
    return list(values.sample(k).tolist())


def test_a_tree_is_its_nodes_from_the_leaves_to_the_root(read: Read) -> None:
    splits = read('trees("a.txt", lower=true, valid=0, test=0)', **{"a.txt": FILM + "(4 great)"})
    word, label, nodes = splits.train.fields
    assert word.labels == ("<none>", "<unk>", "a", "film", "good", "great") and label.labels == ("2", "3", "4")
    assert (word.sort, label.sort, nodes.sort) == ("class(6)[N]", "class(3)[N]", "tree(2)")
    assert sample(splits, 0) == [2, 4, 3, 0, 0] and sample(splits, 1) == [0, 1, 0, 1, 1]
    assert sample(splits, 2) == [[-1, -1], [-1, -1], [-1, -1], [1, 2], [0, 3]]
    assert sample(splits, 2, 1) == [[-1, -1]]
    assert splits.statement == "a 2 trees · 6 words, 3 labels"


def test_trees_of_any_width_and_over_several_lines(read: Read) -> None:
    splits = read('trees("a.txt", valid=0, test=0)', **{"a.txt": "(S (NP I)\n   (V saw)\n   (NP it))\n\n(S go)"})
    assert splits.train.fields[2].sort == "tree(3)"
    assert sample(splits, 2) == [[-1, -1, -1]] * 3 + [[0, 1, 2]]
    assert sample(splits, 2, 1) == [[-1, -1, -1]]


def test_words_of_another_file_are_unknown(read: Read) -> None:
    splits = read('trees("a.txt", valid=0, test="t.txt")', **{"a.txt": FILM, "t.txt": "(3 bad)"})
    assert splits.test is not None and splits.test.fields[0].values[[0]].flat[0] == 1


@pytest.mark.parametrize(
    ("content", "place", "reason"),
    [
        ("(3 (2 a) (3 b)", "line 1, column 1", "this bracket is never closed"),
        (FILM + "(3 a))", "line 2, column 6", "`)` stands outside of any tree"),
        (FILM + "good", "line 2, column 1", "`good` stands outside of any tree"),
        ("((2 a) (2 b))", "line 1, column 2", "a label is missing before this bracket"),
        ("(3 a b)", "line 1, column 6", "`b` follows the word `a`: a node has one word, or children"),
        ("(3 (2 a) b)", "line 1, column 10", "`b` follows children: a node has one word, or children"),
        ("(3 a (2 b))", "line 1, column 6", "a node has the word `a` and this child: it has one or the other"),
        ("(3 (2) (2 b))", "line 1, column 6", "the node `2` has neither a word nor children"),
        ("(3 () (2 b))", "line 1, column 5", "a node ends here without a label"),
    ],
)
def test_brackets_that_do_not_match_are_shown(read: Read, content: str, place: str, reason: str) -> None:
    with pytest.raises(NetcError) as caught:
        read('trees("a.txt", valid=0, test=0)', **{"a.txt": content})
    assert str(caught.value).endswith(f"error[R104]: `a.txt` cannot be used: {place}: {reason}")


def test_a_label_that_nothing_was_trained_on(read: Read) -> None:
    with pytest.raises(NetcError, match="the label `4` of the tree at line 2 stands nowhere in the training part"):
        read('trees("a.txt", valid=0, test="t.txt")', **{"a.txt": FILM, "t.txt": "(3 bad)\n(4 best)"})


def test_a_deep_tree_is_no_trouble(read: Read) -> None:
    deep = "(1 (0 x) " * 5000 + "(0 x)" + ")" * 5000
    assert len(sample(read('trees("a.txt", valid=0, test=0)', **{"a.txt": deep}), 0)) == 10001
