"""What a look inside shows are the net's own numbers."""

from __future__ import annotations

from importlib.resources import files

import netc
import numpy as np
import pytest
from netc.runtime.charts.model import Heat, Lines, Tiles
from netc.runtime.inspect import sections
from netc.runtime.inspect.attention import attention
from netc.runtime.inspect.filters import filters, maps
from netc.runtime.inspect.gates import gates
from netc.runtime.inspect.layers import layers
from netc.runtime.inspect.model import Section
from netc.runtime.inspect.recurrence import gradients_over_time, recurrent_matrices, spectra, states
from netc.runtime.inspect.subject import Subject
from netc.runtime.model.net import Net
from netc.runtime.model.spec import Spec

CHARACTERS = """
net Characters:
    input x: class(5)[1..T]
    param E[5, 2] init normal(0, 1)
    e[t] = E[x[t]]
    m = GRU(3)(e)
    z[t] = Dense(5)(m[t])
    x[t+1] ~ softmax(z[t])
"""
LOOKING = """
net Looking:
    input w: class(4)[1..T]
    param E[4, 6] init normal(0, 1)
    param Q[2, 3, 6], K[2, 3, 6] init normal(0, 1)
    x[t] = E[w[t]]
    q[h, t] = Q[h] @ x[t]
    k[h, t] = K[h] @ x[t]
    attention a[h, t, s] = softmax[s <= t](q[h, t] @ k[h, s])
    u[h, t] = sum[s](a[h, t, s] * x[s])
    y[t] = sum[h](u[h, t])
    z[t] = Dense(4)(y[t])
    w[t+1] ~ softmax(z[t])
"""
LABELS = {"x": tuple("abcde"), "w": tuple("<>&\n")}


def spec_at(name: str, **sizes: int) -> Spec:
    return netc.load(files("netc.specs") / name, sizes)


def found(section: Section | None) -> Section:
    assert section is not None
    return section


def characters() -> tuple[Net, Subject]:
    net = netc.parse(CHARACTERS).build(dtype="float64", seed=4)
    return net, Subject(net, {"x": [[0, 1, 2, 3, 4, 0], [4, 4, 1]]}, LABELS)


def test_gates_are_shown_with_the_symbols_of_the_input() -> None:
    net, subject = characters()
    pictures = found(gates(subject)).pictures
    names = [n for n in net.elaborated(False).variables if n.endswith((".z", ".r"))]
    assert [p.title for p in pictures] == [f"{n} · sample {k}" for n in names for k in (1, 2)]
    values = net.evaluate({"x": [[4, 4, 1]]}, names)
    for name, picture in zip(names, pictures[1::2], strict=True):
        assert isinstance(picture, Heat) and picture.line is not None
        assert np.allclose(picture.values, values[name][0].T, atol=1e-14)
        assert np.allclose(picture.line, values[name][0].mean(1), atol=1e-14)
        assert picture.columns.labels == ("e", "e", "b") and (picture.low, picture.high) == (0, 1)


def test_a_gate_without_time_is_shown_over_the_samples() -> None:
    net = netc.parse("net N:\n    input x: real[3]\n    gate g = sigmoid(Dense(2)(x))\n    output y = sum(g)\n").build(dtype="float64")
    x = np.linspace(-1, 1, 12).reshape(4, 3)
    (picture,) = found(gates(Subject(net, {"x": x}))).pictures
    assert isinstance(picture, Heat) and np.array_equal(picture.values, net.evaluate({"x": x}, "g")["g"].T)


def test_each_head_has_a_map_whose_rows_add_up_to_one() -> None:
    net = netc.parse(LOOKING).build(dtype="float64", seed=1)
    pictures = found(attention(Subject(net, {"w": [[0, 1, 2, 3, 2], [1, 0]]}, LABELS))).pictures
    assert [p.title for p in pictures] == [f"a · head {h} · sample {k}" for k in (1, 2) for h in (1, 2)]
    for picture, n in zip(pictures, (5, 5, 2, 2), strict=True):
        assert isinstance(picture, Heat) and picture.values.shape == (n, n)
        assert np.allclose(picture.values.sum(1), 1, atol=1e-12) and not np.triu(picture.values, 1).any()
    assert pictures[0].rows.labels == pictures[0].columns.labels == ("<", ">", "&", "\n", "&")  # type: ignore[union-attr]


