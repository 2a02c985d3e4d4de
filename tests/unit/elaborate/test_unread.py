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


NET = """layer Two(H)(x: real[X]) -> (y: real[H], z: real[H]):
    param W[H, X], V[H, X] init glorot
    y = W @ x
    z = V @ x

net N:
    input x: real[1..T, 3]
    input y: class(2)
    param U[2, 4], A[4, 4] init glorot
    side[0] = 0
    side[t in 1..T] = tanh(A @ side[t-1])
    two = Two(4)(x[T])
    bias = tanh(two -> Dense(2))
    y ~ softmax(U @ two)
"""


def told(text: str) -> list[tuple[int, str]]:
    return [(p.span.line, p.diagnose().message) for p in netc.parse(text).check().problems]


def test_a_way_that_ends_is_told_where_it_ends_with_all_that_lead_there() -> None:
    nowhere = "leads to no loss, metric or output"
    assert told(NET) == [
        (11, f"`side` {nowhere}: the parameter `A` is never trained"),
        (12, f"`two.z` {nowhere}: the parameter `V` is never trained"),
        (13, f"`bias` {nowhere}: the parameters `bias.Dense.W` and `bias.Dense.b` are never trained"),
    ]


@pytest.mark.parametrize("goal", ["output q", "metric m = sum(q)", "loss l = sum(q^2)", "state s[2] init 0\n    next s[i] = q[i]"])
def test_a_way_that_leads_to_a_goal_is_fine(goal: str) -> None:
    text = f"net N:\n    input x: real[3]\n    input y: class(2)\n    param V[2, 3], U[2, 3] init glorot\n    q = V @ x\n    {goal}\n    y ~ softmax(U @ x)\n"
    assert told(text) == []
    assert [line for line, _ in told(text.replace(f"    {goal}\n", ""))] == [5]


def test_in_a_net_without_a_loss_every_equation_is_a_result() -> None:
    assert told("net N:\n    input x: real[3]\n    param V[2, 3] init glorot\n    q = V @ x\n    output p = 2 * x\n") == []


def test_in_a_layer_that_no_net_applies_the_ways_lead_to_its_outputs() -> None:
    text = "layer L(H, gated=false)(x: real[X]) -> y: real[H]:\n    param W[H, X], V[H, X], U[H, H], G[H, X], Z[H] init glorot\n"
    text += "    a = tanh(V @ x)\n    b = U @ a\n    y = (G if gated else W) @ x\n"
    assert told(text) == [
        (2, "the parameter `Z` is never read"),
        (4, "`b` leads to no output of `L`: the parameters `V` and `U` are never trained"),
    ]
