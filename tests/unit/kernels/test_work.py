"""As many threads as have something to do."""

from __future__ import annotations

import netc
from netc.compiler.kernels.work import LEAST, work, worth
from netc.compiler.plan import Sizes
from netc.compiler.statements.program import Program

TEXT = "net N:\n    input x: real[1..T, 100]\n    param W[50, 100] init 0\n    y[t] = W @ x[t]\n    loss l = sum[t](sum(y[t]))\n"


def program() -> Program:
    spec = netc.parse(TEXT)
    net = spec.build("numpy")
    return spec.session.compile(net.name, net.steps.request()).program


def table(batch: int, length: int) -> dict:
    return Sizes(batch, {"T": length}).table()


def test_work_is_that_of_the_products() -> None:
    small, large = (work(program(), table(3, length)) for length in (40, 400))
    assert 2 * 3 * 40 * 50 * 100 <= small <= 2.5 * 3 * 40 * 50 * 100  # the product, and its gradient
    assert 9 * small < large < 10.01 * small


def test_threads_are_worth_their_work() -> None:
    p = program()
    assert worth(p, table(1, 10), 8) == 1
    assert 2 <= worth(p, table(8, 40), 8) == work(p, table(8, 40)) // LEAST < 8
    assert worth(p, table(64, 400), 8) == 8
