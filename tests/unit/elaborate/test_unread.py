"""A parameter that no equation reads is told where it is declared; one that some mode or layer reads is not."""

import netc
import pytest

CELL = """layer Cell(H)(x: real[1..T, X]) -> h: real[1..T, H]:
    param W[H, X], V[H, X] init glorot
    h[0] = 0
    h[t] = tanh(W @ x[t]) + 0.5 * h[t-1]

net N:
    input x: real[1..T, 2]
    a = Cell(3)(x)
    b = Cell(3)(a)
    output b
"""


def test_a_parameter_of_a_layer_is_told_once() -> None:
    (problem,) = netc.parse(CELL).check().problems
    assert (problem.code, problem.span.text, problem.span.line) == ("W0222", "V[H, X]", 2)


@pytest.mark.parametrize(
    "equation",
    ["y = W[0] * x", "y = x * W[0] if training else x", "y = x\n    loss l = 0.01 * sum(W^2)", "state s init 0\n    next s = W[0]\n    y = s * x"],
)
def test_a_parameter_that_something_reads_is_fine(equation: str) -> None:
    text = f"net N:\n    input x: real\n    param W[1] init 1\n    {equation}\n    output y\n"
    assert [p.code for p in netc.parse(text).check().problems if p.code == "W0222"] == []


def test_where_there_are_mistakes_nothing_is_said_of_what_is_unread() -> None:
    text = "net N:\n    input x: real[2]\n    param W[2], V[2] init 1\n    y = W * x + Vv\n    output y\n"
    assert [p.code for p in netc.parse(text).check().problems] == ["E0201"]
