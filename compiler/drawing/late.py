"""Which lines of a picture lead back: of those in a circle, the ones that read an earlier point of a length."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from netc.compiler.elaborate.model import Equation
from netc.compiler.statements.expressions import Affine, Read

Pair = tuple[int, int]


def reads_earlier(equation: Equation, read: Read) -> bool:
    """Whether another point is read than the one computed, `h[t-1]` for `h[t]`, or one that data pick, as a child in a tree."""
    at = {p.plain: p.const for p in equation.place if isinstance(p, Affine) and p.plain is not None}
    return any(not isinstance(i, Affine) or i.plain in at and at[i.plain] != i.const for i in read.indices)


def late(count: int, pairs: Collection[Pair], earlier: Collection[Pair]) -> set[Pair]:
    """Pairs without which there is no circle: those that read what came earlier, and where these do not suffice, any."""
    circle = _circles(count, pairs)
    found = {(a, b) for a, b in earlier if circle[a] == circle[b]}
    return found | _back(count, set(pairs) - found)


def _circles(count: int, pairs: Iterable[Pair]) -> list[frozenset[int]]:
    """For each node the nodes that it reaches and that reach it."""
    after: list[set[int]] = [set() for _ in range(count)]
    for a, b in pairs:
        after[a].add(b)
    reached = [_reached(k, after) for k in range(count)]
    return [frozenset({k} | {m for m in reached[k] if k in reached[m]}) for k in range(count)]


def _reached(first: int, after: list[set[int]]) -> set[int]:
    found, stack = set[int](), [first]
    while stack:
        following = after[stack.pop()] - found
        found |= following
        stack += following
    return found


def _back(count: int, pairs: Iterable[Pair]) -> set[Pair]:
    """Pairs that lead back to where a walk came from."""
    after: list[list[int]] = [[] for _ in range(count)]
    for a, b in sorted(pairs):
        after[a].append(b)
    found, done = set[Pair](), set[int]()
    for first in range(count):
        stack = [(first, iter(after[first]))] if first not in done else []
        path = {first}
        while stack:
            node, rest = stack[-1]
            following = next(rest, None)
            if following is None:
                done.add(node)
                path.discard(node)
                stack.pop()
            elif following in path:
                found.add((node, following))
            elif following not in done:
                path.add(following)
                stack.append((following, iter(after[following])))
    return found