def test_attention_of_a_decoder_has_what_is_written_down_and_what_is_read_to_the_right() -> None:
    net = spec_at("text/seq2seq_attention.net", Vx=6, Vy=5, E=3, H=4, A=3).build(dtype="float64")
    (picture,) = found(attention(Subject(net, {"x": [[0, 1, 2, 3]], "y": [[2, 3, 1]]}))).pictures
    assert isinstance(picture, Heat) and picture.values.shape == (3, 4)
    assert (picture.rows.name, picture.columns.name) == ("y", "x")
    assert (picture.rows.labels, picture.columns.labels) == (("2", "3", "1"), ("0", "1", "2", "3"))


def test_norms_through_time_are_those_of_the_adjoints() -> None:
    net, subject = characters()
    (picture,) = found(gradients_over_time(subject)).pictures
    assert isinstance(picture, Lines) and picture.log
    assert picture.title == "‖dL/dm(t)‖"
    state = "m.GRU.h"  # `m` is a copy of it, which the recurrence does not read
    slopes = net.gradient({"x": [[0, 1, 2, 3, 4, 0], [4, 4, 1]]}, training=False, of=state).equations[state]
    norms = np.sqrt((slopes**2).sum(2))
    assert np.allclose(picture.series[0][1], norms[0], atol=1e-14) and np.allclose(picture.series[1][1], norms[1, :3], atol=1e-14)


def test_norms_of_a_state_in_a_layer_go_through_its_recurrence() -> None:
    head = "net N:\n    input x: real[1..T, 2]\n    input y: real\n"
    tail = "    y ~ normal(sum[i](h[T, i]), 1)\n"
    layer = "layer Cell(H)(x: real[1..T, X]) -> h: real[1..T, H]:\n    param U[H, H] init 0.4\n    param W[H, X] init 0.3\n"
    layer += "    h[0] = 0\n    h[t] = tanh(U @ h[t-1] + W @ x[t])\n"
    plain = "    param U[3, 3] init 0.4\n    param W[3, 2] init 0.3\n    h[0] = 0\n    h[t] = tanh(U @ h[t-1] + W @ x[t])\n"
    inputs = {"x": np.linspace(-1, 1, 10).reshape(1, 5, 2), "y": [0.5]}
    pictures = []
    for text in (f"{layer}\n{head}    h = Cell(3)(x)\n{tail}", f"{head}{plain}{tail}"):
        subject = Subject(netc.parse(text).build(dtype="float64"), inputs)
        pictures += found(gradients_over_time(subject)).pictures
    one, other = pictures
    assert isinstance(one, Lines) and isinstance(other, Lines)
    assert (one.series[0][1] > 0.01).all() and np.allclose(one.series[0][1], other.series[0][1], rtol=1e-12)


@pytest.mark.parametrize(
    "name, matrices",
    [("sequence/hello.net", ["Whh"]), ("text/char_lstm.net", ["Ui", "Uf", "Uo", "Ug"]), ("sequence/deep_rnn.net", None), ("sequence/gates.net", ["U", "Ug"])],
)  # fmt: skip
def test_recurrent_matrices_are_those_that_a_scan_multiplies_its_state_with(name: str, matrices: list[str] | None) -> None:
    net = spec_at(name).build(dtype="float64")
    rng = np.random.default_rng(0)
    inputs = {v.name: rng.integers(0, 4, (1, 5)) if v.classes else rng.uniform(0, 1, (1, *(5 if not a.known else a.points() for a in v.axes))) for v in net.inputs}
    subject = Subject(net, inputs)
    names = sorted(subject.paths[v].rsplit(".", 1)[-1] for v in recurrent_matrices(subject))
    assert names == sorted(matrices) if matrices is not None else names
    for v, picture in zip(recurrent_matrices(subject), found(spectra(subject)).pictures, strict=True):
        assert isinstance(picture, Lines)
        matrix = net.params[subject.paths[v]]
        first = matrix.reshape(-1, *matrix.shape[-2:])[0]
        assert np.allclose(picture.series[0][1] ** 2, np.sort(np.linalg.eigvalsh(first @ first.T))[::-1][: min(first.shape)], atol=1e-10)
    assert found(states(subject)).pictures


