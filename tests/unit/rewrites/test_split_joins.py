"""A product with a join is split where only a part of the join recurs."""

from collections.abc import Callable

import pytest
from netc.compiler.rewrites.hoist import hoist
from netc.compiler.rewrites.lower import ORDER
from netc.compiler.rewrites.split_joins import split_joins
from netc.compiler.statements.print import program
from netc.compiler.statements.program import Program

Make = Callable[..., Program]
CELL = "input x: real[1..T, 2]\nparam W[3, 5] init normal(0, 1)\nparam b[3] init 0\nh[0] = 0\n"


def simplify(found: Program) -> Program:
    for rewrite in ORDER:
        found = rewrite(found)
    return found


def test_the_part_that_does_not_recur_leaves_the_loop(normal_form: Make) -> None:
    before = simplify(normal_form(CELL + "h[t] = tanh(W @ [x[t]; h[t-1]] + b)", "h"))
    assert program(before) == (
        "h.join[t, r0] = x[t, r0]\n"
        "h.join[t, r0+2] = h[t-1, r0]\n"
        "h'[t, r0] = sum[k] W[r0, k] * h.join[t, k]\n"
        "h[t, r0] = tanh(h'[t, r0] + b[r0])\n"
        "h[0, r0] = 0"
    )
    assert program(hoist(simplify(split_joins(before)))) == (
        "h.x[t, r0] = h''[t, r0] + b[r0]\n"
        "h''[t, r0] = sum[k] W[r0, k] * x[t, k]\n"
        "h'''[t, r0] = sum[k] W[r0, k+2] * h[t-1, k]\n"
        "h[t, r0] = tanh(h'''[t, r0] + h.x[t, r0])\n"
        "h[0, r0] = 0"
    )


def test_neighbours_that_recur_stay_together(normal_form: Make) -> None:
    body = "input x: real[1..T, 2]\nparam W[3, 8] init normal(0, 1)\nh[0] = 0\ng[0] = 0\ng[t] = h[t-1] + g[t-1]\nh[t] = W @ [g[t-1]; h[t-1]; x[t]]"
    after = simplify(split_joins(simplify(normal_form(body, "h"))))
    products = [line for line in program(after).split("\n") if "sum" in line]
    assert products == [
        "h''[t, r0] = sum[k] W[r0, k] * h.join'[t, k]",
        "h'''[t, r0] = sum[k] W[r0, k+6] * x[t, k]",
    ]


@pytest.mark.parametrize(
    "equations",
    [
        "param V[3, 4] init 1\nh[t] = V @ [x[t]; x[t]]",
        "param V[3, 6] init 1\nh[t] = V @ [h[t-1]; 2 * h[t-1]] + b * x[t, 0]",
        "g[t] = W @ [x[t]; b]\nh[t] = h[t-1] + g[t]",
    ],
    ids=["nothing recurs", "everything recurs", "outside of the loop"],
)
def test_other_joins_stay(normal_form: Make, equations: str) -> None:
    before = simplify(normal_form(CELL + equations, "h"))
    assert split_joins(before) is before
