"""Pictures: their pixels, their scales, and what stands at their axes."""

from __future__ import annotations

import base64
import io
from xml.etree import ElementTree

import netc
import numpy as np
import pytest
from netc.runtime.charts import svg
from netc.runtime.charts.marks import pixels, png, points, steps, symbol
from netc.runtime.charts.model import Axis, Heat, Lines, Tiles

SVG = "{http://www.w3.org/2000/svg}"


def texts(picture: Heat | Lines | Tiles) -> list[str]:
    return [e.text or "" for e in ElementTree.fromstring(svg(picture)).iter(f"{SVG}text")]


def test_a_png_holds_the_pixels() -> None:
    image = pytest.importorskip("PIL.Image")
    given = np.random.default_rng(0).integers(0, 256, (5, 7, 4)).astype(np.uint8)
    assert np.array_equal(np.asarray(image.open(io.BytesIO(png(given)))), given)


def test_symbols_are_seen() -> None:
    assert [symbol(s) for s in (" ", "\n", "\t", "a", "internationalisation")] == ["␣", "↵", "⇥", "a", "international…"]


@pytest.mark.parametrize("low, high", [(0, 1), (-3, 7), (0, 1e-9), (5, 5), (0, 12345), (-1e6, 1e6)])
def test_steps_are_few_and_inside(low: float, high: float) -> None:
    found = steps(low, high)
    assert 1 <= len(found) <= 6
    assert all(low - 1e-9 * abs(low) <= s <= high + 1e-9 * abs(high) for s in found)


def test_numbers_at_an_axis_begin_with_its_first_point() -> None:
    assert points(Axis("t", 1), 3, 300) == [(0, "1"), (1, "2"), (2, "3")]
    assert points(Axis("t", 0, ("a", " ")), 2, 10) == [(0, "a"), (1, "␣")]
    assert points(Axis("t", 4), 1, 300) == [(0, "4")]


def test_a_map_names_its_axes_and_its_scale() -> None:
    found = texts(Heat("gate & co", np.eye(3), Axis("unit"), Axis("x", 1, ("<", "e", "e")), line=np.ones(3)))
    assert found[0] == "gate & co"
    assert {"unit", "x", "<", "e", "mean", "0", "1"} <= set(found)


def test_a_long_title_breaks_where_a_point_parts_it() -> None:
    short = svg(Heat("a · sample 1", np.eye(3), Axis("s"), Axis("t")))
    tall = svg(Heat("y.Block[0].m.CausalSelfAttention.a · head 1 · sample 1", np.eye(3), Axis("s"), Axis("t")))
    found = [e.text for e in ElementTree.fromstring(tall).iter(f"{SVG}text") if e.get("class") == "title"]
    assert found == ["y.Block[0].m.CausalSelfAttention.a", "head 1 · sample 1"]
    heights = [float(ElementTree.fromstring(t).get("height", "0")) for t in (short, tall)]
    assert heights[1] - heights[0] == 16


def test_colours_by_the_root_show_small_values() -> None:
    image = pytest.importorskip("PIL.Image")

    def opacity(root: bool) -> list[int]:
        data = pixels(np.array([[0.0, 0.01, 1.0]]), 0, 1, root).partition(",")[2]
        return [int(v) for v in np.asarray(image.open(io.BytesIO(base64.b64decode(data))))[0, :, 3]]

    assert opacity(False) == [0, 3, 255]
    assert opacity(True) == [0, 26, 255]


def test_only_labels_without_room_are_turned() -> None:
    picture = Heat("a", np.ones((1, 3)), Axis("s"), Axis("y", 1, ("2", "0", "<eos>")))
    turned = {e.text for e in ElementTree.fromstring(svg(picture)).iter(f"{SVG}text") if e.get("transform")}
    assert turned == {"<eos>", "s"}


def test_a_logarithmic_scale_leaves_zeros_out_and_breaks_the_line() -> None:
    values = np.array([1e-3, 1e-2, 0.0, 1.0, 10.0])
    root = ElementTree.fromstring(svg(Lines("n", (("a", values),), Axis("t"), "norm", log=True)))
    (path,) = [e.get("d") or "" for e in root.iter(f"{SVG}path") if e.get("class") == "line"]
    assert path.count("M") == 2 and path.count("L") == 2
    assert {"0.001", "0.1", "10"} <= set(texts(Lines("n", (("a", values),), Axis("t"), "norm", log=True)))


SPANS = [
    ([0.94, 0.92], {"0.6", "0.8", "1"}),
    ([83.0, 44.0], {"50", "100"}),
    ([0.05, 5e-4], {"0.0005", "0.001", "0.005", "0.01", "0.05"}),
    ([3.0, 1e-5], {"1e-05", "0.1"}),
]


@pytest.mark.parametrize(("values", "rules"), SPANS)
def test_a_logarithmic_scale_has_rules_however_little_it_spans(values: list[float], rules: set[str]) -> None:
    assert rules <= set(texts(Lines("n", (("a", np.array(values)),), Axis("t"), "loss", log=True)))


@pytest.mark.parametrize("values", [[], [0.0], [np.nan, np.inf], [5.0, 5.0], [-1.0, 1.0]])
@pytest.mark.parametrize("log", [False, True])
def test_any_numbers_make_a_picture(values: list[float], log: bool) -> None:
    ElementTree.fromstring(svg(Lines("n", (("a", np.array(values)),), Axis("t"), "y", log=log)))


def test_tiles_say_how_many_are_left_out() -> None:
    assert texts(Tiles("k", np.zeros((4, 3, 3)), 2, 0.5, 12))[-1] == "-0.5 to 0.5 · and 12 more"


def test_traces_runs_and_specs_show_themselves_in_a_notebook() -> None:
    spec = netc.parse("net N:\n    input x: real[3]\n    input y: class(2)\n    gate g = sigmoid(Dense(4)(x))\n    y ~ softmax(Dense(2)(g))\n")
    with spec.build().trace() as t:
        assert "nothing has passed yet" in t._repr_html_()
    net = spec.build()
    with net.trace() as t:
        net(np.zeros((2, 3)))
    assert "1 call · g 2×4" in t._repr_html_() and t._repr_html_().count("<svg") == 1
    run = netc.train(spec, data={"x": np.zeros((8, 3)), "y": [0, 1] * 4}, epochs=2)
    assert "arrays · 2 epochs · finished" in run._repr_html_()
    assert spec._repr_html_().startswith('<img style="max-width:100%" alt="the net N" src="data:image/svg+xml;base64,')
    assert netc.parse("net N:\n    y = <z\n")._repr_html_().startswith("<pre>error[")
    assert netc.diff(spec, spec)._repr_html_() == "<pre>no difference</pre>"
    shown = [repr(x) for x in (spec, net, t)]
    assert shown == ["<spec spec.net: N>", "<net N: 26 parameters, float32, numpy>", "<trace: 1 call · g 2×4>"]
    assert repr(run) == "<run of N: arrays · 2 epochs · finished>"
