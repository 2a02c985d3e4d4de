"""SVG, Mermaid and dot as they are written."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import netc
import pytest
from netc import specs
from netc.compiler.diagnostics.error import NetcError
from netc.compiler.drawing import FORMATS
from netc.compiler.drawing.graph import Edge, Graph, Node

HERE = Path(__file__).parents[2] / "golden" / "drawings"
ODD = Graph(
    'a"<&>#\\',
    (Node("x'", "input", '1 < 2 & "3" #', "3", None), Node("h", "equation", "dense", "T×4", 16), Node("l", "loss", "loss", "1", None)),
    (Edge(0, 1), Edge(1, 1, True), Edge(1, 2)),
)


@pytest.mark.parametrize("form", FORMATS)
def test_lenet_is_drawn_as_written(form: str, golden: Callable[[Path, str], None]) -> None:
    spec = netc.parse(specs.source("vision/lenet_sigmoid.net"))
    golden(HERE / f"lenet_sigmoid.{form}", spec.draw(form))


def test_svg_is_well_formed_whatever_the_names() -> None:
    root = ElementTree.fromstring(FORMATS["svg"](ODD))
    space = "{http://www.w3.org/2000/svg}"
    assert root.findtext(f"{space}title") == ODD.title
    texts = [t.text for t in root.iter(f"{space}text")]
    assert texts == [ODD.title, "x'", '1 < 2 & "3" #', "3", "h", "dense", "T×4 · 16 parameters", "l", "loss", "1"]


def test_svg_asks_nothing_of_the_network_and_knows_dark_ground() -> None:
    text = FORMATS["svg"](ODD)
    assert text.count("http") == 1 and "prefers-color-scheme:dark" in text and "<script" not in text


def test_mermaid_and_dot_quote_what_they_must() -> None:
    assert FORMATS["mermaid"](ODD) == (
        "flowchart TD\n"
        "    n0([\"<b>x'</b><br/>1 #lt; 2 #amp; #quot;3#quot; #35;<br/>3\"])\n"
        '    n1["<b>h</b><br/>dense<br/>T×4 · 16 parameters"]\n'
        '    n2{{"<b>l</b><br/>loss<br/>1"}}\n'
        "    n0 --> n1\n"
        "    n1 -. earlier .-> n1\n"
        "    n1 --> n2\n"
    )
    assert FORMATS["dot"](ODD) == (
        'digraph "a\\"<&>#\\\\" {\n'
        '    node [fontname="monospace"];\n'
        "    n0 [shape=oval, label=\"x'\\n1 < 2 & \\\"3\\\" #\\n3\"];\n"
        '    n1 [shape=box, label="h\\ndense\\nT×4 · 16 parameters"];\n'
        '    n2 [shape=hexagon, label="l\\nloss\\n1"];\n'
        "    n0 -> n1;\n"
        "    n1 -> n1 [style=dashed, constraint=false];\n"
        "    n1 -> n2;\n"
        "}\n"
    )


def test_an_unknown_format_is_a_problem_with_a_suggestion() -> None:
    spec = netc.parse("net N:\n    input x: real[3]\n    y = Dense(2)(x)\n")
    with pytest.raises(NetcError, match="there is no picture format `svgg`") as caught:
        spec.draw("svgg")
    assert caught.value.problems[0].diagnose().help == "did you mean `svg`? the formats are `svg`, `mermaid`, `dot`"


def test_a_wrong_net_is_not_drawn() -> None:
    with pytest.raises(NetcError, match="nothing is called `z` here"):
        netc.parse("net N:\n    input x: real[3]\n    y = z + x\n").draw()
