"""What does not depend on a recurrence leaves it."""

from collections.abc import Callable

import pytest
from netc.compiler.rewrites.hoist import hoist
from netc.compiler.rewrites.lower import ORDER
from netc.compiler.statements.print import program
from netc.compiler.statements.program import Program

Make = Callable[..., Program]
HEAD = "input x: real[1..T, 2]\nparam W[3, 2] init normal(0, 1)\nparam U[3, 3] init normal(0, 1)\nparam b[3] init 0\nh[0] = 0\n"


def simplified(found: Program) -> Program:
    for rewrite in ORDER:
        if rewrite is not hoist:
            found = rewrite(found)
    return found


def test_terms_that_need_no_earlier_point_are_gathered_before_the_loop(normal_form: Make) -> None:
    before = simplified(normal_form(HEAD + "h[t] = tanh(W @ x[t] + U @ h[t-1] + b)", "h"))
    assert program(before) == (
        "h'[t, r0] = sum[k] W[r0, k] * x[t, k]\n"
        "h'2[t, r0] = sum[k] U[r0, k] * h[t-1, k]\n"
        "h[t, r0] = tanh((h'[t, r0] + h'2[t, r0]) + b[r0])\n"
        "h[0, r0] = 0"
    )
    assert program(hoist(before)) == (
        "h.x[t, r0] = h'[t, r0] + b[r0]\n"
        "h'[t, r0] = sum[k] W[r0, k] * x[t, k]\n"
        "h'2[t, r0] = sum[k] U[r0, k] * h[t-1, k]\n"
        "h[t, r0] = tanh(h'2[t, r0] + h.x[t, r0])\n"
        "h[0, r0] = 0"
    )
    assert hoist(before).notes == {"terms that need no earlier point: all at once, before the loop": ("h",)}


@pytest.mark.parametrize("equation", ["h[t] = tanh(U @ h[t-1] + b) * x[t, 0]", "h[t] = tanh(x[t, 0] * (U @ h[t-1]) + (b + 1))"], ids=["a value that is there", "the same for all samples"])
def test_what_saves_nothing_stays(normal_form: Make, equation: str) -> None:
    before = simplified(normal_form(HEAD + equation, "h"))
    assert hoist(before) is before
