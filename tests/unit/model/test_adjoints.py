"""`Net.gradient(of=...)`: the adjoint of any equation, against central differences through an input added to it."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files

import netc
import numpy as np
import pytest
from netc.compiler.elaborate.model import Elaborated, Equation
from netc.compiler.statements.expressions import Apply, Index, Kind, Read, Type, Variable, affine
from netc.compiler.statements.touch import touches
from netc.runtime.model.initialise import Array
from netc.runtime.model.net import Net

RECURRENT = """
net N:
    input x: real[1..T, 3]
    input e: real[1..T, 4]
    input y: real
    param W[4, 3], U[4, 4] init glorot
    h[0] = 0
    a[t] = tanh(W @ x[t] + U @ h[t-1])
    h[t in 1..T] = a[t]ADDED
    u[t in 1..T] = h[t]
    z = sum[t](sum(u[t]^2)) + sum(h[T])
    y ~ normal(z, 1)
"""
COPIED = """
net N:
    input x: real[5]
    input e: real[5]
    input y: class(3)
    a = tanh(Dense(5)(x))
    h = aADDED
    g[k] = h[k] * a[4 - k]
    y ~ softmax(Dense(3)(g))
"""
CONVOLVED = """
net N:
    input x: real[1, 6, 6]
    input e: real[2, 4, 4]
    input y: class(3)
    a = x -> Conv(2, 3)
    h[c, i, j] = a[c, i, j]ADDED
    p = h -> MaxPool(2)
    y ~ softmax(p -> flatten -> Dense(3))
