"""Trees run level by level: as many turns as the tallest tree is high, and the numbers of a recursion over each tree alone."""

from __future__ import annotations

from typing import Any

import netc
import numpy as np
import pytest
from netc.compiler.pipeline import Request
from netc.compiler.rewrites import Wanted
from netc.compiler.schedule.describe import outline
from netc.runtime.backends.levels import LevelLoop
from netc.runtime.data.fields.ragged import Ragged
from netc.runtime.model.inputs import prepare
from netc.runtime.model.nodes import number

Arrays = dict[str, Any]
CELL = """net Cell:
    dim H = 3
    dim N = tree(2)
    input x: real[N, H]
    input y: real[N]
    param W[H, H], L[H, H], R[H, H], v[H] init normal(0, 0.5)
    h[n] = tanh(W @ x[n] + L @ h[left(n)] + R @ h[right(n)])
    a[n] = softmax[n](sum(v * h[n]))
    m[i] = sum[n](a[n] * h[n, i])
    y[n] ~ normal(sum(v * h[n]), 1)
    loss whole = sum(m * h[root(N)])
"""
WIDE = """net Wide:
    dim H = 3
    dim N = tree()
    input x: real[N, H]
    param W[H, H], U[H, H] init normal(0, 0.5)
    c[n] = W @ x[n] + sum[k in children(n)](tanh(U @ c[k]))
    p[i] = max[n](c[n, i])
    loss l = sum(p) + sum(c[root(N)])
"""


def chain(nodes: int) -> list[list[int]]:
    """Each node above the one before it: as high as a tree can be."""
    return [[k - 1, -1] for k in range(nodes)]