def lenet() -> Subject:
    rng = np.random.default_rng(0)
    return Subject(spec_at("vision/lenet5.net").build(), {"image": rng.uniform(0, 1, (3, 1, 32, 32)), "digit": [1, 2, 3]})


def test_filters_are_the_parameters_that_slide() -> None:
    subject = lenet()
    pictures = found(filters(subject)).pictures
    assert [p.title for p in pictures] == ["c1.Conv.K · 6×1×5×5", "c3.Conv.K · 16×6×5×5", "c5.Conv.K · 120×16×5×5"]
    second = pictures[1]
    assert isinstance(second, Tiles) and second.per_row == 6 and second.omitted == 0
    assert np.allclose(second.images.reshape(16, 6, 5, 5), subject.net.params["c3.Conv.K"])


def test_filters_along_a_sequence_are_channels_by_points() -> None:
    text = "net N:\n    input x: real[3, 12]\n    param K[4, 3, 5] init glorot\n    y[o, t] = sum[c, u](K[o, c, u] * x[c, t+u])\n    loss l = sum(y)\n"
    net = netc.parse(text).build()
    (picture,) = found(filters(Subject(net, {"x": np.ones((2, 3, 12))}))).pictures
    assert isinstance(picture, Tiles) and picture.title == "K · 4×3×5"
    assert np.allclose(picture.images, net.params["K"])


def test_feature_maps_follow_the_image() -> None:
    subject = lenet()
    pictures = found(maps(subject)).pictures
    assert [p.title.split(" ")[0] for p in pictures] == ["image", "c1", "s2", "c3", "s4"]
    assert isinstance(pictures[3], Tiles)
    assert np.allclose(pictures[3].images, subject.net.evaluate(subject.inputs, "c3")["c3"][0])


def test_the_table_has_the_rows_of_check_and_their_ends() -> None:
    net = netc.parse("net N:\n    input x: real[4]\n    input y: class(2)\n    h = x -> Dense(6) -> relu\n    y ~ softmax(Dense(2)(h))\n").build(dtype="float64")
    rng = np.random.default_rng(2)
    inputs = {"x": rng.standard_normal((5, 4)), "y": rng.integers(0, 2, 5)}
    table = found(layers(Subject(net, inputs))).table
    assert table is not None and [r[0] for r in table.rows] == ["h"]
    value, slope = net.evaluate(inputs, "h")["h"], net.gradient(inputs, of="h").equations["h"]
    cells = dict(zip(table.header, table.rows[0], strict=False))
    assert (cells["output"], cells["params"], cells["zeros"]) == ("6", "30", f"{100 * (value == 0).mean():.0f}%")
    wanted = {"smallest": value.min(), "largest": value.max(), "smallest gradient": slope.min(), "largest gradient": slope.max(), "gradient norm": np.linalg.norm(slope)}
    assert {n: cells[n] for n in wanted} == {n: f"{v:.3g}" for n, v in wanted.items()}


def test_padding_is_in_no_table() -> None:
    net = netc.parse("net N:\n    input x: real[1..T]\n    h[t] = x[t] + 5\n    output y = sum(h)\n").build(dtype="float64")
    table = found(layers(Subject(net, {"x": [[1.0, 2.0, 3.0], [4.0]]}))).table
    assert table is not None and table.rows[0][4:7] == ("6", "9", "0%")
    assert sorted(table.strips[0].tolist()) == [6, 7, 8, 9]


