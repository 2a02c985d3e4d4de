"""Samples side by side: where windows slide over small pictures, a tile has as many samples as a vector has lanes.

Every element is then a vector; weights are numbers that all samples share. Nothing is copied for a window, and a table of
connections costs nothing. Sums are kept in registers, a block of neighbours at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace

from netc.compiler.kernels.language.loops import If, Line, Loop, Node
from netc.compiler.kernels.language.storage import ROWS, Storage
from netc.compiler.kernels.language.text import Texts
from netc.compiler.schedule import Item, Scan
from netc.compiler.statements.domains import BATCH_LENGTH, Length
from netc.compiler.statements.expressions import (
    BATCH,
    Affine,
    Apply,
    Expr,
    Index,
    Kind,
    Read,
    Variable,
    affine,
    free_indices,
    map_reads,
)
from netc.compiler.statements.program import Operation, Statement

_WIDE = 256  # windows of so many numbers are summed two to nine times as fast as by gathering them (`contractions`)
_WIDER = 640  # up to here half as fast again, if every thread has whole tiles; from about a thousand on gathering is better
_REGISTERS = {16: 25, 8: 12, 4: 12, 2: 12}  # sums at once, by the lanes of a vector


def suits(items: Sequence[Item], lengths: Mapping[Length, int], lanes: int, threads: int) -> bool:
    """Whether samples go side by side: small windows over pictures, no recurrence, and enough samples."""
    batch = lengths[BATCH_LENGTH]
    if 2 * batch < lanes or any(isinstance(item, Scan) for item in items):
        return False
    windows = [s for s in items if isinstance(s, Statement) and slides(s)]
    most = _WIDER if batch >= 2 * lanes * threads else _WIDE
    return bool(windows) and all(_points(s, lengths) <= most for s in windows)


def slides(s: Statement) -> bool:
    """Whether a sum of products reads a window that moves."""
    if s.operation is not Operation.SUM or not s.target.per_sample or len(s.reads()) != 2:
        return False
    return any(r.variable.per_sample and any(isinstance(p, Affine) and sum(i.domain.size != 1 for i in p.indices) > 1 for p in r.indices) for r in s.reads())


def _points(s: Statement, lengths: Mapping[Length, int]) -> int:
    total = 1
    for i in s.over:
        total *= i.domain.points(lengths)
    return total


def with_copies(items: Sequence[Item]) -> list[Item]:
    """What comes sample after sample is first laid side by side."""
    copies: dict[Variable, Variable] = {}
    found: list[Item] = []

    def read(r: Read) -> Read:
        v = r.variable
        if not v.per_sample or v.kind not in (Kind.INPUT, Kind.RANDOM) or not v.axes:
            return r
        if v not in copies:
            copies[v] = copy = Variable(f"{v.name} side by side", v.axes, type=v.type, per_sample=True)
            indices = tuple(Index(f"i{k}", a) for k, a in enumerate(v.axes))
            places = tuple(affine(i) for i in indices)
            found.append(Statement(copy, places, indices, Read(v, places)))
        return Read(copies[v], r.indices)

    for item in items:
        if isinstance(item, Statement):
            found.append(_reading(item, read))
        else:
            found.append(item)
    return found


def _reading(s: Statement, read: Callable[[Read], Read]) -> Statement:
    condition = None if s.condition is None else map_reads(s.condition, read)
    place = tuple(p if isinstance(p, Affine) else read(p) for p in s.place)
    return replace(s, body=map_reads(s.body, read), place=place, condition=condition, source=tuple(read(r) for r in s.source))


@dataclass(frozen=True)
class Block:
    """An index whose neighbours are summed together."""

    index: Index
    size: int
    name: str


class LaneSums:
    """Writes sums whose elements are vectors of samples."""

    def __init__(self, storage: Storage, lanes: int) -> None:
        self.storage, self.lanes = storage, lanes

    def fits(self, s: Statement) -> bool:
        """Whether every operand is a vector of samples or a number that they share."""
        if s.operation is not Operation.SUM or s.condition is not None or not s.reads():
            return False
        if not (s.target.per_sample and BATCH not in s.over or not s.target.per_sample and BATCH in s.over):
            return False
        accesses = [self.storage.access(r.variable, r.indices) for r in s.reads()]
        if any(a.data or a.place.integer for a in accesses):
            return False
        return all(BATCH not in a.terms or a.stride(BATCH).known == 1 for a in accesses) and any(BATCH in a.terms for a in accesses)

    def blocks(self, s: Statement, order: Sequence[Index], apart: Container[Index | None]) -> list[Block]:
        """Neighbours that share what they read: first those along one operand alone, then along the other. None along what is `apart`."""
        accesses = [self.storage.access(r.variable, r.indices) for r in s.reads()]
        free = [i for i in order if i is not BATCH and i not in apart]
        vectors = [a for a in accesses if BATCH in a.terms]
        numbers = [a for a in accesses if BATCH not in a.terms]
        in_vectors = [i for i in reversed(free) if any(i in a.terms for a in vectors)]
        only_numbers = [i for i in reversed(free) if i not in in_vectors and any(i in a.terms for a in numbers)]
        room, found = _REGISTERS[self.lanes], list[Block]()
        if not s.target.per_sample and len(vectors) == 2:  # a gradient: neighbours along one operand, the other is read once
            alone = [[i for i in reversed(free) if i in a.terms and i not in b.terms] for a, b in (accesses, accesses[::-1])]
            ranked = max(alone, key=len)
        else:
            ranked = [*only_numbers[:2], *in_vectors[:1]] if only_numbers else in_vectors[:1]
            if only_numbers and in_vectors:  # a few of each: both are then read seldom
                ranked = [in_vectors[0], *only_numbers]
        for k, i in enumerate(ranked):
            points = self.storage.names.size(i.domain.size).known
            if points is None:
                continue
            most = min(room, 4) if k == 0 and len(ranked) > 1 and s.target.per_sample and points > 4 else room
            size = max(d for d in range(1, min(most, 16) + 1) if points % d == 0)
            if size > 1:
                found.append(Block(i, size, f"q{len(found)}"))
                room //= size
        return found

    def sums(
        self, s: Statement, texts: Texts, names: dict[Index, str], blocks: Sequence[Block], total: str, over: Sequence[Index], tiled: bool,
        needed: Expr | None = None,
    ) -> list[Node]:  # fmt: skip
        """Declare the sums and add up: inside a loop over tiles those of the tile at hand. What is not `needed` adds nothing."""
        shape = "".join(f"[{b.size}]" for b in blocks) or "[1]"
        at = "".join(f"[{b.name}]" for b in blocks) or "[0]"
        nodes: list[Node] = [Line(f"vec {total}{shape} = {{0}}")]
        made = {i: f"k_{n}" for n, i in enumerate(over)}
        inside = {**names, **{b.index: f"({names[b.index]} + {b.name})" for b in blocks}, **made, BATCH: "0"}

        def turns(masked: bool) -> list[Node]:
            texts.names = inside
            body: list[Node] = [Line(f"{total}{at} += {self._factors(s, texts, masked)}")]
            for b in reversed(blocks):
                body = [Loop(b.name, "0", f"{b.size - 1}", body, unroll=True)]
            tested = [] if needed is None else [i for i in over if i in free_indices(needed)]
            test = [] if needed is None else [texts.condition(needed)]
            for i in reversed(over):
                if test and tested and i is tested[-1]:
                    body = [If(test.pop(), body)]
                lo, hi = str(self.storage.names.size(i.domain.lo)), str(self.storage.names.size(i.domain.hi))
                body = [Loop(made[i], lo, hi, body)]
            body = [If(test.pop(), body)] if test else body
            texts.names = names
            return body

        if s.target.per_sample:
            return [*nodes, *turns(False)]
        whole = If(f"{ROWS} == LANES", turns(False), turns(True))
        if tiled:
            return [*nodes, whole]
        return [*nodes, Loop("tile", "0", "tiles - 1", [Line(f"const long {ROWS} = rows_of(tile, LANES, batch)"), whole])]

    def _factors(self, s: Statement, texts: Texts, masked: bool) -> str:
        reads = s.reads() if isinstance(s.body, Apply) else (s.reads()[0],)
        parts = []
        for r in reads:
            access = self.storage.access(r.variable, r.indices)
            self.storage.loaded.add(access.place.name)
            element = texts.element(access)
            if BATCH in access.terms:
                element = f"load(&{element})"
                if masked:
                    element = f"first_lanes({element}, {ROWS})"
            parts.append(element)
        return " * ".join(parts)
