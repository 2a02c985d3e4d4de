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
    free, ends = dict[int, int](), dict[int, int]()  # gaps: the size of each by its offset, the offset by its end
    busy: list[tuple[int, int, int]] = []  # last step, offset, size
    end = 0
    for buffer in sorted(buffers, key=lambda b: (b.first, -b.elements)):
        while busy and busy[0][0] < buffer.first:
            _, offset, size = heappop(busy)
            _release(free, ends, offset, size)
        need = -(-max(buffer.elements, 1) * (4 if buffer.integer else itemsize) // ALIGNMENT) * ALIGNMENT
        size, offset = min([(size, offset) for offset, size in free.items() if size >= need], default=(0, end))
        if size:
            del free[offset], ends[offset + size]
            if size > need:
                free[offset + need], ends[offset + size] = size - need, offset + need
        elif end in ends:
            offset = ends.pop(end)
            del free[offset]
            end = offset + need
        else:
            offset, end = end, end + need
        buffer.offset = offset
        heappush(busy, (buffer.last, offset, need))
    return end


def _release(free: dict[int, int], ends: dict[int, int], offset: int, size: int) -> None:
    """Give space back, joined with its free neighbours."""
    if offset in ends:
        before = ends.pop(offset)
        offset, size = before, size + free.pop(before)
    if offset + size in free:
        behind = free.pop(offset + size)
        del ends[offset + size + behind]
        size += behind
    free[offset], ends[offset + size] = size, offset
