"""A value that is only copied into what is wanted is computed there."""

from collections.abc import Callable

from netc.compiler.rewrites.write_directly import write_directly
from netc.compiler.statements.print import program
from netc.compiler.statements.program import Program

Make = Callable[..., Program]


def test_a_product_is_written_where_it_is_wanted(normal_form: Make) -> None:
    before = normal_form("input x: real[3]\nparam W[2, 3] init 1\ny = W @ x", "y")
    assert program(before) == "y'[r0] = sum[k] W[r0, k] * x[k]\ny[r0] = y'[r0]"
    assert program(write_directly(before)) == "y[r0] = sum[k] W[r0, k] * x[k]"


def test_axes_are_written_in_the_order_wanted(normal_form: Make) -> None:
    before = normal_form("input x: real[3]\nparam W[2, 3] init 1\nq[i, j] = W[i, j] * x[j]\ny[j, i] = q[i, j]", "y")
    assert program(before) == "q[i, j] = W[i, j] * x[j]\ny[j, i] = q[i, j]"
    assert program(write_directly(before)) == "y[j, i] = W[i, j] * x[j]"


def test_other_readers_follow(normal_form: Make) -> None:
    before = normal_form("input x: real[3]\nq = tanh(x)\ny = q\nz = q + 1", "y", "z")
    assert program(write_directly(before)) == "y[r0] = tanh(x[r0])\nz[r0] = y[r0] + 1"


def test_a_part_is_still_copied(normal_form: Make) -> None:
    before = normal_form("input x: real[3]\nq = tanh(x)\ny[i in 0..1] = q[i]", "y")
    assert program(write_directly(before)) == program(before) == "q[r0] = tanh(x[r0])\ny[i] = q[i]"
