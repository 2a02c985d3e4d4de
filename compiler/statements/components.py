"""Which nodes of a graph need each other."""

from __future__ import annotations

from collections.abc import Sequence


def components(needs: Sequence[Sequence[int]]) -> list[list[int]]:
    """Strongly connected components, needs first (Tarjan 1972, without recursion)."""
    number: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on: set[int] = set()
    found: list[list[int]] = []
    for root in range(len(needs)):
        if root in number:
            continue
        work = [(root, iter(needs[root]))]
        number[root] = low[root] = len(number)
        stack.append(root)
        on.add(root)
        while work:
            v, rest = work[-1]
            following = next(rest, None)
            if following is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[v])
                if low[v] == number[v]:
                    member = stack.pop()
                    component = [member]
                    while member != v:
                        member = stack.pop()
                        component.append(member)
                    on -= set(component)
                    found.append(sorted(component))
            elif following not in number:
                number[following] = low[following] = len(number)
                stack.append(following)
                on.add(following)
                work.append((following, iter(needs[following])))
            elif following in on:
                low[v] = min(low[v], number[following])
    return found
