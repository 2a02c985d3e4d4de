"""Where boxes and lines of a picture are."""

from __future__ import annotations

from dataclasses import dataclass

from netc.compiler.drawing.graph import Edge


@dataclass(frozen=True)
class Box:
    """A node's place: the middle of its upper edge, and its size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def left(self) -> float:
        return self.x - self.width / 2

    @property
    def right(self) -> float:
        return self.x + self.width / 2

    @property
    def bottom(self) -> float:
        return self.y + self.height


@dataclass(frozen=True)
class Line:
    """The way of an edge: points at which it passes the layers, the first and last on the boxes."""

    edge: Edge
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Layout:
    """Where everything is."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