"""


TREE = [[-1, -1], [-1, -1], [0, 1], [-1, -1], [2, 3]]  # the children of each node


def inputs(net: Net, seed: int = 0) -> dict[str, Array]:
    """Two random samples; sequences are 5 long."""
    rng = np.random.default_rng(seed)
    found: dict[str, Array] = {}
    for v in net.inputs:
        shape = (2, *(5 if not a.known else a.points() for a in v.axes))
        found[v.name] = rng.integers(0, v.classes.points(), shape) if v.classes is not None and v.classes.known else rng.uniform(-1, 1, shape)
    return found | {n.name: np.array([TREE, TREE]) for n in net.lengths if n.name == "N"}


def added(text: str, place: str) -> tuple[Net, Net]:
    """The net with the input `e` added to h, and the net without: e stays an input that only a loss of zero reads."""
    unused = "    loss nothing = 0 * sum(e)\n"
    return netc.parse(text.replace("ADDED", f" + e{place}")).build(dtype="float64"), netc.parse(text.replace("ADDED", "") + unused).build(dtype="float64")


@pytest.mark.parametrize("text, place", [(RECURRENT, "[t]"), (COPIED, ""), (CONVOLVED, "[c, i, j]")], ids=["recurrent", "copied", "convolved"])
def test_the_adjoint_is_the_slope_along_what_is_added(text: str, place: str) -> None:
    probed, plain = added(text, place)
    given = inputs(plain)
    given["e"] = np.zeros_like(given["e"])
    found = plain.gradient(given, of="h").equations["h"]
    assert np.allclose(found, probed.gradient(given).inputs["e"], rtol=1e-12, atol=1e-14)
    rng = np.random.default_rng(3)
    for _ in range(3):
        move, step = rng.standard_normal(given["e"].shape), 1e-6
        high, low = (probed.gradient({**given, "e": s * step * move}).loss for s in (1, -1))
        assert (found * move).sum() == pytest.approx((high - low) / (2 * step), rel=1e-7)


@pytest.mark.parametrize(
    "spec, sizes",
    [("text/char_lstm.net", {"V": 7, "X": 3, "H": 4}), ("text/seq2seq_attention.net", {"Vx": 6, "Vy": 5, "E": 3, "H": 4, "A": 3}),
     ("tree/tree_lstm.net", {"E": 3, "H": 4})],
)  # fmt: skip
def test_every_equation_of_a_spec_has_the_slope_of_an_input_added_to_it(spec: str, sizes: dict[str, int]) -> None:
    net = netc.load(files("netc.specs") / spec, sizes).build(dtype="float64", seed=2)
    whole = net.elaborated()
    given = inputs(net)
    names = [n for n, v in whole.variables.items() if v.kind is Kind.TEMPORARY and v.type is Type.REAL and v.per_sample and v.axes]
    found = net.gradient(given, seed=3, of=names).equations
    assert len(names) > 3
    for name in names:
        session = net.session
        session._elaborated[net.name, True, net.per] = _added(whole, name)
        session._compiled.clear()
        probed = Net(session, net.name, net.choice, "float64", 2, None, {n: c for n, c in net._constants.items() if not n.startswith("table ")})
        slope = probed.gradient({**given, "probe": np.zeros_like(found[name])}, seed=3).inputs["probe"]
        assert np.allclose(found[name], slope, rtol=1e-10, atol=1e-13), name


def _added(whole: Elaborated, name: str) -> Elaborated:
    """The net in which an input is added to one equation; what it starts from lies outside the input."""
    value = whole.variables[name]
    probe = Variable("probe", value.axes, Kind.INPUT, per_sample=True)

    def meant(e: Equation) -> bool:
        return e.target is value and touches(e.place, tuple(affine(Index("i", a)) for a in value.axes))

    equations = tuple(replace(e, value=Apply("+", (e.value, Read(probe, e.place)))) if meant(e) else e for e in whole.equations)
    return replace(whole, equations=equations, variables={**whole.variables, "probe": probe})


def test_samples_of_different_length_have_their_own_adjoints() -> None:
    net = netc.parse(RECURRENT.replace("ADDED", "") + "    loss nothing = 0 * sum(e)\n").build(dtype="float64")
    rng = np.random.default_rng(1)
    x, e, y = [rng.uniform(-1, 1, (n, 3)) for n in (5, 2)], [np.zeros((n, 4)) for n in (5, 2)], [0.3, -0.4]
    together = net.gradient({"x": x, "e": e, "y": y}, of=["h", "a"]).equations
    for k, n in enumerate((5, 2)):
        alone = net.gradient({"x": x[k][None], "e": e[k][None], "y": y[k : k + 1]}, of=["h", "a"]).equations
        assert np.allclose(together["h"][k, :n], alone["h"][0] / 2, atol=1e-14)  # the loss is a mean over two
        assert np.allclose(together["a"][k, :n], alone["a"][0] / 2, atol=1e-14)
    assert not together["h"][1, 2:].any()


def test_asking_changes_no_other_gradient() -> None:
    net = added(COPIED, "")[1]
    given = inputs(net)
    plain, asked = net.gradient(given), net.gradient(given, of=["h", "g", "a"])
    assert plain.loss == pytest.approx(asked.loss, rel=1e-14)
    assert all(np.allclose(plain.params[n], asked.params[n], rtol=1e-12, atol=1e-15) for n in plain.params)
    assert list(asked.equations) == ["h", "g", "a"] and plain.equations == {}


def test_what_the_loss_does_not_read_has_no_slope() -> None:
    net = netc.parse("net N:\n    input x: real[2]\n    h = 2 * x\n    k = 3 * x\n    loss l = sum(h)\n").build(dtype="float64")
    found = net.gradient({"x": [[1.0, 2.0]]}, of=["h", "k"]).equations
    assert (found["h"].tolist(), found["k"].tolist()) == ([[1.0, 1.0]], [[0.0, 0.0]])


def test_a_name_without_a_gradient_is_refused() -> None:
    net = netc.parse("net N:\n    input x: real[2]\n    hidden = 2 * x\n    best = argmax(hidden)\n    loss l = sum(hidden)\n").build()
    for name in ("hiden", "best"):
        with pytest.raises(netc.NetcError) as caught:
            net.gradient({"x": [[1.0, 2.0]]}, of=name)
        assert caught.value.problems[0].diagnose().message == f"the net has no equation of real numbers `{name}`"
