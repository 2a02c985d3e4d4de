"""Boxes and lines in the plane: layers from top to bottom, each node below all that it reads.

After Sugiyama, Tagawa, Toda 1981: layers by longest path, order by means of neighbours, places by least squares.
"""

from __future__ import annotations

from collections.abc import Sequence

from netc.compiler.drawing.back import ways_back
from netc.compiler.drawing.graph import Edge, Graph
from netc.compiler.drawing.places import Box, Layout, Line

_ACROSS, _DOWN = 28.0, 34.0  # gaps between boxes
_SWEEPS = 8


def lay_out(graph: Graph, sizes: Sequence[tuple[float, float]]) -> Layout:
    """Places for boxes of the given sizes."""
    forward = [e for e in graph.edges if not e.back]
    rank = _ranks(len(sizes), forward)
    widths = [w for w, _ in sizes]
    chains: list[list[int]] = []  # the nodes of each edge: its ends, and one of no width in each layer that it crosses
    for e in forward:
        between = list(range(len(rank), len(rank) + rank[e.end] - rank[e.start] - 1))
        rank += range(rank[e.start] + 1, rank[e.end])
        widths += [0.0] * len(between)
        chains.append([e.start, *between, e.end])
    layers: list[list[int]] = [[] for _ in range(max(rank, default=0) + 1)]
    for node, r in enumerate(rank):
        layers[r].append(node)
    above: list[list[int]] = [[] for _ in rank]
    below: list[list[int]] = [[] for _ in rank]
    for chain in chains:
        for a, b in zip(chain, chain[1:], strict=False):
            above[b].append(a)
            below[a].append(b)
    layers = _ordered(layers, above, below)
    x = _across(layers, above, below, widths)
    y, bottom = _down(layers, sizes)
    boxes = [Box(x[k], y[rank[k]], w, h) for k, (w, h) in enumerate(sizes)]
    lines = [
        Line(e, (*_left(boxes[e.start], bottom[rank[e.start]]), *_crossed(chain, rank, x, y, bottom), (x[e.end], boxes[e.end].y)))
        for e, chain in zip(forward, chains, strict=True)
    ]
    lines += ways_back([e for e in graph.edges if e.back], boxes, lines)
    return _from_zero(boxes, lines, max(bottom, default=0.0))


def _from_zero(boxes: Sequence[Box], lines: Sequence[Line], height: float) -> Layout:
    """Moved so that the leftmost and the uppermost point are at 0."""
    across = [q for b in boxes for q in (b.left, b.right)] + [x for line in lines for x, _ in line.points]
    down = [0.0, height, *(y for line in lines for _, y in line.points)]
    left, right, top = min(across, default=0.0), max(across, default=0.0), min(down)
    return Layout(
        right - left, max(down) - top, tuple(Box(b.x - left, b.y - top, b.width, b.height) for b in boxes),
        tuple(Line(line.edge, tuple((x - left, y - top) for x, y in line.points)) for line in lines),
    )  # fmt: skip


def _ranks(count: int, edges: Sequence[Edge]) -> list[int]:
    """Longest path from the top; what reads nothing stands just above its first reader."""
    after: list[list[int]] = [[] for _ in range(count)]
    waiting = [0] * count
    for e in edges:
        after[e.start].append(e.end)
        waiting[e.end] += 1
    rank = [0] * count
    sources = [k for k in range(count) if not waiting[k]]
    ready = list(sources)
    while ready:
        node = ready.pop()
        for following in after[node]:
            rank[following] = max(rank[following], rank[node] + 1)
            waiting[following] -= 1
            if not waiting[following]:
                ready.append(following)
    for k in sources:
        if after[k]:
            rank[k] = min(rank[f] for f in after[k]) - 1
    return rank


