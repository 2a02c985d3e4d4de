"""An order in which statements can run: what is read comes first; otherwise the order in which they were made stays."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

from netc.compiler.statements.expressions import Variable
from netc.compiler.statements.program import Statement


def in_order(statements: Sequence[Statement]) -> list[Statement]:
    """All pieces of a variable before its readers."""
    writers: dict[Variable, list[int]] = {}
    for k, s in enumerate(statements):
        writers.setdefault(s.target, []).append(k)
    waiting: list[int] = []
    readers: list[list[int]] = [[] for _ in statements]
    for k, s in enumerate(statements):
        needed = {j for r in s.reads() for j in writers.get(r.variable, ()) if j != k}
        waiting.append(len(needed))
        for j in needed:
            readers[j].append(k)
    ready = [k for k, n in enumerate(waiting) if n == 0]
    heapq.heapify(ready)
    order: list[Statement] = []
    while ready:
        k = heapq.heappop(ready)
        order.append(statements[k])
        for j in readers[k]:
            waiting[j] -= 1
            if waiting[j] == 0:
                heapq.heappush(ready, j)
    if len(order) < len(statements):
        stuck = sorted({statements[k].target.name for k, n in enumerate(waiting) if n > 0})
        raise ValueError(f"no order for {', '.join(stuck[:8])}")
    return order
