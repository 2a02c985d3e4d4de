"""Where a kernel's variables lie.

What is shared lies row by row, and so do inputs, draws and what the caller reads, sample after sample. All else lies tile
by tile: a tile holds the samples that one thread computes together. Within it an axis that a scan runs along comes first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from netc.compiler.kernels.language.layout import product_orders
from netc.compiler.kernels.language.sizes import Names, Size, identifier
from netc.compiler.plan.extents import Range
from netc.compiler.plan.layout import BATCH_AXIS, Order, default_order, scanned
from netc.compiler.plan.model import Buffer
from netc.compiler.schedule import Schedule
from netc.compiler.statements.domains import sample_lengths
from netc.compiler.statements.expressions import BATCH, Affine, Expr, Index, Kind, Type, Variable
from netc.compiler.statements.program import Program, Statement

TILE, ROWS, TILES = "tile_size", "rows", "tiles"  # samples of a whole tile, of the tile at hand, and how many tiles
THREADS, THREAD, FIRST = "threads", "id", "tile == id"  # how many there are, which one this is, and whether it is at its first tile
STAIR = 32  # triangles are done in stairs of this many rows, as in c/products.h
_BLOCKS = {Kind.INPUT: "inputs", Kind.LENGTH: "inputs", Kind.CONSTANT: "constants"}


@dataclass(eq=False)
class Place:
    """A variable in memory. Strides count elements."""

    variable: Variable
    name: str
    buffer: Buffer
    lows: tuple[Size, ...]
    sizes: tuple[Size, ...]
    strides: tuple[Size, ...]
    row: Size  # from sample to sample; zero where there are none
    tile: Size  # from tile to tile
    elements: Size
    each: Size = Size()  # of each thread, where every thread has its own values for all its tiles
    own: bool = False  # each thread has room for the tile at hand; else each tile has its own
    first: int = -1  # the works between which it is needed
    last: int = -1

    @property
    def integer(self) -> bool:
        return self.buffer.integer


@dataclass(frozen=True, eq=False)
class Access:
    """Elements of a variable: an address that is affine in indices, and data indices with their strides."""

    place: Place
    const: Size
    terms: Mapping[Index, Size]
    data: tuple[tuple[Expr, Size, Size, Size], ...] = ()  # expression, lowest value, how many, stride

    def stride(self, i: Index) -> Size:
        return self.terms.get(i, Size())


@dataclass(frozen=True)
class Limit:
    """Points suffice where `bounded` is at most `shift` beyond the last of the block that `by` is in; both count from their begin."""

    bounded: Index
    by: Index
    shift: int


@dataclass(frozen=True)
class Connected:
    """Of a sum: the condition without which its terms are zero, and the one without which nobody takes what is summed."""

    weights: Expr | None = None
    result: Expr | None = None


class Storage:
    """Places of all variables of a program."""

    def __init__(self, program: Program, schedule: Schedule, names: Names, ranges: Mapping[Variable, Sequence[Range]], lanes: int = 0) -> None:
        self.names, self.lanes = names, lanes
        self.whole = Size.of(lanes or TILE)  # samples of a whole tile
        self.ranges = ranges
        self.roots = set(program.roots())
        self.orders = {} if lanes else product_orders(schedule.statements, self.roots)
        self.each: set[Variable] = set()  # see `partials`
        self.limits: dict[Statement, tuple[Limit, ...]] = {}  # see `limits`
        self.connected: dict[Statement, Connected] = {}  # see `tables`
        self.places: dict[Variable, Place] = {}
        self.taken: set[str] = set()
        self.loaded: set[str] = set()  # names of variables that are read from memory
        self.scanned, self.scanned_lengths = scanned(schedule.items)
        self.clock = 0  # works so far; those that share loops count as one
        self.held: list[set[Place]] = []  # what was met inside the scans around

    def place(self, v: Variable) -> Place:
        if v not in self.places:
            self.places[v] = self._make(v)
        return self.places[v]

    def touch(self, place: Place) -> None:
        """A work reads or writes this."""
        place.first, place.last = place.first if place.first >= 0 else self.clock, self.clock
        for met in self.held:
            met.add(place)

    @contextmanager
    def repeated(self) -> Iterator[None]:
        """What is met inside is needed from the first turn to the last."""
        begin = self.clock
        self.held.append(set())
        yield
        for place in self.held.pop():
            place.first, place.last = min(place.first, begin), max(place.last, self.clock)

    def keep_local(self, v: Variable) -> None:
        """Each thread has room for one tile of this."""
        place = self.place(v)
        place.own, place.elements = True, place.tile

    def plain(self, v: Variable) -> bool:
        """Whether samples lie one after another, as the caller sees them."""
        return v.kind is not Kind.TEMPORARY or v in self.roots

    def adopt(self, v: Variable, block: str, offset: int) -> int:
        """A variable in a flat block, row by row; the offset behind it."""
        self.places[v] = place = self._make(v, block, offset)
        assert place.elements.known is not None
        return offset + place.elements.known

    def _make(self, v: Variable, block: str = "", offset: int = 0) -> Place:
        ranges = self.ranges.get(v) or [[a.lo, a.hi] for a in v.axes]
        lows = tuple(self.names.size(a) for a, _ in ranges)
        sizes = tuple(self.names.size(b - a + 1) for a, b in ranges)
        strides: dict[int, Size] = {}
        step = Size.of(1)
        for k in reversed(self._order(v)):
            strides[k] = step
            step = step * (self.whole if k == BATCH_AXIS else sizes[k])
        tile = step if v.per_sample else Size()
        each = step if v in self.each else Size()
        elements = step * Size.of(TILES) if v.per_sample else step * Size.of(THREADS) if v in self.each else step
        buffer = Buffer(v.name, 0, block or _BLOCKS.get(v.kind, "arena"), v.type is Type.INTEGER, offset)
        axes = tuple(strides[k] for k in range(len(sizes)))
        return Place(v, self._name(v), buffer, lows, sizes, axes, strides.get(BATCH_AXIS, Size()), tile, elements, each)

    def _order(self, v: Variable) -> Order:
        order = self.orders.get(v, default_order(v))
        if self.plain(v) or not v.per_sample:
            return order
        if self.lanes:
            return (*(k for k in order if k != BATCH_AXIS), BATCH_AXIS)
        running = self.scanned.get(v) or [k for k, a in enumerate(v.axes) if set(sample_lengths(a.hi)) & self.scanned_lengths][:1]
        return (*running, *(k for k in order if k not in running))

    def _name(self, v: Variable) -> str:
        base = name = f"v_{identifier(v.name)}"
        k = 2
        while name in self.taken:
            name, k = f"{base}_{k}", k + 1
        self.taken.add(name)
        return name

    def access(self, v: Variable, indices: Sequence[Affine | Expr]) -> Access:
        """The elements at these indices, the batch among them."""
        place = self.place(v)
        const = place.each * Size.of(THREAD)
        terms: dict[Index, Size] = {}
        data: list[tuple[Expr, Size, Size, Size]] = []
        for at, low, size, stride in zip(indices, place.lows, place.sizes, place.strides, strict=True):
            if not isinstance(at, Affine):
                data.append((at, low, size, stride))
                continue
            const = const + (self.names.size(at.const) - low) * stride
            for i, c in at.terms:
                terms[i] = terms.get(i, Size()) + stride * c
        if v.per_sample:
            terms[BATCH] = place.row
        return Access(place, const, {i: s for i, s in terms.items() if s.terms}, tuple(data))
