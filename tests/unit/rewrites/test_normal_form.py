"""Expressions become statements with one operation each; the order and names are part of the claim."""

from collections.abc import Callable

import pytest
from netc.compiler.statements.print import program
from netc.compiler.statements.program import Program

Make = Callable[..., Program]

# body, what becomes of `y`
CASES = {
    "a sum gets a statement of its own": (
        "input x: real[4]\nparam W[3, 4], b[3] init 1\ny[i] = tanh(b[i] + sum[k](W[i, k] * x[k]))",
        "y'[i] = sum[k] W[i, k] * x[k]\ny[i] = tanh(b[i] + y'[i])",
    ),
    "factors that do not move are pulled out": (
        "input x: real[4]\nparam a[3] init 1\ny[i] = sum[k](a[i] * x[k] / 3)",
        "y' = sum[k] x[k]\ny[i] = (y' * 0.333333) * a[i]",
    ),
    "three factors are contracted pairwise, cheapest first": (
        "input x: real[4]\nparam A[4, 5], B[5, 6], C[6, 2] init 1\ny[i, m] = sum[k, l](A[i, k] * B[k, l] * C[l, m])",
        "y'[m, k] = sum[l] B[k, l] * C[l, m]\ny'2[i, m] = sum[k] A[i, k] * y'[m, k]\ny[i, m] = y'2[i, m]",
    ),
    "a factor that is no read is named": (
        "input x: real[4]\nparam w[4] init 1\ny = sum[k](w[k] * (x[k] + 1))",
        "y'[k] = x[k] + 1\ny'2 = sum[k] w[k] * y'[k]\ny = y'2",
    ),
    "nested sums merge": (
        "input x: real[4]\nparam W[3, 4] init 1\ny = sum[i](sum[k](W[i, k] * x[k]))",
        "y' = sum[i, k] W[i, k] * x[k]\ny = y'",
    ),
    "equal values are computed once": (
        "input x: real[4]\ny = sum[k](x[k]^2) / (1 + sum[j](x[j]^2))",
        "y' = sum[k] x[k] * x[k]\ny = y' / (1 + y')",
    ),
    "costly functions inside are kept": (
        "input x: real[4]\ny = 2 * tanh(x) + 1",
        "y'[r0] = tanh(x[r0])\ny[r0] = (2 * y'[r0]) + 1",
    ),
    "a mean is a sum and a number": (
        "input x: real[4]\ny = mean(x)",
        "y' = sum[i0] x[i0]\ny = y' * 0.25",
    ),
    "a mean over the batch knows its size when the plan is made": (
        "input x: real[4]\ny[i] = mean[batch](x[i])",
        "y'[i] = sum[B] x[i]\ny[i] = y'[i] * 1/(batch)",
    ),
    "a sum over what does not move is a number": (
        "input x: real[4]\ny[i] = sum[k in 0..6](x[i])",
        "y[i] = x[i] * 7",
    ),
    "log-sum-exp takes the maximum out": (
        "input x: real[4]\ny = logsumexp(x)",
        "y' = max[i0] x[i0]\ny'2[i0] = exp(x[i0] - stop(y'))\ny'3 = sum[i0] y'2[i0]\ny'4 = log(y'3)\ny = stop(y') + y'4",
    ),
    "a softmax keeps its index and its condition": (
        "input x: real[4]\ny[i] = softmax[i, i > 0](2 * x[i])",
        "y'[i] = 2 * x[i]\ny'2[i] = softmax[i] y'[i] where i > 0\ny[i] = y'2[i]",
    ),
    "a running sum is a product with a triangle": (
        "input x: real[4]\ny[i] = cumsum[i](x[i])",
        "y'[i, i_2] = i_2 <= i\ny'2[i] = sum[i_2] x[i_2] * y'[i, i_2]\ny[i] = y'2[i]",
    ),
    "a product is written out": (
        "input x: real[3]\ny = prod(x)",
        "y = (x[0] * x[1]) * x[2]",
    ),
    "a symbol gathers": (
        "input w: class(9)\nparam E[9, 4] init 1\ny[d] = E[w, d]",
        "y'[d] = gather E[w, d]\ny[d] = y'[d]",
    ),
    "numbers are computed at once": (
        "input x: real[3]\ny = x * (2 + 3) / 2^2 * 1",
        "y[r0] = (x[r0] * 5) / 4",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_normal_form(name: str, normal_form: Make) -> None:
    body, expected = CASES[name]
    assert program(normal_form(body, "y")) == expected