def test_without_a_target_there_are_values_and_no_gradients() -> None:
    subject = Subject(spec_at("vision/lenet5.net").build(), {"image": np.zeros((1, 1, 32, 32))})
    section = found(layers(subject))
    assert section.table is not None and section.table.rows[0][7:] == ("–", "–", "–")
    assert section.about.endswith("Gradients need `digit`, which the input does not give.")


def test_what_needs_an_input_that_was_not_given_is_named() -> None:
    subject = Subject(spec_at("text/seq2seq_attention.net", Vx=6, Vy=5, E=3, H=4, A=3).build(), {"x": [[0, 1, 2, 3]]})
    assert [s.title for s in sections(subject)] == ["Gates", "Recurrent matrices", "Layers", "States"]
    assert subject.hidden.startswith("Not shown, as they need `y`: a, ")


def test_a_row_of_several_layers_is_opened() -> None:
    text = "net N:\n    input x: real[4]\n    z = x -> Dense(6) -> relu -> Dropout(0.5) -> Dense(3)\n    y = Dense(2)(z)\n    output g = sum(y)\n"
    net = netc.parse(text).build(dtype="float64")
    subject = Subject(net, {"x": np.ones((2, 4))})
    table = found(layers(subject)).table
    assert table is not None
    assert [r[:4] for r in table.rows[:3]] == [("z · Dense", "dense", "6", "30"), ("z", "2 × dense", "3", "51"), ("y", "dense", "2", "8")]
    assert np.allclose(subject.value(subject.layers[0].variable), net.evaluate({"x": np.ones((2, 4))}, "z.Dense.y")["z.Dense.y"])


def test_ranges_are_drawn_layer_by_layer() -> None:
    text = "net N:\n    input x: real[3]\n    input y: real\n    a = tanh(Dense(4)(x))\n    b = sum(a)\n    y ~ normal(b, 1)\n"
    net = netc.parse(text).build(dtype="float64")
    inputs = {"x": np.arange(6).reshape(2, 3) / 3, "y": np.array([1.0, -2.0])}
    section = found(layers(Subject(net, inputs)))
    values, slopes = section.pictures
    assert isinstance(values, Lines) and isinstance(slopes, Lines)
    assert values.x.labels == slopes.x.labels == ("a", "b")
    known, true = net.evaluate(inputs, ["a", "b"]), net.gradient(inputs, training=False, of=["a", "b"]).equations
    for k, name in enumerate(("a", "b")):
        drawn = {label: float(v[k]) for label, v in values.series}
        assert drawn == {"largest": known[name].max(), "mean": known[name].mean(), "smallest": known[name].min()}
        sizes = {label: float(v[k]) for label, v in slopes.series}
        assert np.isclose(sizes["largest"], np.abs(true[name]).max()) and np.isclose(sizes["root mean square"], np.sqrt((true[name] ** 2).mean()))


SEQUENCES = [p.name for p in (files("netc.specs") / "sequence").iterdir() if p.name.endswith(".net")]


@pytest.mark.parametrize("name", sorted(SEQUENCES))
def test_every_sequence_spec_can_be_looked_into(name: str) -> None:
    rng = np.random.default_rng(1)
    spec = spec_at(f"sequence/{name}")
    for net_name in spec.nets:
        net = spec[net_name].build()
        inputs = {}
        for v in net.inputs:
            shape = (3, *(5 if not a.known else a.points() for a in v.axes))
            inputs[v.name] = rng.integers(0, v.classes.points(), shape) if v.classes is not None else rng.uniform(0, 1, shape)
        subject = Subject(net, inputs)
        shown = {s.title for s in sections(subject)}
        assert "Layers" in shown
        assert ("Gates" in shown) == bool(subject.declared("gate"))
        assert ({"Gradients through time", "States"} <= shown) == bool(subject.recurrent)
