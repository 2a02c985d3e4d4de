"""Products of several weights with the same recurrent value are one product."""

from collections.abc import Callable

import netc
import pytest
from netc.compiler.pipeline import Request
from netc.compiler.plan import Sizes
from netc.compiler.rewrites import Wanted
from netc.compiler.rewrites.lower import ORDER
from netc.compiler.rewrites.stack_products import stack_products
from netc.compiler.schedule.describe import listing
from netc.compiler.statements.print import program
from netc.compiler.statements.program import Program
from netc.runtime.backends.native import NativeBackend
from netc.runtime.backends.numpy import NumpyBackend

Make = Callable[..., Program]
CELL = "input x: real[1..T, 3]\nparam U[3, 3], V[3, 3] init normal(0, 1)\nh[0] = 0\n"


def simplify(found: Program) -> Program:
    for rewrite in ORDER:
        found = rewrite(found)
    return found


def test_weights_lie_side_by_side_and_results_are_views(normal_form: Make) -> None:
    before = simplify(normal_form(CELL + "h[t] = tanh(U @ h[t-1] + x[t]) * sigmoid(V @ h[t-1])", "h"))
    assert program(before) == (
        "h'[t, r0] = sum[k] U[r0, k] * h[t-1, k]\n"
        "h'2[t, r0] = tanh(h'[t, r0] + x[t, r0])\n"
        "h'3[t, r0] = sum[k] V[r0, k] * h[t-1, k]\n"
        "h'4[t, r0] = sigmoid(h'3[t, r0])\n"
        "h[t, r0] = h'2[t, r0] * h'4[t, r0]\n"
        "h[0, r0] = 0"
    )
    assert program(stack_products(before)) == (
        "h'' weights[k, r0] = U[r0, k]\n"
        "h'' weights[k, r0+3] = V[r0, k]\n"
        "h''[t, r0] = sum[k] h'' weights[k, r0] * h[t-1, k]\n"
        "h'2[t, r0] = tanh(h''[t, r0] + x[t, r0])\n"
        "h'4[t, r0] = sigmoid(h''[t, r0+3])\n"
        "h[t, r0] = h'2[t, r0] * h'4[t, r0]\n"
        "h[0, r0] = 0"
    )


def test_the_gradient_has_one_product_in_the_loop_and_one_behind_it() -> None:
    text = "net N:\n    input x: real[1..T, 4]\n    param U[4, 4], V[4, 4], W[4, 4] init normal(0, 1)\n    h[0] = 0\n"
    text += "    h[t] = tanh(U @ h[t-1] + x[t]) * sigmoid(V @ h[t-1]) + tanh(W @ h[t-1])\n    u[t in 1..T] = h[t]\n    loss l = sum(u^2)\n"
    session = netc.parse(text).session
    request = Request(True, Wanted(), ("U", "V", "W"))
    inside, behind = [], []
    for batch in (2, 1):
        lines = listing(session.compile("N", request.at(Sizes(batch, {"T": 50}))).schedule).split("\n")
        inside.append(sum("sum[" in line and line.startswith(" ") for line in lines))
        behind.append(sum(" = sum[t, B]" in line and " h[t-1" in line for line in lines))
    assert inside == [6, 2]
    assert behind == [3, 1]


@pytest.mark.parametrize(
    "equation",
    [
        "h[t] = tanh(U @ h[t-1] + x[t])",
        "h[t] = tanh(U @ h[t-1] + V @ x[t])",
        "h[-1] = 0\nh[t] = tanh(U @ h[t-1] + V @ h[t-2] + x[t])",
        "h[t] = tanh(U @ h[t-1] + V @ (x[t] * h[t-1]) + x[t])",
        "s[t] = softmax(V @ h[t-1])\nh[t] = tanh(U @ s[t] + x[t])",
    ],
    ids=["one product", "one of them outside", "other points", "other values", "one after the other"],
)
def test_other_products_stay_apart(normal_form: Make, equation: str) -> None:
    before = simplify(normal_form(CELL + equation, "h"))
    assert stack_products(before) is before


def test_a_short_loop_is_not_worth_the_copy(normal_form: Make) -> None:
    body = "input x: real[3]\nparam U[3, 3], V[3, 3] init normal(0, 1)\nh[0] = x\nh[t in 1..{n}] = tanh(U @ h[t-1]) + V @ h[t-1]\ny = h[{n}]"
    short, long = (simplify(normal_form(body.format(n=n), "y")) for n in (7, 8))
    assert stack_products(short) is short
    assert stack_products(long) is not long


@pytest.mark.parametrize(("size", "weights", "stacked"), [(64, 2, True), (110, 2, True), (112, 2, False), (128, 4, True), (135, 4, True), (136, 4, False)])
def test_large_products_stay_apart(normal_form: Make, size: int, weights: int, stacked: bool) -> None:
    """A saved call is worth some 24,000 numbers of the weights."""
    names = "UVWZ"[:weights]
    total = " + ".join(f"tanh({n} @ h[t-1])" for n in names)
    params = ", ".join(f"{n}[{size}, {size}]" for n in names)
    before = simplify(normal_form(f"input x: real[1..T, {size}]\nparam {params} init normal(0, 1)\nh[0] = 0\nh[t] = x[t] + {total}", "h"))
    assert (stack_products(before) is not before) is stacked


def test_compiled_steps_have_no_calls_to_save() -> None:
    assert not Request().at(Sizes(1, {"T": 50}), called=False).stacked
    assert (NumpyBackend.called, NativeBackend.called) == (True, False)


@pytest.mark.parametrize(("batch", "lengths", "stacked"), [(1, {"T": 8}, True), (2, {"T": 8}, False), (1, {"T": 7}, False), (1, {}, True)])
def test_products_are_stacked_for_a_single_sample(batch: int, lengths: dict[str, int], stacked: bool) -> None:
    assert Request().at(Sizes(batch, lengths)).stacked is stacked
