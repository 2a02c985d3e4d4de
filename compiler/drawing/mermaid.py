"""Mermaid: a flowchart that Markdown pages draw."""

from __future__ import annotations

from netc.compiler.drawing.graph import Graph, Node

_SHAPES = {"input": ("([", "])"), "loss": ("{{", "}}"), "likelihood": ("{{", "}}"), "metric": ("[/", "/]"), "equation": ("[", "]")}


def mermaid(graph: Graph) -> str:
    """The net as a Mermaid flowchart, from top to bottom."""
    nodes = [f"    n{k}{_shape(n)}" for k, n in enumerate(graph.nodes)]
    edges = [f"    n{e.start} {'-. earlier .->' if e.back else '-->'} n{e.end}" for e in graph.edges]
    return "\n".join(["flowchart TD", *nodes, *edges]) + "\n"


def _shape(node: Node) -> str:
    opening, closing = _SHAPES[node.kind]
    text = "<br/>".join([f"<b>{_escaped(node.name)}</b>", *map(_escaped, node.lines)])
    return f'{opening}"{text}"{closing}'


def _escaped(text: str) -> str:
    """Mermaid writes characters as `#name;`."""
    return text.replace("#", "#35;").replace("&", "#amp;").replace("<", "#lt;").replace(">", "#gt;").replace('"', "#quot;")
