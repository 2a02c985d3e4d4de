"""Sums over weights that a table of connections leaves out: not done, and right."""

from __future__ import annotations

import netc
import numpy as np
import pytest
from netc.compiler.kernels.sharing.tables import find_connected
from netc.compiler.pipeline import Request
from netc.compiler.rewrites import Wanted
from netc.compiler.statements.print import expression, statement

SPEC = """
table C:
    X X .
    . X X

net N:
    input image: real[1, 8, 8]
    input digit: class(3)
    c1 = image -> Conv(2, 3) -> tanh
    c2 = c1 -> Conv(3, 3, links=C) -> tanh
    z = c2 -> flatten -> Dense(3)
    digit ~ softmax(z)
"""


@pytest.fixture
def spec() -> netc.Spec:
    return netc.parse(SPEC)


def test_what_the_table_says_of_each_sum(spec: netc.Spec) -> None:
    net = spec.build()
    program = spec.session.compile("N", Request(True, Wanted(True, False), tuple(net.params))).program
    said = {statement(s).split(" = ")[0]: c for s, c in find_connected(program.statements, program, {}).items()}
    weights = {name: expression(c.weights) for name, c in said.items() if c.weights is not None}
    results = {name: expression(c.result) for name, c in said.items() if c.result is not None}
    assert weights == {"c2.Conv.y'[o, i, j]": "table C[c, o]", "dc1'[i, j, c, u, v]": "table C[c, o]"}
    assert results == {"dc2.Conv.K'[o, c, u, v]": "table C[c, o]"}


def test_the_gradient_is_what_numpy_makes_of_it(spec: netc.Spec) -> None:
    rng = np.random.default_rng(1)
    data = {"image": rng.normal(size=(40, 1, 8, 8)), "digit": rng.integers(0, 3, 40)}
    here, there = (spec.build(backend, seed=1).gradient(data).params for backend in ("native", "numpy"))
    for name in there:
        assert np.allclose(here[name], there[name], rtol=1e-12, atol=1e-14), name
    assert not here["c2.Conv.K"][2, 0].any()
