"""Formulas that overflow or cancel are replaced by equal ones that do not."""

import netc
import numpy as np
import pytest
from netc.compiler.rewrites.stabilise import stabilise
from netc.compiler.statements.print import expression

CASES = {  # as written, rewritten
    "log(sum[k](exp(z[k])))": "logsumexp[k](z[k])",
    "log(sum[k, k > 0](exp(z[k])))": "logsumexp[k, k > 0](z[k])",
    "log(1 + sum[k](exp(z[k])))": "logsumexp[k](z[k]) + softplus(0 - logsumexp[k](z[k]))",
    "log(exp(-x) + sum[k](exp(-z[k])))": "logsumexp[k](neg(z[k])) + softplus(neg(x) - logsumexp[k](neg(z[k])))",
    "log(exp(x) + exp(-x))": "neg(x) + softplus(x - neg(x))",
    "log(sigmoid(x))": "neg(softplus(neg(x)))",
    "log(1 - sigmoid(x))": "neg(softplus(x))",
    "log(1 + exp(x))": "softplus(x)",
    "log(exp(x) + 1)": "softplus(x)",
    "log(exp(x))": "x",
    "3 * log(sigmoid(2 * x))": "3 * neg(softplus(neg(2 * x)))",
    "log(x + 2)": "log(x + 2)",
    "log(0.5 * sum[k](exp(z[k])))": "log(0.5 * sum[k](exp(z[k])))",
}


def net(formula: str, left: str = "y") -> netc.Spec:
    return netc.parse(f"net N:\n    input z: real[4]\n    input x: real\n    {left} = {formula}\n")


@pytest.mark.parametrize("formula", CASES)
def test_formula(formula: str) -> None:
    elaborated = net(formula).session.elaborate("N")
    assert elaborated is not None
    assert expression(stabilise(elaborated.equations[-1].value)) == CASES[formula]


def test_the_logarithm_of_a_softmax() -> None:
    elaborated = net("log(softmax[k](z[k]))", "y[k]").session.elaborate("N")
    assert elaborated is not None
    assert expression(stabilise(elaborated.equations[-1].value)) == "log_softmax[k](z[k])"


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("log(sum[k](exp(z[k])))", 1000 + np.log(4)),
        ("log(1 + sum[k](exp(z[k])))", 1000 + np.log(4)),
        ("log(sigmoid(-x))", -1000),
        ("log(1 - sigmoid(x))", -1000),
        ("log(1 + exp(x))", 1000),
        ("log(exp(x) + exp(-x))", 1000),
    ],
)
def test_large_numbers_do_not_overflow(formula: str, expected: float) -> None:
    found = net(formula).build().evaluate({"z": np.full((1, 4), 1000.0), "x": [1000.0]}, "y")["y"]
    assert np.allclose(found, expected, rtol=1e-15, atol=0)


def test_likelihoods_of_large_scores_are_finite() -> None:
    """sigmoid and softmax likelihoods are computed from the scores."""
    spec = netc.parse(
        "net N:\n    input z: real[2]\n    input t: real[2]\n    input k: class(2)\n    t ~ sigmoid(z)\n    k ~ softmax(z)\n"
    )
    g = spec.build().gradient({"z": [[1000.0, -1000.0]], "t": [[0.0, 1.0]], "k": [1]})
    assert g.losses == {"t": 1000.0, "k": 2000.0}
    assert np.allclose(g.inputs["z"], [[0.5 + 1, -0.5 - 1]], rtol=0, atol=1e-15)
