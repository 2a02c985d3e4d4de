"""The page is one file that asks for nothing and escapes what it shows."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import netc
import numpy as np
from netc.runtime.inspect import image, sections
from netc.runtime.inspect.page import page
from netc.runtime.inspect.subject import Subject

SPEC = """
net N:
    input x: class(3)[1..T]
    h[0] = 0
    param U[4, 4], E[3, 4] init normal(0, 1)
    gate g[t] = sigmoid(E[x[t]] + U @ h[t-1])
    h[t] = g[t] * h[t-1] + (1 - g[t])
    attention a[t, s] = softmax[s](h[t] @ h[s])
    c[t] = sum[s](a[t, s] * h[s])
    z[t] = Dense(3)(c[t])
    x[t+1] ~ softmax(z[t])
"""
LABELS = {"x": ("<script>", "&", "\x01")}


def subject() -> Subject:
    return Subject(netc.parse(SPEC).build(dtype="float64"), {"x": [[0, 1, 2, 1]]}, LABELS)


def test_nothing_is_fetched_and_nothing_runs() -> None:
    text = page("a <b>", "about & more", sections(subject()))
    assert "<script" not in text and "<link" not in text and "@import" not in text
    assert set(re.findall(r'(?:href|src)="([^"]{0,5})', text)) <= {"data:", *(f"#s{k}" for k in range(9))}
    assert "a &lt;b&gt;" in text and "about &amp; more" in text and "&lt;script&gt;" in text
    assert "default-src 'none'" in text and "prefers-color-scheme:dark" in text and "width=device-width" in text


def test_every_picture_is_well_formed_and_says_what_it_shows() -> None:
    text = page("N", "", sections(subject()))
    drawn = re.findall(r"<svg.*?</svg>", text, re.S)
    assert len(drawn) > 6
    for svg in drawn:
        root = ElementTree.fromstring(svg)
        names = [e.tag.rsplit("}", 1)[-1] for e in root]
        assert names[:2] == ["title", "desc"] and root[1].text
        width = float(root.get("width", "0"))
        beyond = [e for e in root.iter() if e.tag.endswith("}rect") and float(e.get("x", "0")) + float(e.get("width", "0")) > width + 0.5]
        assert not beyond


def test_a_net_without_anything_to_see_says_so() -> None:
    net = netc.parse("net N:\n    input x: class(3)\n    output y = x\n").build()
    found = sections(Subject(net, {"x": [1]}))
    assert not found and "There is nothing to see in this net." in page("N", "", found)


def test_the_same_sections_make_a_png(tmp_path) -> None:  # type: ignore[no-untyped-def]
    from netc.compiler.source.text import Source, Span

    span = Span(Source("command line", "x.png"), 0, 5)
    assert image.write(tmp_path / "x.png", "N", sections(subject()), span) == 0
    data = (tmp_path / "x.png").read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) > 20_000


def test_values_that_are_not_finite_are_drawn() -> None:
    net = netc.parse("net N:\n    input x: real[3]\n    gate g = sigmoid(x)\n    y = log(x)\n    output z = sum(y)\n").build(dtype="float64")
    text = page("N", "", sections(Subject(net, {"x": np.array([[0.0, 1.0, -1.0]])})))
    assert text.count('<td class="right">nan</td>') == 2  # the mean and the spread of log(-1)
