"""dot: the graph language of Graphviz, for those who have it."""

from __future__ import annotations

from netc.compiler.drawing.graph import Graph

_SHAPES = {"input": "oval", "loss": "hexagon", "likelihood": "hexagon", "metric": "hexagon", "equation": "box"}


def dot(graph: Graph) -> str:
    """The net as a directed graph."""
    nodes = [f"    n{k} [shape={_SHAPES[n.kind]}, label={_quoted(chr(10).join([n.name, *n.lines]))}];" for k, n in enumerate(graph.nodes)]
    edges = [f"    n{e.start} -> n{e.end}{' [style=dashed, constraint=false]' if e.back else ''};" for e in graph.edges]
    return "\n".join([f"digraph {_quoted(graph.title)} {{", '    node [fontname="monospace"];', *nodes, *edges, "}"]) + "\n"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
