"""The ways of lines that lead back up: past all boxes, each in a lane of its own."""

from __future__ import annotations

from collections.abc import Sequence

from netc.compiler.drawing.graph import Edge
from netc.compiler.drawing.places import Box, Line

_BESIDE = 20.0  # from the outermost box to the first lane
_LANE = 9.0  # between lanes
_LOOP = 16.0  # how far a line from a box to itself reaches out
_STEP = 11.0  # how far below or above its box a line turns, where others stand beside the box


def ways_back(edges: Sequence[Edge], boxes: Sequence[Box], forward: Sequence[Line]) -> list[Line]:
    """A line for each edge; short ones stand nearest to the boxes."""
    lanes: list[tuple[float, float, float]] = []  # place, and from where to where it is taken
    found: dict[Edge, Line] = {}
    for e in sorted(edges, key=lambda e: abs(boxes[e.start].y - boxes[e.end].y)):
        found[e] = Line(e, _loop(boxes[e.start]) if e.start == e.end else _way(boxes[e.start], boxes[e.end], boxes, forward, lanes))
    return [found[e] for e in edges]


def _loop(box: Box) -> tuple[tuple[float, float], ...]:
    begin, end, out = box.y + box.height * 2 / 3, box.y + box.height / 3, box.right + _LOOP
    return ((box.right, begin), (out, begin), (out, end), (box.right, end))


def _way(
    a: Box, b: Box, boxes: Sequence[Box], forward: Sequence[Line], lanes: list[tuple[float, float, float]]
) -> tuple[tuple[float, float], ...]:  # fmt: skip
    """Out of one side, on which fewer boxes stand in the way, and past all between; below or above those in the way."""
    right = len(_in_the_way(a, b, boxes, 1)) <= len(_in_the_way(a, b, boxes, -1))
    sign = 1 if right else -1
    leaving, arriving = _beside(a, boxes, sign), _beside(b, boxes, sign)
    below, above = max(box.bottom for box in boxes if box.y == a.y) + _STEP, b.y - _STEP
    begin = below if leaving else a.y + a.height * 2 / 3
    end = above if arriving else b.y + b.height / 3
    lane = _lane(begin, end, (a, b), boxes, forward, lanes, sign)
    first = ((a.x + sign * a.width / 4, a.bottom), (a.x + sign * a.width / 4, begin)) if leaving else ((a.x + sign * a.width / 2, begin),)
    last = ((b.x + sign * b.width / 4, end), (b.x + sign * b.width / 4, b.y)) if arriving else ((b.x + sign * b.width / 2, end),)
    return (*first, (lane, begin), (lane, end), *last)


def _in_the_way(a: Box, b: Box, boxes: Sequence[Box], sign: int) -> list[Box]:
    return [*_beside(a, boxes, sign), *_beside(b, boxes, sign)]


def _beside(box: Box, boxes: Sequence[Box], sign: int) -> list[Box]:
    """The boxes of the same row on one side."""
    return [other for other in boxes if other.y == box.y and sign * (other.x - box.x) > 0]


def _lane(
    begin: float, end: float, ends: Sequence[Box], boxes: Sequence[Box], forward: Sequence[Line], lanes: list[tuple[float, float, float]],
    sign: int,
) -> float:  # fmt: skip
    """A vertical place outside of everything between, where no other line goes back."""
    low, high = min(begin, end), max(begin, end)
    outer = [box.x + sign * box.width / 2 for box in (*ends, *(box for box in boxes if box.bottom >= low and box.y <= high))]
    outer += [x for line in forward for x, y in line.points if low <= y <= high]
    place = sign * max(sign * x for x in outer) + sign * _BESIDE
    while any(abs(place - x) < _LANE and low <= bottom and top <= high for x, top, bottom in lanes):
        place += sign * _LANE
    lanes.append((place, low, high))
    return place
