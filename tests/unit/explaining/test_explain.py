"""`netc explain FILE:NAME` says what is so: counts as `check` has them, equations that can be read back, true gradients."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import netc
import numpy as np
import pytest
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.source.text import Source
from netc.compiler.syntax.parser import parse

SPECS = Path(str(files("netc.specs")))
GOLDEN = Path(__file__).parents[2] / "golden" / "explained"
SHOWN = {
    "lenet5_c3": ("vision/lenet5.net", "c3"), "lenet5_K": ("vision/lenet5.net", "c3.Conv.K"), "lenet5_table": ("vision/lenet5.net", "C3"),
    "lenet5_map": ("vision/lenet5.net", "map"), "char_lstm_m": ("text/char_lstm.net", "m"), "char_lstm_x": ("text/char_lstm.net", "x"),
    "attention": ("attention/transformer.net", "y.Block[1].m"), "transformer_y": ("attention/transformer.net", "y"),
    "batch_norm": ("vision/fine_tuning.net", "features.Features.c1"), "max_pool": ("vision/pooling.net", "biggest"),
}  # fmt: skip
SWEPT = ["vision/lenet5.net", "vision/maxout.net", "text/char_lstm.net", "sequence/gates.net", "attention/self_attention.net", "tree/recursive.net"]


@pytest.mark.parametrize("name", SHOWN)
def test_explanations_stay(name: str, golden: Callable[[Path, str], None]) -> None:
    file, what = SHOWN[name]
    text = str(netc.load(SPECS / file).explain(what))
    golden(GOLDEN / f"{name}.txt", text.replace(str(SPECS), "specs"))


@pytest.mark.parametrize("file", SWEPT)
def test_counts_are_those_of_check(file: str) -> None:
    whole = netc.load(SPECS / file)
    for spec in (whole[n] for n in whole.nets):
        for row in (r for r in spec.check().rows if r.what != "input"):
            found = spec.explain(row.name)
            totals = {c.name: c.total for c in found.counts}
            assert [totals.get(n, 0) for n in ("parameters", "connections", "multiply-adds")] == [row.params or 0, row.connections or 0, row.macs or 0]
            for product in (p for c in found.counts for p in c.products):
                assert product.points == np.prod([f.points for f in product.factors]), product


@pytest.mark.parametrize("file", SWEPT)
def test_equations_and_gradients_are_written_in_the_language(file: str) -> None:
    whole = netc.load(SPECS / file)
    seen = 0
    for spec in (whole[n] for n in whole.nets):
        for row in spec.check().rows:
            found = spec.explain(row.name)
            for equation in (*found.equations, *found.gradients):
                left, _, right = re.split(r" (\+?)= ", equation, maxsplit=1)
                assert not problems_of(f"net N:\n    v = {right}\n"), equation
                inside = left.partition("[")[2]
                assert not problems_of(f"net N:\n    v{'[' if inside else ''}{inside} = 0\n"), equation
                seen += 1
            assert all(line.count(a) == line.count(b) for line in found.latex for a, b in (("{", "}"), (r"\left", r"\right")))
    assert seen > 9


def problems_of(text: str) -> list[str]:
    reporter = Reporter()
    parse(Source("read back", text), reporter)
    return [p.diagnose().message for p in reporter.problems]


def test_latex_can_be_set() -> None:
    pytest.importorskip("matplotlib")
    from matplotlib.mathtext import MathTextParser

    parser = MathTextParser("agg")
    lines = [line for name in ("c1", "s2", "c3", "f6", "d", "map") for line in netc.load(SPECS / "vision/lenet5.net").explain(name).latex]
    lines += netc.load(SPECS / "attention/transformer.net").explain("y.Block[0].m").latex
    primed = netc.load(SPECS / "sequence/gates.net")["AddingPlain"].explain("m").latex
    assert any(r"{z'_{t,i}}^{2}" in line for line in primed)  # else the prime and the square are two superscripts
    lines += primed
    for line in lines:
        if r"\begin{cases}" not in line:  # which matplotlib does not know
            parser.parse(f"${line.replace(chr(92) + 'mathrel{+}', '+')}$")
    assert len(lines) > 30


def test_the_gradient_that_is_printed_is_the_gradient() -> None:
    """The printed lines, pasted into a spec as they are, give what the net's own gradient gives."""
    spec = netc.load(SPECS / "vision/lenet5.net")
    found = {line.partition("[")[0]: line for line in spec.explain("c3").gradients}
    table = "\n".join(spec.text.split("\n")[5:13])
    pasted = netc.parse(
        f"{table}\nnet G:\n    input s2: real[6, 14, 14]\n    input y, dc3: real[16, 10, 10]\n    param K[16, 6, 5, 5]\n"
        f"    {found['dy']}\n    {found['db']}\n    {found['dK']}\n"
    )
    net = spec.build(dtype="float64", seed=3)
    generator = np.random.default_rng(0)
    inputs = {"image": generator.normal(size=(2, 1, 32, 32)), "digit": np.array([3, 8])}
    true = net.gradient(inputs, of=["c3", "c3.Conv.y"])
    values = net.evaluate(inputs, ["s2", "c3.Conv.y"])
    made = pasted.build(dtype="float64").evaluate({"s2": values["s2"], "y": values["c3.Conv.y"], "dc3": true.equations["c3"]}, ["dy", "db", "dK"])
    np.testing.assert_allclose(made["dy"], true.equations["c3.Conv.y"], rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(made["db"], true.params["c3.Conv.b"], rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(made["dK"], true.params["c3.Conv.K"], rtol=1e-10, atol=1e-14)


def test_a_wrong_name_is_met_with_the_right_one() -> None:
    with pytest.raises(netc.NetcError) as caught:
        netc.load(SPECS / "vision/lenet5.net").explain("c3.Conv.k")
    shown = caught.value.problems[0].diagnose()
    assert shown.message == "the net LeNet5 has nothing called `c3.Conv.k`"
    assert shown.help.startswith("did you mean `c3.Conv.K`? `c3` holds `c3.Conv`, `c3.Conv.K`, `c3.Conv.b`, ")


def test_of_several_nets_the_one_that_has_the_name_is_meant() -> None:
    two = netc.parse("net A:\n    input x: real[3]\n    y = Dense(2)(x)\nnet B:\n    input x: real[3]\n    z = 2 * x\n")
    assert two.explain("z").net == "B"
    assert two.explain("x").net == "A"


DRIFT = """layer Drift(n)(x: real[X]) -> y: real[n]:
    param W[n, X] init glorot
    gate open[i] = sigmoid(W[i, 0] * x[0])
    y[i] = open[i] * sum[k](W[i, k] * x[k])
net N:
    input x: real[3]
    h = Drift(4)(x)
    k = x -> Drift(3) -> Drift(2)
"""


@pytest.mark.parametrize(
    "name, help",
    [
        ("open", "write its path: `h.Drift.open`, `k.Drift.open` or `k.Drift_2.open`"), ("h.open", "write its path: `h.Drift.open`"),
        ("k.opne", "did you mean `k.Drift.open` or `k.Drift_2.open`? `k` holds `k.Drift`, "), ("Drift", "write its path: `h.Drift` or `k.Drift`"),
        ("h.Drift.opn", "did you mean `h.Drift.open`? `h` holds `h.Drift`, `h.Drift.W`, "), ("hh", "it has `x`, `h`, `k`"),
        ("h.q", "`h` holds `h.Drift`, `h.Drift.W`, "),
    ],
)  # fmt: skip
def test_names_within_layers_are_proposed(name: str, help: str) -> None:
    with pytest.raises(netc.NetcError) as caught:
        netc.parse(DRIFT).explain(name)
    assert caught.value.problems[0].diagnose().help.startswith(help)


def test_of_many_names_within_layers_three_are_proposed() -> None:
    with pytest.raises(netc.NetcError) as caught:
        netc.parse(DRIFT + "    m = x -> repeat(4, Drift(3))\n").explain("W")
    assert "`k.Drift_2.W` (4 more are called so)" in caught.value.problems[0].diagnose().help
