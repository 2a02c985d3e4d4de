"""Mistakes in recurrences, domains and indices: each is one problem, and what its help says mends it when it is copied."""

import pytest
from netc.compiler.checking import check_text
from netc.compiler.diagnostics.model import Problem, Severity

SEQUENCE = "net N:\n    input x: real[1..T, 3]\n    param U[3, 3] init glorot\n    param b[3] init 0\n"
VECTOR = "net N:\n    input x: real[28]\n    param W[10, 30], c[30] init glorot\n"

# the mistake, its code, the way out as the help has it, and the text with that way out
WAYS: tuple[tuple[str, str, str, str], ...] = (
    (SEQUENCE + "    h[t] = tanh(x[t] + U @ h[t-1])\n", "E0313", "`h[0] = 0`", "    h[0] = 0\n    h[t] = tanh(x[t] + U @ h[t-1])\n"),
    (SEQUENCE + "    h[t] = x[t] + h[t-1] - h[t-2]\n", "E0313", "`h[0] = 0` and `h[-1] = 0`", "    h[0] = 0\n    h[-1] = 0\n    h[t] = x[t] + h[t-1] - h[t-2]\n"),
    (SEQUENCE + "    h[t] = x[t] + h[t+1]\n", "E0313", "`h[T+1] = 0`", "    h[T+1] = 0\n    h[t] = x[t] + h[t+1]\n"),
    (SEQUENCE + "    h[T+1] = 0\n    h[t] = x[t] + h[t-1]\n", "E0313", "`h[0] = 0` for `h[T+1] = ...`", "    h[0] = 0\n    h[t] = x[t] + h[t-1]\n"),
    (SEQUENCE + "    h[1] = 0\n    h[t] = x[t] + h[t-1]\n", "E0313", "`h[t in 2..T]: real[1..T, 3] = ...`", "    h[1] = 0\n    h[t in 2..T]: real[1..T, 3] = x[t] + h[t-1]\n"),
    (SEQUENCE + "    h[0] = 0\n    h[t+1] = h[t-1] + x[t]\n", "E0313", "`h[1] = 0`", "    h[0] = 0\n    h[1] = 0\n    h[t+1] = h[t-1] + x[t]\n"),
    (SEQUENCE + "    h[0] = 0\n    h[t, i] = h[t, i-1] + x[t, i]\n", "E0313", "`h[t-1, i]`", "    h[0] = 0\n    h[t, i] = h[t-1, i] + x[t, i]\n"),
    (SEQUENCE + "    d[t] = x[t+1] - x[t]\n", "E0313", "`[t in 1..T-1]`", "    d[t in 1..T-1] = x[t+1] - x[t]\n"),
    (SEQUENCE + "    d[t] = x[t] - x[t-1]\n", "E0313", "`x[t < 1] = 0`", "    x[t < 1] = 0\n    d[t] = x[t] - x[t-1]\n"),
    (SEQUENCE + "    h[0] = 0\n    h[t] = h[t-1] + x[t-1]\n", "E0313", "`x[t < 1] = 0`", "    x[t < 1] = 0\n    h[0] = 0\n    h[t] = h[t-1] + x[t-1]\n"),
    (SEQUENCE + "    output y = x[0]\n", "E0313", "`x[1]`", "    output y = x[1]\n"),
    (SEQUENCE + "    output y = x[T+1]\n", "E0313", "`x[T]`", "    output y = x[T]\n"),
    (SEQUENCE + "    h[t] = tanh(U @ h[t] + x[t] + b)\n", "E0502", "`h[t-1]` for `h[t]`, with `h[0] = 0`", "    h[0] = 0\n    h[t] = tanh(U @ h[t-1] + x[t] + b)\n"),
    (SEQUENCE + "    h[0] = 0\n    h[t] = tanh(U @ h[t] + x[t])\n", "E0502", "`h[t-1]` for `h[t]`", "    h[0] = 0\n    h[t] = tanh(U @ h[t-1] + x[t])\n"),
    (SEQUENCE + "    g[t] = U @ h[t] + x[t]\n    h[t] = tanh(g[t])\n", "E0502", "`h[t-1]` for `h[t]`, with `h[0] = 0`", "    g[t] = U @ h[t-1] + x[t]\n    h[0] = 0\n    h[t] = tanh(g[t])\n"),
    (
        SEQUENCE + "    h[0] = 0\n    h[t] = x[t] + h[t-1] + h[t+1]\n", "E0503", "`h[t] = past[t] + future[t]`",
        "    past[0] = 0\n    past[t] = x[t] + past[t-1]\n    future[T+1] = 0\n    future[t] = x[t] + future[t+1]\n    h[t] = past[t] + future[t]\n",
    ),
    (SEQUENCE + "    h[0] = 0\n    h[t] = tanh(U @ h[t-1] + b)\n", "E0318", "`h[t in 1..T] = ...`", "    h[0] = 0\n    h[t in 1..T] = tanh(U @ h[t-1] + b)\n"),
    (SEQUENCE + "    h[T+1] = 0\n    h[t] = 0.9 * h[t+1]\n", "E0318", "`h[t in 1..T] = ...`", "    h[T+1] = 0\n    h[t in 1..T] = 0.9 * h[t+1]\n"),
    (SEQUENCE + "    y[t] = U @ x\n", "E0312", "write `x[t]`", "    y[t] = U @ x[t]\n"),
    (SEQUENCE + "    h[0] = 0\n    h[t] = h[t-1] + x[s]\n", "E0201", "`x[t]`", "    h[0] = 0\n    h[t] = h[t-1] + x[t]\n"),
    (SEQUENCE + "    h[0] = 0\n    h[t] = h[s-1] + x[t]\n", "E0201", "`h[t-1]`", "    h[0] = 0\n    h[t] = h[t-1] + x[t]\n"),
    (SEQUENCE + "    h[0] = 0\n    h[0] = 1\n    h[t] = h[t-1] + x[t]\n", "E0319", "remove one of them", "    h[0] = 1\n    h[t] = h[t-1] + x[t]\n"),
    (SEQUENCE + "    h[t <= 0] = 0\n    h[0] = 1\n    h[t] = h[t-1] + x[t]\n", "E0319", "remove one of them", "    h[0] = 1\n    h[t] = h[t-1] + x[t]\n"),
    (SEQUENCE + "    h[0] = 0\n    h[1] = x[1]\n    h[t] = h[t-1] + x[t]\n", "E0319", "remove one of them", "    h[0] = 0\n    h[t] = h[t-1] + x[t]\n"),
    (SEQUENCE + "    h[t < 2] = 0\n    h[t] = h[t-1] + x[t]\n", "E0317", "`t < 1`", "    h[t < 1] = 0\n    h[t] = h[t-1] + x[t]\n"),
    (SEQUENCE + "    h[t] = 0\n    h[t] = h[t-1] + x[t]\n", "E0202", "`h[0] = ...`", "    h[0] = 0\n    h[t] = h[t-1] + x[t]\n"),
    (SEQUENCE + "    output y = x[-1]\n", "E0313", "the last is `x[T]`", "    output y = x[T]\n"),
    (SEQUENCE + "    output y = x[-2]\n", "E0313", "write `x[T-1]`", "    output y = x[T-1]\n"),
    (SEQUENCE + "    h[0] = 0\n    h[t] = h[t-1] + x[t]\n    y = U @ h[-1]\n", "E0313", "the last is `h[T]`", "    h[0] = 0\n    h[t] = h[t-1] + x[t]\n    y = U @ h[T]\n"),
    (SEQUENCE + "    y = U @ x[t]\n", "E0201", "the last is `x[T]`", "    y = U @ x[T]\n"),
    (SEQUENCE + "    y = U @ x[t]\n", "E0201", "on the left side `y[t] = ...`", "    y[t] = U @ x[t]\n"),
    (SEQUENCE + "    input w: class[3][1..T]\n    y[t] = U[w[t]]\n", "E0209", "`class(3)[1..T]`", "    input w: class(3)[1..T]\n    y[t] = U[w[t]]\n"),
    (SEQUENCE + "    input w: class[3]\n    y = U[w]\n", "E0209", "`class(3)`", "    input w: class(3)\n    y = U[w]\n"),
    (SEQUENCE + "    input s: real[3][1..S]\n    y = s[S]\n", "E0209", "`real[1..S, 3]`", "    input s: real[1..S, 3]\n    y = s[S]\n"),
    (SEQUENCE + "    input s: real[S, 3]\n    y = s[S]\n", "E0201", "`real[1..S, 3]`", "    input s: real[1..S, 3]\n    y = s[S]\n"),
    (SEQUENCE + "    input s: real[S, 3]\n    y = s[2]\n", "E0201", "`dim S = 10`", "    dim S = 10\n    input s: real[S, 3]\n    y = s[2]\n"),
    (SEQUENCE + "    input w: class(3)[1..T]\n    y[t] = U(w[t])\n", "E0209", "`U[w[t]]` picks a row", "    input w: class(3)[1..T]\n    y[t] = U[w[t]]\n"),
    (SEQUENCE + "    input w: class(3)[1..T]\n    y[t] = U[w[t-1]]\n", "E0313", "`w[0] = 0`", "    input w: class(3)[1..T]\n    w[0] = 0\n    y[t] = U[w[t-1]]\n"),
    (SEQUENCE + "    input w: class(3)[1..T]\n    w[t] ~ softmax(x[t-1])\n", "E0313", "say what lies outside: `x[t < 1] = 0`", "    input w: class(3)[1..T]\n    x[t < 1] = 0\n    w[t] ~ softmax(x[t-1])\n"),
    (SEQUENCE + "    e[0, j] = 0\n    e[t, j] = 0.9 * e[t-1, j] + x[t, 0]\n", "E0318", "`e[t, j in 0..9] = ...`", "    e[0, j] = 0\n    e[t, j in 0..9] = 0.9 * e[t-1, j] + x[t, 0]\n"),
    (
        SEQUENCE + "    input w: class(3)[1..T]\n    e[0, j] = 0\n    e[t, j] = e[t-1, j] + (1 if w[t] == j else 0)\n", "E0318", "`e[t, j in 0..2] = ...`",
        "    input w: class(3)[1..T]\n    e[0, j] = 0\n    e[t, j in 0..2] = e[t-1, j] + (1 if w[t] == j else 0)\n",
    ),
    (SEQUENCE + "    attention p[t] = sigmoid(b @ x[t])\n", "E0402", "`softmax[t](...)`", "    attention p[t] = softmax[t](b @ x[t])\n"),
    (SEQUENCE + "    attention p = sigmoid(U @ x[1])\n", "E0402", "`softmax(...)`", "    attention p = softmax(U @ x[1])\n"),
    (SEQUENCE + "    a[i, j] = softmax[j](U[i, j] where i <= j)\n", "E0101", "`softmax[j, i <= j](U[i, j])`", "    a[i, j] = softmax[j, i <= j](U[i, j])\n"),
    (SEQUENCE + "    a[i, j] = softmax[j where i <= j](U[i, j])\n", "E0101", "`softmax[j, i <= j](...)`", "    a[i, j] = softmax[j, i <= j](U[i, j])\n"),
    (SEQUENCE + "    a[i, j] = softmax[j if i <= j](U[i, j])\n", "E0101", "`softmax[j, i <= j](...)`", "    a[i, j] = softmax[j, i <= j](U[i, j])\n"),
    (SEQUENCE + "    a[i] = sum[j](U[i, j] if i <= j)\n", "E0101", "`sum[j, i <= j](U[i, j])`", "    a[i] = sum[j, i <= j](U[i, j])\n"),
    (
        SEQUENCE + "    input m: bool[3, 3]\n    a[i, j] = softmax[m[i, j]](U[i, j])\n", "E0315", "`softmax[j, m[i, j]](...)`",
        "    input m: bool[3, 3]\n    a[i, j] = softmax[j, m[i, j]](U[i, j])\n",
    ),
    (
        SEQUENCE + "    input m: bool[3, 3]\n    y = sum[i, j where m](U[i, j])\n", "E0101", "`sum[i, j, m[i, j]](...)`",
        "    input m: bool[3, 3]\n    y = sum[i, j, m[i, j]](U[i, j])\n",
    ),
    (SEQUENCE + "    input k: class(3)\n    k = softmax(x[1])\n", "E0202", "`k ~ softmax(x[1])`", "    input k: class(3)\n    k ~ softmax(x[1])\n"),
    ("const A = 0; B = 1\n" + VECTOR, "E0101", "`const A = 0, B = 1`", "    const A = 0, B = 1\n"),
    (VECTOR + "    y[j] = x[j] + c[j]\n", "E0307", "`y[j in 0..27]`", "    y[j in 0..27] = x[j] + c[j]\n"),
    (VECTOR + "    y[k] = sum[j](W[k, j] * x[j])\n", "E0307", "`sum[j in 0..27]`", "    y[k] = sum[j in 0..27](W[k, j] * x[j])\n"),
    (VECTOR + "    d = x^2\n    y = argmin[k](d)\n", "E0312", "`d[k]`", "    d = x^2\n    y = argmin[k](d[k])\n"),
    (VECTOR + "    d = x^2\n    y = argmin[k](d)\n", "E0312", "`argmin(d)`", "    d = x^2\n    y = argmin(d)\n"),
)  # fmt: skip