def balanced(height: int) -> list[list[int]]:
    tree = [[-1, -1] for _ in range(2**height)]
    level = list(range(2**height))
    while len(level) > 1:
        tree += [list(pair) for pair in zip(level[::2], level[1::2], strict=True)]
        level = list(range(len(tree) - len(level) // 2, len(tree)))
    return tree


def grown(rng: np.random.Generator, nodes: int, arity: int = 2) -> list[list[int]]:
    """Any tree: each new node takes up some of those that have no parent yet; the last takes what fits."""
    tree: list[list[int]] = []
    free: list[int] = []
    for n in range(nodes):
        count = min(len(free), arity if n == nodes - 1 else int(rng.integers(0, arity + 1)))
        own = [free.pop(int(rng.integers(len(free)))) for _ in range(count)]
        tree.append([int(k) for k in rng.permutation([*own, *[-1] * (arity - count)])])
        free.append(n)
    return tree


def turns(net: netc.Net, monkeypatch: pytest.MonkeyPatch, inputs: Arrays, trees: list[Any]) -> list[int]:
    """How many levels each loop of a gradient takes."""
    found: list[int] = []
    run = LevelLoop.__call__

    def counted(self: LevelLoop) -> None:
        found.append(len(self.bounds))
        run(self)

    monkeypatch.setattr(LevelLoop, "__call__", counted)
    net.gradient(inputs, trees={"N": trees})
    return found


def samples(trees: list[Any], features: int = 3) -> Arrays:
    rng = np.random.default_rng(3)
    return {"x": [rng.normal(size=(len(t), features)) for t in trees], "y": [rng.normal(size=len(t)) for t in trees]}


def below(p: Arrays, x: Any, tree: Any, n: int) -> Any:
    """h of a node, from the node down."""
    left, right = (below(p, x, tree, k) if k >= 0 else np.zeros(3) for k in tree[n])
    return np.tanh(p["W"] @ x[n] + p["L"] @ left + p["R"] @ right)


MIXED = [balanced(3), chain(6), [[-1, -1]], grown(np.random.default_rng(1), 9), chain(2), grown(np.random.default_rng(2), 14)]


@pytest.fixture
def cell() -> netc.Net:
    return netc.parse(CELL).build(seed=2, dtype="float64")


@pytest.mark.parametrize(
    ("trees", "levels"), [([balanced(5)] * 4, 6), ([chain(7), balanced(2)], 7), ([[[-1, -1]]] * 3, 1), ([balanced(4), balanced(1), chain(3)], 5)]
)
def test_there_are_as_many_turns_as_the_tallest_tree_has_levels(cell: netc.Net, monkeypatch: pytest.MonkeyPatch, trees: list[Any], levels: int) -> None:
    assert turns(cell, monkeypatch, samples(trees), trees) == [levels, levels]


def test_values_are_those_of_a_recursion_from_the_root_down(cell: netc.Net) -> None:
    given = samples(MIXED)
    found = cell.evaluate({"x": given["x"]}, ["h", "a", "m"], trees={"N": MIXED})
    p = {n: cell.params.exact(n) for n in cell.params}
    for k, tree in enumerate(MIXED):
        h = np.array([below(p, given["x"][k], tree, n) for n in range(len(tree))])
        a = np.exp(h @ p["v"]) / np.exp(h @ p["v"]).sum()
        np.testing.assert_allclose(found["h"][k][: len(tree)], h, rtol=0, atol=1e-12)
        np.testing.assert_allclose(found["a"][k][: len(tree)], a, rtol=0, atol=1e-12)
        np.testing.assert_allclose(found["m"][k], a @ h, rtol=0, atol=1e-12)
        assert not found["h"][k][len(tree) :].any()


@pytest.mark.parametrize(("text", "arity"), [(CELL, 2), (WIDE, 3)], ids=["left and right", "any children"])
def test_gradients_are_finite_differences(text: str, arity: int) -> None:
    net = netc.parse(text).build(seed=2, dtype="float64")
    rng = np.random.default_rng(7)
    trees = [grown(rng, n, arity) for n in (5, 1, 11, 8)]
    given = {n: v for n, v in samples(trees).items() if n in {i.name for i in net.inputs}}
    g = net.gradient(given, trees={"N": trees})
    start = {n: net.params.exact(n) for n in net.params}
    for _ in range(4):
        move = {n: rng.normal(size=a.shape) for n, a in start.items()}
        shift = [rng.normal(size=x.shape) for x in given["x"]]

        def loss(step: float, move: Arrays = move, shift: list[Any] = shift) -> float:
            for n, a in start.items():
                net.params[n] = a + step * move[n]
            moved = {**given, "x": [x + step * s for x, s in zip(given["x"], shift, strict=True)]}
            return net.gradient(moved, trees={"N": trees}).loss

        slope = sum(float((g.params[n] * move[n]).sum()) for n in start)
        slope += sum(float((g.inputs["x"][k][: len(s)] * s).sum()) for k, s in enumerate(shift))
        assert (loss(1e-5) - loss(-1e-5)) / 2e-5 == pytest.approx(slope, rel=1e-7)


OBSERVED, SUMMED = ("\n".join(line for line in CELL.splitlines() if not line.strip().startswith(left)) for left in ("loss", "y[n] ~"))


@pytest.mark.parametrize("text", [OBSERVED, SUMMED], ids=["a loss of every node", "a loss of every tree"])
def test_a_batch_is_its_samples_one_by_one(text: str) -> None:
    net = netc.parse(text).build(seed=2, dtype="float64")
    given, points = samples(MIXED), sum(len(t) for t in MIXED)
    together = net.gradient(given, trees={"N": MIXED}, of=["h"])
    params = {n: np.zeros_like(a) for n, a in together.params.items()}
    loss = 0.0
    for k, tree in enumerate(MIXED):
        weight = len(tree) / points if text == OBSERVED else 1 / len(MIXED)
        one = net.gradient({n: v[k : k + 1] for n, v in given.items()}, trees={"N": [tree]}, of=["h"])
        loss += weight * one.loss
        for n, a in one.params.items():
            params[n] += weight * a
        for found, own in ((together.inputs["x"], one.inputs["x"]), (together.equations["h"], one.equations["h"])):
            np.testing.assert_allclose(found[k][: len(tree)], weight * own[0], rtol=0, atol=1e-12)
            assert not found[k][len(tree) :].any()
    assert together.loss == pytest.approx(loss, rel=0, abs=1e-12)
    for n, a in params.items():
        np.testing.assert_allclose(together.params[n], a, rtol=0, atol=1e-12, err_msg=n)


@pytest.mark.parametrize("text", [OBSERVED, SUMMED, WIDE], ids=["a loss of every node", "a loss of every tree", "any children"])
def test_whatever_stands_where_no_node_does_changes_nothing(text: str) -> None:
    net = netc.parse(text).build(seed=2, dtype="float64")
    given = prepare({n: v for n, v in {**samples(MIXED), "N": MIXED}.items() if n in {i.name for i in net.inputs}}, net.inputs, set())
    request = Request(True, Wanted(), tuple(net.params))
    found = []
    for poison in (0.0, 1e30, -7.0):
        compiled, bound = net.engine.fill(request, given)
        (nodes,) = given.nodes.values()
        assert not nodes.there.all()
        for name in set(bound.inputs) & {"x", "y"}:
            bound.inputs[name][~nodes.there] = poison
        bound.run()
        assert compiled.program.loss is not None
        found.append([bound.read(compiled.program.loss), *(bound.read(g) for g in compiled.program.gradients.values())])
    for other in found[1:]:
        for a, b in zip(found[0], other, strict=True):
            np.testing.assert_array_equal(a, b)


COUNTED = {
    "the node before": "    s[-1] = 0\n    s[n] = s[n-1] + x[n]\n    h[n] = s[n] if leaf(n) else s[n] + h[left(n)]",
    "the number of a node": "    h[n] = x[n] if leaf(n) else n + h[left(n)]",
    "the best node": "    h[n] = x[n] if leaf(n) else x[n] + h[left(n)]\n    metric best = argmax[n](h[n])",
    "nodes before a node": "    s[n in N] = sum[m in N, m <= n](x[m])\n    h[n] = s[n] if leaf(n) else s[n] + h[left(n)]",
}


@pytest.mark.parametrize("body", COUNTED.values(), ids=COUNTED)
def test_a_net_that_counts_nodes_has_them_in_the_order_given(body: str) -> None:
    spec = netc.parse(f"net N:\n    dim N = tree(2)\n    input x: real[N]\n{body}\n    loss l = h[root(N)]\n")
    assert spec.check().ok
    assert "level by level" not in outline(spec.session.compile(spec.net, Request()).schedule)
    net = spec.build(dtype="float64")
    tree = [[-1, -1], [-1, -1], [0, 1], [-1, -1], [3, 2]]
    x = np.array([0.5, 1.0, -2.0, 3.0, 0.25])
    s = np.cumsum(x) if "s[n" in body else x
    inner = np.arange(5.0) if "else n" in body else s
    h = np.array([s[0], s[1], inner[2] + s[0], s[3], inner[4] + s[3]])
    np.testing.assert_allclose(net.evaluate({"x": [x, x[:3]]}, "h", trees={"N": [tree, tree[:3]]})["h"][0], h, atol=1e-12)


def test_nodes_stand_by_height_and_the_root_last() -> None:
    found = number(Ragged.of([balanced(1), [[-1, -1], [-1, -1], [0, 1], [-1, -1], [2, 3]]], np.int32))
    assert found.bounds == ((0, 3), (3, 4), (4, 5))
    assert found.places.tolist() == [[1, 2, 4, 0, 0], [0, 1, 3, 2, 4]]
    assert found.there.tolist() == [[False, True, True, False, True], [True] * 5]


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ([[-1, -1], [0, 2], [-1, -1]], "node 1 of sample 1 has the child 2, and children stand before their parent"),
        ([[-1, -1], [1, -1]], "node 1 of sample 1 has the child 1, and children stand before their parent"),
        ([[-3, -1]], "node 0 of sample 1 has the child -3, and children stand before their parent"),
        ([[-1, -1], [0, -1], [1, 0]], "node 2 of sample 1 has the child 0, and so does node 1"),
        ([[-1, -1], [0, 0]], "node 1 of sample 1 has the child 0, and so does node 1"),
    ],
)
def test_what_is_no_tree_is_refused(cell: netc.Net, tree: Any, message: str) -> None:
    trees = [balanced(2), tree]
    with pytest.raises(netc.NetcError, match=message):
        cell.gradient(samples(trees), trees={"N": trees})


def test_the_plan_says_level_by_level() -> None:
    spec = netc.parse(CELL)
    lines = [line for line in outline(spec.session.compile("Cell", Request(gradients=("W",))).schedule).splitlines() if "N-1" in line]
    assert [line.split("   ")[0] for line in lines] == ["n = 0..N-1 forward, level by level", "n = 0..N-1 backward, level by level"]
