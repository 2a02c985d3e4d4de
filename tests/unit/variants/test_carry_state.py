"""Chunks: what a recurrence starts from, and what it hands on."""

import netc
import pytest
from netc.compiler.diagnostics.model import Problem
from netc.compiler.source.text import Source, Span
from netc.compiler.statements.expressions import Kind
from netc.compiler.statements.print import expression
from netc.compiler.variants.carry_state import carry_state, overlap, refusals

HERE = Span(Source("settings", "bptt"), 0, 4)
LANGUAGE = """
net N:
    input x: class(4)[1..T]
    param W[4, 4] init glorot
    h[0] = 0.5
    h[t] = tanh(W @ x[t] + W @ h[t-1])
    x[t+1] ~ softmax(h[t])
"""
DECODER = """
net N:
    input y: class(4)[1..T]
    param W[4, 4], V[4, 4] init glorot
    y[0] = 3
    h[-1] = 0.25
    h[0] = 0.5
    h[t] = tanh(W @ y[t-1] + V @ h[t-1] + W @ h[t-2])
    y[t] ~ softmax(h[t])
"""
LAYERS = """
net N:
    dim L = 2
    input x: real[1..T, 3]
    param V[1..L, 3, 3] init glorot
    h[0, t] = x[t]
    h[l, 0] = 0
    h[l, t] = tanh(h[l-1, t] + V[l] @ h[l, t-1])
    x[t+1] ~ normal(h[L, t], 1)
"""


def carried(text: str) -> dict[str, str]:
    """Each equation that something arrives in or leaves by, as text."""
    elaborated = netc.parse(text).session.elaborate("N")
    assert elaborated is not None
    assert not refusals(elaborated, HERE)
    changed, found = carry_state(elaborated)
    arriving, leaving = {c.arrives for c in found}, {c.leaves for c in found}
    assert all(v.kind is Kind.INPUT and changed.variables[v.name] is v for v in arriving)
    texts = {}
    for e in changed.equations:
        value = expression(e.value)
        if "carried" in value or e.target in leaving:
            texts[f"{e.target}[{', '.join(map(repr, e.place))}]"] = value
    return texts


def test_a_chunk_of_a_language_model_begins_with_the_last_symbol_of_the_one_before() -> None:
    assert carried(LANGUAGE) == {
        "h[0, r0]": "where(begins here, 0.5, carried h[0][r0])",
        "next h[0][r0]": "h[T-1, r0]",
    }


def test_every_delay_is_carried_and_so_is_the_symbol_before() -> None:
    assert carried(DECODER) == {
        "y.border[0]": "where(begins here, 3, carried y[0])",
        "h[-1, r0]": "where(begins here, 0.25, carried h[-1][r0])",
        "h[0, r0]": "where(begins here, 0.5, carried h[0][r0])",
        "next y[0][]": "y.border[T]",
        "next h[-1][r0]": "h[T-1, r0]",
        "next h[0][r0]": "h[T, r0]",
    }


def test_a_boundary_along_another_axis_is_none_of_the_sequence() -> None:
    assert carried(LAYERS) == {
        "h[l, 0, r0]": "where(begins here, 0, carried h[l, 0][l, r0])",
        "next h[l, 0][l, r0]": "h[l, T-1, r0]",
    }


@pytest.mark.parametrize(("text", "points"), [(LANGUAGE, 1), (DECODER, 0), (LAYERS, 1)])
def test_chunks_share_what_cannot_be_predicted(text: str, points: int) -> None:
    elaborated = netc.parse(text).session.elaborate("N")
    assert elaborated is not None and overlap(elaborated) == points


REFUSED = {
    "no input has a length": "input x: real[3]\nloss l = sum(x)",
    "several lengths": "input x: real[1..T]\ninput y: real[1..S]\nloss l = sum(x) + sum(y)",
    "from the end of the sequence": "input x: real[1..T]\nb[T+1] = 0\nb[t] = 0.5 * b[t+1] + x[t]\nloss l = mean(b)",
    "observed once for a whole sequence": "input x: real[1..T]\ninput y: real\nh[0] = 0\nh[t] = 0.5 * h[t-1] + x[t]\ny ~ normal(h[T], 1)",
    "look ahead differently far": "input x: real[1..T]\ninput y: real[1..T]\nh[0] = 0\nh[t] = 0.5 * h[t-1] + x[t] + y[t]\ny[t] ~ normal(h[t], 1)\nx[t+1] ~ normal(h[t], 1)",
    "no recurrence carries anything": "input x: real[1..T]\nx[t+1] ~ normal(2 * x[t], 1)",
    "goes on beyond its ends": "input x: real[1..T]\nx[t <= 0] = 0\nh[0] = 0\nh[t] = 0.5 * h[t-1] + x[t-2]\nx[t+1] ~ normal(h[t], 1)",
    "the same for all samples": "input x: real[1..T]\nh[0] = 1\nh[t in 1..T] = 0.5 * h[t-1]\nx[t] ~ normal(h[t], 1)",
}  # fmt: skip


@pytest.mark.parametrize("reason", REFUSED)
def test_what_chunks_cannot_do_is_refused(reason: str) -> None:
    text = "net N:\n" + "".join(f"    {line}\n" for line in REFUSED[reason].split("\n"))
    spec = netc.parse(f"{text}train:\n    bptt = 5\n")
    problems: list[Problem] = [p for p in spec.check().problems if p.code != "W0301"]
    assert [p.code for p in problems] == ["E0520"]
    assert reason in problems[0].diagnose().message
    without = netc.parse(text)
    assert without.check().ok


ATTENDING = """
net N:
    input x: class(4)[1..T]
    param W[4, 4] init glorot
    h[0] = 0
    h[t] = tanh(W @ x[t] + W @ h[t-1])
    {}
    x[t+1] ~ softmax(c[t])
train:
    bptt = 5
"""


@pytest.mark.parametrize(
    ("equations", "named"),
    [
        ("a[t, s] = softmax[s <= t](h[t] @ h[s])\n    c[t] = sum[s](a[t, s] * h[s])", ["a"]),
        ("c[t] = sum[s](softmax[s <= t](h[t] @ h[s]) * h[s])", ["c"]),
        ("c[t] = h[t] + mean[s](h[s])", ["c"]),
        ("a[t, s] = softmax[s <= t](h[t] @ h[s])\n    c[t] = sum[s](a[t, s] * h[s]) + sum[s](h[s])", ["a", "c"]),
        ("a[k, t, s] = softmax[s <= t](k * h[t] @ h[s])\n    b[k in 1..2, t] = sum[s](a[k, t, s] * h[s])\n    c[t] = b[1, t] + b[2, t]".replace("a[k,", "a[k in 1..2,", 1), ["a"]),
        ("c[t] = 2 * h[t]", []),
    ],
    ids=["attention and its sum", "in one equation", "a mean", "a sum of its own", "heads", "none"],
)  # fmt: skip
def test_each_equation_that_sees_its_chunk_alone_is_named_once(equations: str, named: list[str]) -> None:
    problems = netc.parse(ATTENDING.format(equations)).check().problems
    assert [(p.code, p.name) for p in problems] == [("W0520", n) for n in named]
