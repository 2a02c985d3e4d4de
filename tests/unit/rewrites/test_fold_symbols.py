"""What depends on a symbol alone is computed once for each symbol."""

from collections.abc import Callable

import pytest
from netc.compiler.rewrites.fold_symbols import fold_symbols
from netc.compiler.rewrites.lower import ORDER
from netc.compiler.statements.print import program
from netc.compiler.statements.program import Program

Make = Callable[..., Program]


def simplified(found: Program) -> Program:
    for rewrite in ORDER:
        if rewrite is not fold_symbols:
            found = rewrite(found)
    return found


def net(symbols: int, equation: str) -> str:
    return f"input w: class({symbols})[1..T]\ninput x: real[1..T, 4]\nparam E[{symbols}, 4] init normal(0, 1)\nparam W[3, 4] init normal(0, 1)\ne[t] = E[w[t]]\n{equation}"


def test_a_product_with_what_is_looked_up_is_looked_up_itself(normal_form: Make) -> None:
    before = simplified(normal_form(net(7, "q[t] = W @ e[t]\nz[t] = tanh(q[t]) * x[t, 0]"), "z"))
    assert program(before) == (
        "e'[t, r0] = gather E[w[t], r0]\n"
        "q'[t, r0] = sum[k] W[r0, k] * e'[t, k]\n"
        "z'[t, r0] = tanh(q'[t, r0])\n"
        "z[t, r0] = z'[t, r0] * x[t, 0]"
    )
    assert program(fold_symbols(before)) == (
        "e' by symbol[v, r0] = E[v, r0]\n"
        "q' by symbol[v, r0] = sum[k] W[r0, k] * e' by symbol[v, k]\n"
        "z' by symbol[v, r0] = tanh(q' by symbol[v, r0])\n"
        "e'[t, r0] = gather E[w[t], r0]\n"
        "q'[t, r0] = gather q' by symbol[w[t], r0]\n"
        "z'[t, r0] = gather z' by symbol[w[t], r0]\n"
        "z[t, r0] = z'[t, r0] * x[t, 0]"
    )


@pytest.mark.parametrize(
    ("symbols", "equation"), [(7, "z[t] = W @ (e[t] * x[t])"), (2000, "q[t] = W @ e[t]\nz[t] = tanh(q[t])")], ids=["other data", "many symbols"]
)
def test_what_saves_nothing_stays(normal_form: Make, symbols: int, equation: str) -> None:
    before = simplified(normal_form(net(symbols, equation), "z"))
    assert fold_symbols(before) is before
