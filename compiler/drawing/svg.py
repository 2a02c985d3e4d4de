"""SVG: one file, readable on light and on dark ground, that asks nothing of the network."""

from __future__ import annotations

import math
from collections.abc import Sequence

from netc.compiler.diagnostics.render.text import width_of
from netc.compiler.drawing.graph import Graph, Node
from netc.compiler.drawing.layout import lay_out
from netc.compiler.drawing.places import Box, Line

_MARGIN = 18
_TITLE = 30
_NAME, _TEXT = 8.2, 7.3  # width of a character in the name and below it (a monospaced face, so that boxes fit anywhere)
_LINE, _PAD = 17, 11
_CORNER = 6.0
_STYLE = """
svg{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.ground{fill:#fff}.title{font-size:14px;font-weight:600;fill:#1f2933}
.name{font-size:13.5px;font-weight:600;fill:#1f2933}.text{font-size:12px;fill:#52606d}
rect.node{stroke-width:1.3}.edge{fill:none;stroke:#7b8794;stroke-width:1.4}.head{fill:#7b8794}.back{stroke-dasharray:5 4}
.input{fill:#e3f5ec;stroke:#2f8f63}.equation{fill:#f5f7fa;stroke:#9aa5b1}.weights{fill:#e6f0fd;stroke:#3a78c3}
.likelihood,.loss{fill:#fdeee0;stroke:#c8732b}.metric{fill:#fff;stroke:#c8732b;stroke-dasharray:4 3}
@media(prefers-color-scheme:dark){
.ground{fill:#15191e}.title,.name{fill:#e8edf2}.text{fill:#a9b4c0}.edge{stroke:#8a96a3}.head{fill:#8a96a3}
.input{fill:#143226;stroke:#46b384}.equation{fill:#20262d;stroke:#5d6975}.weights{fill:#172a44;stroke:#5b97e0}
.likelihood,.loss{fill:#3a2614;stroke:#dd8a45}.metric{fill:#15191e;stroke:#dd8a45}
}"""


def svg(graph: Graph) -> str:
    """The picture of a net."""
    layout = lay_out(graph, [_size(n) for n in graph.nodes])
    width = max(layout.width, width_of(graph.title) * _NAME) + 2 * _MARGIN
    height = layout.height + _TITLE + 2 * _MARGIN
    shift = (width - 2 * _MARGIN - layout.width) / 2 + _MARGIN
    described = "; ".join(f"{n.name}: {', '.join(n.lines)}" for n in graph.nodes)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}" role="img">',
            f"<title>{_escaped(graph.title)}</title>",
            f"<desc>{_escaped(described)}</desc>",
            f"<style>{_STYLE}\n</style>",
            '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
            '<path class="head" d="M0 0.8 7.2 4 0 7.2z"/></marker></defs>',
            f'<rect class="ground" width="{width:.0f}" height="{height:.0f}"/>',
            f'<text class="title" x="{width / 2:.1f}" y="{_MARGIN + 12}" text-anchor="middle">{_escaped(graph.title)}</text>',
            f'<g transform="translate({shift:.1f} {_MARGIN + _TITLE})">',
            *(_line(line) for line in layout.lines),
            *(_box(n, b) for n, b in zip(graph.nodes, layout.boxes, strict=True)),
            "</g>",
            "</svg>\n",
        ]
    )


def _size(node: Node) -> tuple[float, float]:
    wide = max([width_of(node.name) * _NAME, *(width_of(t) * _TEXT for t in node.lines)])
    return wide + 2 * _PAD + 4, (1 + len(node.lines)) * _LINE + 2 * _PAD - 4


def _box(node: Node, box: Box) -> str:
    kind = "weights" if node.kind == "equation" and node.params else node.kind
    texts = [f'<text class="name" x="{box.x:.1f}" y="{box.y + _PAD + 11:.1f}" text-anchor="middle">{_escaped(node.name)}</text>']
    for k, text in enumerate(node.lines, 1):
        y = box.y + _PAD + 11 + k * _LINE
        texts.append(f'<text class="text" x="{box.x:.1f}" y="{y:.1f}" text-anchor="middle">{_escaped(text)}</text>')
    rect = f'<rect class="node {kind}" x="{box.left:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="7"/>'
    return f"<g>{rect}{''.join(texts)}</g>"


def _line(line: Line) -> str:
    (x, y), *rest = line.points
    if line.edge.back:
        return f'<path class="edge back" d="{_rounded(line.points)}" marker-end="url(#head)"/>'
    path = f"M{x:.1f} {y:.1f}"
    for k, (a, b) in enumerate(rest):
        middle = (y + b) / 2
        through = k % 2 == 0  # through a layer the line is straight, between layers it bends
        if (a, b) != (x, y):
                path += f"L{a:.1f} {b:.1f}" if through or a == x else f"C{x:.1f} {middle:.1f} {a:.1f} {middle:.1f} {a:.1f} {b:.1f}"
        x, y = a, b
    return f'<path class="edge" d="{path}" marker-end="url(#head)"/>'


def _rounded(points: Sequence[tuple[float, float]]) -> str:
    """Straight pieces with round corners."""
    path = "M{:.1f} {:.1f}".format(*points[0])
    for before, at, after in zip(points, points[1:], points[2:], strict=False):
        near = [_towards(at, other) for other in (before, after)]
        path += "L{:.1f} {:.1f}Q{:.1f} {:.1f} {:.1f} {:.1f}".format(*near[0], *at, *near[1])
    return path + "L{:.1f} {:.1f}".format(*points[-1])


def _towards(at: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    length = math.dist(at, other)
    part = min(_CORNER, length / 2) / length if length else 0.0
    return at[0] + part * (other[0] - at[0]), at[1] + part * (other[1] - at[1])


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
