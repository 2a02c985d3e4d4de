"""What is read comes first; otherwise the order in which statements were made stays."""

from collections.abc import Callable

import pytest
from netc.compiler.rewrites.order_statements import in_order
from netc.compiler.statements.domains import sized
from netc.compiler.statements.expressions import Index, Read, Variable, affine
from netc.compiler.statements.print import statement
from netc.compiler.statements.program import Program, Statement

Make = Callable[..., Program]


def test_readers_come_after_all_pieces(normal_form: Make) -> None:
    made = normal_form("input x: real[2]\ny = [x; tanh(x)]\nz = 2 * y\nw = x + 1", "z", "w").statements
    in_the_text = [statement(s) for s in made]
    assert [statement(s) for s in in_order(made)] == in_the_text
    backwards = [statement(s) for s in in_order(made[::-1])]
    assert sorted(backwards) == sorted(in_the_text)
    place = {text.split("[")[0]: k for k, text in enumerate(backwards)}
    assert place["y"] < place["z"]


def test_a_cycle_has_no_order() -> None:
    i = Index("i", sized(3))
    a, b = Variable("a", (sized(3),)), Variable("b", (sized(3),))
    here = (affine(i),)
    with pytest.raises(ValueError, match="no order for a, b"):
        in_order([Statement(a, here, (i,), Read(b, here)), Statement(b, here, (i,), Read(a, here))])
