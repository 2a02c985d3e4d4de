"""Which lines of a picture lead back: of those in a circle, the ones that read an earlier point of a length."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum

from netc.compiler.elaborate.model import Equation
from netc.compiler.statements.domains import Extent
from netc.compiler.statements.expressions import Affine, Read

Pair = tuple[int, int]


class When(IntEnum):
    """Which point is read, as seen from the one that is computed."""

    NOW = 0
    BESIDE = 1  # another one of an axis of fixed size: a part of a join, the layer below, what comes before among so many
    EARLIER = 2  # another one of a length, `h[t-1]` for `h[t]`, or one that data pick, as a child in a tree


def when(equation: Equation, read: Read) -> When:
    """Where a read stands on the axes that it has in common with what is computed."""
    at = {p.plain: p.const for p in equation.place if isinstance(p, Affine) and p.plain is not None}
    found = When.NOW
    for i, axis in zip(read.indices, read.variable.axes, strict=True):
        if not isinstance(i, Affine):
            return When.EARLIER
        if i.plain in at and at[i.plain] != i.const:
            found = max(found, When.EARLIER if isinstance(axis.hi, Extent) else When.BESIDE)
    return found


def late(count: int, pairs: Mapping[Pair, When]) -> set[Pair]:
    """Pairs without which there is no circle: those that read what came earlier, and where these do not suffice, more."""
    circle = _circles(count, pairs)
    found = set[Pair]()
    for least in (When.EARLIER, When.BESIDE):
        found = {(a, b) for (a, b), point in pairs.items() if point >= least and circle[a] == circle[b]}
        if not _back(count, set(pairs) - found):
            return found
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
