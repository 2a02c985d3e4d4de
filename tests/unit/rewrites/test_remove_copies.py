"""Copies disappear, and reads follow them to the original."""

from collections.abc import Callable

from netc.compiler.rewrites.remove_copies import remove_copies
from netc.compiler.statements.print import program
from netc.compiler.statements.program import Program

Make = Callable[..., Program]


def test_a_transposed_copy_is_read_through(normal_form: Make) -> None:
    before = normal_form("""
        input x: real[4, 3]
        param w[4] init 1
        p[i, j] = x[j, i]
        y[i] = sum[j](p[i, j] * w[j])""", "y")  # fmt: skip
    assert program(before) == "p[i, j] = x[j, i]\ny'[i] = sum[j] p[i, j] * w[j]\ny[i] = y'[i]"
    assert program(remove_copies(before)) == "y'[i] = sum[j] x[j, i] * w[j]\ny[i] = y'[i]"


def test_shifts_and_strides_compose(normal_form: Make) -> None:
    before = normal_form("""
        input x: real[9]
        p[i] = x[2*i + 1]
        q[i in 0..2] = p[i + 1]
        y[i in 0..2] = q[i] + x[i]""", "y")  # fmt: skip
    assert program(before) == "p[i] = x[2*i+1]\nq[i] = p[i+1]\ny[i] = q[i] + x[i]"
    assert program(remove_copies(before)) == "y[i] = x[2*i+3] + x[i]"


def test_a_data_index_goes_through_a_copy(normal_form: Make) -> None:
    before = normal_form("""
        input w: class(4)
        param E[3, 4] init 1
        T[v, d] = E[d, v]
        y[d] = T[w, d]""", "y")  # fmt: skip
    assert program(before) == "T[v, d] = E[d, v]\ny'[d] = gather T[w, d]\ny[d] = y'[d]"
    assert program(remove_copies(before)) == "y'[d] = gather E[d, w]\ny[d] = y'[d]"


def test_a_copy_along_a_new_axis_stays_for_a_sum_over_it(normal_form: Make) -> None:
    """The sum counts its five points."""
    before = normal_form("""
        input x: real[3]
        k[i, j in 0..4] = x[i]
        y = sum[i, j](k[i, j])
        z[j] = k[0, j]""", "y", "z")  # fmt: skip
    assert program(remove_copies(before)) == "y' = sum[i, j] k[i, j]\ny = y'\nz[j] = x[0]\nk[i, j] = x[i]"


def test_a_copy_that_stays_follows_its_own_reads(normal_form: Make) -> None:
    before = normal_form("input x: real[3]\np = x\nk[i, j in 0..4] = p[i]\ny = sum[i, j](k[i, j])", "y")
    assert program(before) == "p[r0] = x[r0]\nk[i, j] = p[i]\ny' = sum[i, j] k[i, j]\ny = y'"
    assert program(remove_copies(before)) == "y' = sum[i, j] k[i, j]\ny = y'\nk[i, j] = x[i]"


def test_what_is_wanted_stays(normal_form: Make) -> None:
    before = normal_form("input x: real[3]\np = x\ny = 2 * p", "p", "y")
    assert program(remove_copies(before)) == "p[r0] = x[r0]\ny[r0] = 2 * x[r0]"
