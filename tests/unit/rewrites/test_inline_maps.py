"""A cheap pointwise value that is read once is computed where it is read."""

from collections.abc import Callable

from netc.compiler.rewrites.inline_maps import inline_maps
from netc.compiler.statements.print import program
from netc.compiler.statements.program import Program

Make = Callable[..., Program]


def test_a_chain_of_cheap_maps_becomes_one(normal_form: Make) -> None:
    before = normal_form("input x: real[3]\nparam b[3] init 0\na = x + b\ns = 2 * a\ny = tanh(s)", "y")
    assert program(before) == "a[r0] = x[r0] + b[r0]\ns[r0] = 2 * a[r0]\ny[r0] = tanh(s[r0])"
    assert program(inline_maps(before)) == "y[r0] = tanh(2 * (x[r0] + b[r0]))"


def test_indices_are_shifted_with_the_read(normal_form: Make) -> None:
    before = normal_form("input x: real[5]\na[i] = x[i] * i\ny[i in 0..2] = a[i + 2] + 1", "y")
    assert program(before) == "a[i] = x[i] * i\ny[i] = a[i+2] + 1"
    assert program(inline_maps(before)) == "y[i] = (x[i+2] * (i+2)) + 1"


def test_costly_and_shared_values_are_kept(normal_form: Make) -> None:
    body = "input x: real[3]\nt = tanh(x)\nu = x + 1\ny = t + 1\nz = u * u"
    before = normal_form(body, "y", "z")
    assert program(inline_maps(before)) == program(before)


def test_what_a_sum_reads_is_kept(normal_form: Make) -> None:
    """A product has operands in memory, so an operand is no formula."""
    before = normal_form("input x: real[3]\nparam w[3] init 1\nu = x + 1\ny = sum[i](w[i] * u[i])", "y")
    assert program(before) == "u[r0] = x[r0] + 1\ny' = sum[i] w[i] * u[i]\ny = y'"
    assert program(inline_maps(before)) == program(before)
