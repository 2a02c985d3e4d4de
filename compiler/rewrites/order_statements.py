"""An order of statements: what is read comes first; otherwise the order in which they were made stays."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

from netc.compiler.statements.components import components
from netc.compiler.statements.expressions import Variable
from netc.compiler.statements.program import Statement


def in_groups(statements: Sequence[Statement]) -> list[list[Statement]]:
    """All pieces of a variable before its readers; statements that need each other are one group."""
    writers: dict[Variable, list[int]] = {}
    for k, s in enumerate(statements):
        writers.setdefault(s.target, []).append(k)
    needs = [sorted({j for r in s.reads() for j in writers.get(r.variable, ())}) for s in statements]
    parts = components(needs)
    owner = {k: n for n, c in enumerate(parts) for k in c}
    outer = [sorted({owner[j] for k in c for j in needs[k]} - {n}) for n, c in enumerate(parts)]
    return [[statements[k] for k in sorted(parts[n])] for n in topological(outer, [min(c) for c in parts])]


def recurrent_groups(statements: Sequence[Statement]) -> list[list[Statement]]:
    """The groups of statements that need each other, or themselves at another point."""
    return [g for g in in_groups(statements) if len(g) > 1 or any(r.variable is g[0].target for r in g[0].reads())]


def topological(needs: Sequence[Sequence[int]], rank: Sequence[int] | None = None) -> list[int]:
    """Nodes of a graph without circles, needs first, by rank where there is a choice."""
    rank = range(len(needs)) if rank is None else rank
    waiting = [len(n) for n in needs]
    readers: list[list[int]] = [[] for _ in needs]
    for k, n in enumerate(needs):
        for j in n:
            readers[j].append(k)
    ready = [(rank[k], k) for k, n in enumerate(waiting) if n == 0]
    heapq.heapify(ready)
    found: list[int] = []
    while ready:
        _, k = heapq.heappop(ready)
        found.append(k)
        for j in readers[k]:
            waiting[j] -= 1
            if waiting[j] == 0:
                heapq.heappush(ready, (rank[j], j))
    return found
