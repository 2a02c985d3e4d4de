"""`netc diff`: exit codes as of `diff`, and each kind of difference by what it is."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import netc as library
import pytest

Netc = Callable[..., CompletedProcess[str]]
ONE = """net N:
    dim H = 4
    input x: real[3]
    input y: class(2)
    table L[3, 2]:
        X .
        X X
        . X
    h = tanh(Dense(H)(x))
    z[i] = sum[k](w[i, k] * h[k])
    param w[2, H] init 1
    y ~ softmax(z)

train:
    batch = 8
"""
OTHER = """# the same with other words
net N:
    dim H = 5
    input x: real[3]
    input y: class(2)
    table L[3, 2]:
        X X
        X X
        . X
    h = relu(Dense(H, bias=false)(x))
    param w[2, H] init 1
    z[m] = sum[n](w[m, n] * h[n])                 # renamed, and moved
    y ~ softmax(z)
    extra = 2 * x

train:
    batch = 8; optimizer = adam(0.1)
"""
TEXT = """--- one.net  net N
+++ other.net  net N

 sizes
    H  4 → 5

 sizes and counts
    h      output       4 → 5
           params       16 → 15
           connections  16 → 15
           MACs         12 → 15
    z      params       8 → 10
           connections  8 → 10
           MACs         8 → 10
+   extra               3
    total  params       24 → 25
           connections  24 → 25
           MACs         20 → 25

 equations
    h
-       y[i] = sum[k](W[i, k] * x[k]) + b[i]
-       h[i] = tanh(y[i])
+       y[i] = sum[k](W[i, k] * x[k])
+       h[i] = max(0, y[i])
    extra
+       extra[i] = 2 * x[i]

 parameters and constants
    L          3×2 table with 4 of 6: X.XX.X → 3×2 table with 5 of 6: XXXX.X
    w          2×4 param init 1 → 2×5 param init 1
    h.Dense.W  4×3 param init glorot → 5×3 param init glorot
-   h.Dense.b  4 param init 0

 settings
    optimizer  sgd(rate=0.01) → adam(rate=0.1)
"""


@pytest.fixture(autouse=True)
def specs(tmp_path: Path) -> None:
    (tmp_path / "one.net").write_text(ONE)
    (tmp_path / "other.net").write_text(OTHER)
    (tmp_path / "bad.net").write_text("net N:\n    input x: real[3]\n    y = z + x\n")


def test_every_kind_of_difference_is_shown(netc: Netc) -> None:
    done = netc("diff", "one.net", "other.net", code=1)
    assert (done.stdout, done.stderr) == (TEXT, "")


def test_words_make_no_difference(netc: Netc, tmp_path: Path) -> None:
    renamed = ONE.replace("z[i] = sum[k](w[i, k] * h[k])", "z[p] = sum[q](w[p, q] * h[q])   # a comment").replace("    dim H = 4\n", "\n    dim H = 4\n")
    (tmp_path / "renamed.net").write_text(renamed)
    assert netc("diff", "one.net", "renamed.net").stdout == ""
    assert json.loads(netc("diff", "one.net", "renamed.net", "--json").stdout)["same"] is True


def test_a_run_is_compared_with_the_spec_it_came_from(netc: Netc, tmp_path: Path) -> None:
    (tmp_path / "run.net").write_text("net N:\n    input x: real[1, 8, 8]\n    input y: class(10)\n    y ~ softmax(x -> flatten -> Dense(10))\n\ntrain:\n    data = digits(); epochs = 1\n")
    netc("train", "run.net", "--out", "run", "--batch", "16", "--epochs", "1", "--plain")
    done = netc("diff", "run.net", "run", code=1)
    assert done.stdout.split("\n\n", 1)[1] == " settings\n    batch  32 → 16\n"
    assert netc("diff", "run", "run").stdout == ""


def test_other_ranges_of_the_same_sizes_are_told() -> None:
    text = "net N:\n    input x: real[5]\n    y[i in 0..2] = sum[u in {}](x[i + u])\n"
    a, b = (library.parse(text.format(r)) for r in ("0..1", "1..2"))
    assert [(c.before, c.after) for c in library.diff(a, b).changes] == [
        ("y[i] = sum[u](x[i+u])   for i in 0..2, u in 0..1", None), (None, "y[i] = sum[u](x[i+u])   for i in 0..2, u in 1..2"),
    ]  # fmt: skip


def test_what_cannot_be_compared_ends_as_trouble(netc: Netc) -> None:
    assert "nothing is called `z` here" in netc("diff", "one.net", "bad.net", code=2).stderr
    assert "the file has no net `M`" in netc("diff", "one.net", "other.net", "--net", "M", code=2).stderr
    assert "cannot read `no.net`" in netc("diff", "one.net", "no.net", code=3).stderr


def test_nets_of_one_name_are_compared_where_files_have_several() -> None:
    a = library.parse("net A:\n    input x: real[3]\n    y = 2 * x\n")
    two = library.parse("net B:\n    input x: real[3]\n    y = 3 * x\nnet A:\n    input x: real[3]\n    y = 2 * x\n")
    assert library.diff(a, two).same
    assert [c.after for c in library.diff(a, two, "B").changes if c.section == "equations"] == [None, "y[i] = 3 * x[i]"]
