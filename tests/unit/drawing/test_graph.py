"""What a picture shows of a net: its rows, and which of them reads which."""

import netc
from netc import specs
from netc.compiler.drawing.graph import Graph, make_graph

ROWS = """
net Rows:
    input x: real[4]
    input y: class(3)
    h = x -> Dense(5, act=tanh)
    a = sum(h)
    output best = argmax(z)
    z = Dense(3)(h)
    y ~ softmax(z)
    loss small = 0.1 * a^2
    metric wrong = best != y
"""


def graph(text: str, depth: int = 0) -> Graph:
    spec = netc.parse(text)
    report = spec.check()
    assert report.ok, report.problems
    elaborated = spec.session.elaborate(spec.net)
    assert elaborated is not None
    return make_graph(elaborated, report, depth)


def named(g: Graph) -> list[str]:
    return sorted(f"{g.nodes[e.start].name} → {g.nodes[e.end].name} ({g.nodes[e.end].kind})" for e in g.edges)


def test_the_nodes_are_the_rows_of_check() -> None:
    report = netc.parse(ROWS).check()
    found = graph(ROWS).nodes
    assert [(n.name, n.what, n.output, n.params) for n in found] == [(r.name, r.what, r.output, r.params) for r in report.rows]
    assert [n.kind for n in found] == ["input", "input", "equation", "equation", "equation", "loss", "metric", "likelihood"]


def test_edges_follow_what_is_read_also_through_what_is_not_shown() -> None:
    assert named(graph(ROWS)) == [
        "a → small (loss)",
        "h → a (equation)",
        "h → z (equation)",
        "x → h (equation)",
        "y → wrong (metric)",
        "y → y (likelihood)",
        "z → wrong (metric)",  # through `best`
        "z → y (likelihood)",
    ]


def test_an_input_that_is_its_own_target_is_drawn_twice() -> None:
    found = graph("net A:\n    input x: real[4]\n    z = x -> Dense(2) -> Dense(4)\n    x ~ normal(z, 1)\n")
    assert named(found) == ["x → x (likelihood)", "x → z (equation)", "z → x (likelihood)"]


def test_depth_opens_rows_into_layers() -> None:
    text = """
layer Block(n)(x: real[X]) -> y: real[n]:
    z = x -> Dense(n) -> Dense(n)
    y = z + x
net N:
    input x: real[4]
    y = x -> Block(4)
"""
    assert [n.name for n in graph(text, 1).nodes] == ["x", "y · Block"]
    opened = graph(text, 2)
    assert [(n.name, n.params) for n in opened.nodes] == [("x", None), ("y · Dense", 20), ("y · Dense_2", 20), ("y · Block.y", None)]
    assert named(opened) == [
        "x → y · Block.y (equation)",
        "x → y · Dense (equation)",
        "y · Dense → y · Dense_2 (equation)",
        "y · Dense_2 → y · Block.y (equation)",
    ]
    assert graph(text, 9) == opened


def test_parameters_of_an_opened_net_are_all_counted() -> None:
    spec = netc.parse(specs.source("vision/lenet_sigmoid.net"))
    elaborated = spec.session.elaborate(spec.net)
    assert elaborated is not None
    for depth in range(4):
        assert sum(n.params or 0 for n in make_graph(elaborated, spec.check(), depth).nodes) == spec.check().params


GATED = """
net Gated:
    input x: real[1..T, 3]
    h[0] = 0
    h[t in 1..T] = f[t] * h[t-1] + (1 - f[t]) * tanh(Dense(4)(r[t]))
    f[t] = sigmoid(Dense(4)([x[t]; h[t-1]]))
    r[t] = x[t] * sum(h[t-1])
    output h
"""


def test_what_leads_back_is_what_reads_an_earlier_point() -> None:
    """However the equations are ordered: a gate stands above the state that it opens."""
    found = graph(GATED)
    back = {(found.nodes[e.start].name, found.nodes[e.end].name) for e in found.edges if e.back}
    assert back == {("h", "h"), ("h", "f"), ("h", "r")}


JOINED = """
net Joined:
    input x: real[1..T, 3]
    h[0] = 0
    l[t in 1..T] = h[t-1]
    h[t in 1..T] = tanh(W @ [x[t]; l[t]; r[t]])
    r[t in 1..T] = h[t-1] * 2
    param W[2, 7]
    output h
"""


def test_a_part_of_a_join_is_read_at_the_same_point() -> None:
    found = graph(JOINED)
    assert {(found.nodes[e.start].name, found.nodes[e.end].name) for e in found.edges if e.back} == {("h", "l"), ("h", "r")}


def test_layers_below_close_no_circle() -> None:
    """Where an axis of fixed size leads from layer to layer, reading the one below leads back."""
    found = graph(
        "net N:\n    input x: real[1..T]\n    a[0, t] = x[t]\n    a[l in 1..3, t] = tanh(b[l, t])\n"
        "    b[l in 1..3, t] = a[l-1, t] * w[l]\n    param w[1..3]\n    output a\n"
    )
    assert [(found.nodes[e.start].name, found.nodes[e.end].name) for e in found.edges if e.back] == [("a", "b")]


def test_an_earlier_point_outside_of_circles_leads_on() -> None:
    found = graph("net N:\n    input x: real[1..T]\n    a[t in 2..T] = x[t-1] + x[t]\n    b[t in 3..T] = a[t-1]\n    output b\n")
    assert [e.back for e in found.edges] == [False, False]
