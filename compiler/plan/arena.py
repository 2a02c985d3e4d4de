"""Where buffers lie: those that are never needed at the same time share space."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush

from netc.compiler.plan.model import Buffer

ALIGNMENT = 64


def place(buffers: Iterable[Buffer], itemsize: int) -> int:
    """Set the offset of each arena buffer; the bytes of the whole.

    In order of first use; each takes the smallest free gap that fits, else the end (best fit).
    """
    free: list[tuple[int, int]] = []  # offset, size
    busy: list[tuple[int, int, int]] = []  # last step, offset, size
    end = 0
    for buffer in sorted(buffers, key=lambda b: (b.first, -b.elements)):
        while busy and busy[0][0] < buffer.first:
            _, offset, size = heappop(busy)
            _release(free, offset, size)
        need = -(-max(buffer.elements, 1) * (4 if buffer.integer else itemsize) // ALIGNMENT) * ALIGNMENT
        fitting = [(size, offset) for offset, size in free if size >= need]
        if fitting:
            size, offset = min(fitting)
            free.remove((offset, size))
            if size > need:
                free.append((offset + need, size - need))
        elif free and (tail := max(free))[0] + tail[1] == end:
            free.remove(tail)
            offset, end = tail[0], tail[0] + need
        else:
            offset, end = end, end + need
        buffer.offset = offset
        heappush(busy, (buffer.last, offset, need))
    return end


def _release(free: list[tuple[int, int]], offset: int, size: int) -> None:
    """Give space back, joined with its free neighbours."""
    for gap in list(free):
        if gap[0] + gap[1] == offset:
            free.remove(gap)
            offset, size = gap[0], gap[1] + size
        elif offset + size == gap[0]:
            free.remove(gap)
            size += gap[1]
    free.append((offset, size))