def _ordered(layers: list[list[int]], above: list[list[int]], below: list[list[int]]) -> list[list[int]]:
    """Each layer by the mean place of its neighbours, down and up in turn; the order with the fewest crossings stays."""
    best, least = layers, _crossings(layers, below)
    for sweep in range(_SWEEPS):
        if least == 0:
            break
        layers = [list(layer) for layer in layers]
        near = above if sweep % 2 == 0 else below
        for r in range(1, len(layers)) if sweep % 2 == 0 else range(len(layers) - 2, -1, -1):
            beside = {node: k for k, node in enumerate(layers[r - 1 if sweep % 2 == 0 else r + 1])}
            own = {node: k for k, node in enumerate(layers[r])}
            mean = {n: sum(beside[m] for m in near[n]) / len(near[n]) if near[n] else own[n] for n in layers[r]}
            layers[r].sort(key=lambda n: (mean[n], own[n]))  # noqa: B023 - used at once
        crossings = _crossings(layers, below)
        if crossings < least:
            best, least = layers, crossings
    return best


def _crossings(layers: list[list[int]], below: list[list[int]]) -> int:
    count = 0
    for upper, lower in zip(layers, layers[1:], strict=False):
        place = {node: k for k, node in enumerate(lower)}
        ends = [place[m] for n in upper for m in sorted(below[n], key=place.__getitem__)]
        count += sum(a > b for k, a in enumerate(ends) for b in ends[k + 1 :])
    return count


def _across(layers: list[list[int]], above: list[list[int]], below: list[list[int]], widths: Sequence[float]) -> list[float]:
    """Middles of all nodes: each near the mean of its neighbours, none nearer to the next one than the gap."""
    x = [0.0] * len(widths)
    for layer in layers:
        for k, node in enumerate(layer):
            x[node] = x[layer[k - 1]] + _apart(widths, layer[k - 1], node) if k else 0.0
    for sweep in range(2 * _SWEEPS):
        near = above if sweep % 2 == 0 else below
        for layer in layers if sweep % 2 == 0 else layers[::-1]:
            wanted = [sum(x[m] for m in near[n]) / len(near[n]) if near[n] else x[n] for n in layer]
            gaps = [_apart(widths, a, b) for a, b in zip(layer, layer[1:], strict=False)]
            for node, place in zip(layer, _spread(wanted, gaps), strict=True):
                x[node] = place
    return x


def _apart(widths: Sequence[float], a: int, b: int) -> float:
    return (widths[a] + widths[b]) / 2 + _ACROSS


def _spread(wanted: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """The places nearest to those wanted (least squares) that keep order and gaps: neighbours that clash are pooled."""
    offsets = [0.0]
    for gap in gaps:
        offsets.append(offsets[-1] + gap)
    pools: list[tuple[float, int]] = []  # mean, how many
    for want, offset in zip(wanted, offsets, strict=False):
        mean, count = want - offset, 1
        while pools and pools[-1][0] > mean:
            other, n = pools.pop()
            mean, count = (mean * count + other * n) / (count + n), count + n
        pools.append((mean, count))
    means = [mean for mean, count in pools for _ in range(count)]
    return [m + o for m, o in zip(means, offsets, strict=False)]


def _down(layers: list[list[int]], sizes: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    tops, bottoms, y = [], [], 0.0
    for layer in layers:
        tops.append(y)
        y += max((sizes[n][1] for n in layer if n < len(sizes)), default=0.0)
        bottoms.append(y)
        y += _DOWN
    return tops, bottoms


def _left(box: Box, bottom: float) -> tuple[tuple[float, float], ...]:
    """Out of a box and straight down past the higher ones beside it."""
    return ((box.x, box.bottom), (box.x, bottom))


def _crossed(
    chain: Sequence[int], rank: Sequence[int], x: Sequence[float], y: Sequence[float], bottom: Sequence[float]
) -> list[tuple[float, float]]:
    """Where a long edge enters and leaves each layer between its ends."""
    return [p for n in chain[1:-1] for p in ((x[n], y[rank[n]]), (x[n], bottom[rank[n]]))]
