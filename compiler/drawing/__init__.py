"""A net as a picture in text: SVG, Mermaid, dot, one file each. May import `counting` and what lies below it.

A picture is laid out here and needs no other program: nets are small graphs, drawn in layers.
"""

from __future__ import annotations

from netc.compiler.drawing.dot import dot
from netc.compiler.drawing.mermaid import mermaid
from netc.compiler.drawing.svg import svg

FORMATS = {"svg": svg, "mermaid": mermaid, "dot": dot}

__all__ = ["FORMATS"]