def errors(text: str) -> list[Problem]:
    """Without warnings: not every net here reads both parameters."""
    return [p for p in check_text(text) if p.severity is Severity.ERROR]


@pytest.mark.parametrize(("wrong", "code", "help", "mended"), WAYS, ids=lambda v: v.rpartition("\n    ")[2].strip() if "\n" in v else "")
def test_the_way_out_works_when_copied(wrong: str, code: str, help: str, mended: str) -> None:
    (problem,) = errors(wrong)
    assert problem.code == code
    assert help in problem.diagnose().help
    declared = SEQUENCE if wrong.startswith(SEQUENCE) else VECTOR
    assert errors(declared + mended) == []


def test_a_size_may_be_corrected_where_it_is_declared() -> None:
    (problem,) = check_text(VECTOR + "    y[k] = sum[j](W[k, j] * x[j])\n")
    assert "`W[10, 28]`" in problem.diagnose().help
    assert errors(VECTOR.replace("W[10, 30]", "W[10, 28]") + "    y[k] = sum[j](W[k, j] * x[j])\n") == []


@pytest.mark.parametrize("rows", ["101\n    011", "x.x\n    .xx", "X, ., X\n    ., X, X", "- X X\n    X X -"])
def test_a_table_that_is_drawn_in_other_signs_is_one_mistake(rows: str) -> None:
    (problem,) = check_text(f"table C[2, 3]:\n    {rows}\nnet N:\n    input x: real[2, 6, 6]\n    y = Conv(3, 3, links=C)(x)\n")
    assert problem.code == "E0124" and "X" in problem.diagnose().help.rpartition(": ")[2]
