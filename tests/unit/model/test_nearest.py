"""Neighbours of words: by the cosine of their rows, found where the net reads them."""

from collections.abc import Callable

import netc
import numpy as np
import pytest
from netc.compiler.diagnostics.error import NetcError
from netc.runtime.model.nearest import nearest, tables
from netc.runtime.model.net import Net

WORDS = ("<unk>", "king", "queen", "man", "woman", "tree")
CBOW = """net N:
    input around: class(6)[2]
    input word: class(6)
    param In[6, 3], Out[6, 3] init 0
    word ~ softmax(Out @ sum[j](In[around[j]]))
"""


@pytest.fixture
def net() -> Net:
    """King and queen, man and woman differ by the same; `<unk>` lies where the king does."""
    made = netc.parse(CBOW).build()
    made.labels = {"around": WORDS, "word": WORDS}
    made.params["In"] = np.array([[1, 1, 0], [1, 1, 0], [1, -1, 0], [0, 1, 0.5], [0, -1, 0.5], [0.7, 0, 7]], np.float32)
    return made


def test_a_table_is_what_is_read_by_symbol(net: Net) -> None:
    assert tables(net) == {"In": "around"}
    layered = netc.parse(
        "net N:\n    input w: class(6)[1..T]\n    e[t] = w[t] -> Embedding(4)\n    w[t+1] ~ softmax(Dense(6)(e[t]))\n"
    ).build()
    layered.labels = {"w": WORDS}
    assert list(tables(layered).values()) == ["w"] and set(tables(layered)) <= set(layered.params)


def test_neighbours_come_by_their_cosine_without_the_word_itself(net: Net) -> None:
    found = nearest(net, "king", 2)
    assert [w for w, _ in found] == ["man", "tree"]
    assert found[0][1] == pytest.approx(1 / np.sqrt(2 * 1.25)) and found[1][1] == pytest.approx(0.1 / np.sqrt(2 * 1.01))


def test_an_analogy_adds_and_takes_away(net: Net) -> None:
    assert nearest(net, "king - man + woman", 1)[0][0] == "queen"
    assert nearest(net, "King - Man + Woman") == nearest(net, "king - man + woman")


@pytest.mark.parametrize(
    ("ask", "code", "message"),
    [
        (
            lambda net: nearest(net, "quen"),
            "R111",
            "'quen' of the question is not among the 6 symbols of the vocabulary",
        ),
        (lambda net: nearest(net, "king", table="Out"), "R506", "`Out` of `N` holds no vectors of words"),
        (
            lambda net: nearest(netc.parse("net M:\n    input x: real\n    output y = x\n").build(), "king"),
            "R506",
            "`M` has no vectors of words",
        ),
    ],
)
def test_what_cannot_be_answered_is_said(net: Net, ask: Callable[[Net], object], code: str, message: str) -> None:
    with pytest.raises(NetcError) as caught:
        ask(net)
    (problem,) = caught.value.problems
    assert (problem.code, problem.diagnose().message) == (code, message)
