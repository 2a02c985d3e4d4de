"""Statements that nothing wanted depends on disappear."""

from collections.abc import Callable
from dataclasses import replace

from netc.compiler.rewrites.remove_dead import remove_dead
from netc.compiler.statements.print import program
from netc.compiler.statements.program import Program

Make = Callable[..., Program]


def test_only_what_the_wanted_needs_is_left(normal_form: Make) -> None:
    both = normal_form("input x: real[3]\na = tanh(x)\nb = 2 * a\nc = exp(a)\ny = b + 1", "y", "c")
    assert program(both) == "a[r0] = tanh(x[r0])\nb[r0] = 2 * a[r0]\nc[r0] = exp(a[r0])\ny[r0] = b[r0] + 1"
    before = replace(both, values={"y": both.values["y"]})
    assert program(remove_dead(before)) == "a[r0] = tanh(x[r0])\nb[r0] = 2 * a[r0]\ny[r0] = b[r0] + 1"


def test_every_piece_of_a_live_variable_stays(normal_form: Make) -> None:
    both = normal_form("input x: real[3]\ny = [x; tanh(x)]\nz = x + 1", "y", "z")
    before = replace(both, values={"y": both.values["y"]})
    assert program(remove_dead(before)) == "\n".join(program(both).split("\n")[:-1])
