"""What a plan is: a list of steps on strided views of buffers, and where each buffer lies.

A step writes into a view that exists; nothing is allocated while a plan runs. Offsets and strides count elements.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from netc.compiler.statements.domains import BATCH_LENGTH, Length
from netc.compiler.statements.expressions import Variable


@dataclass(frozen=True)
class Sizes:
    """What a plan is bound to: the batch and the lengths."""

    batch: int
    lengths: Mapping[str, int] = field(default_factory=dict)

    def table(self) -> dict[Length, int]:
        return {BATCH_LENGTH: self.batch, **{Length(n): k for n, k in self.lengths.items()}}


@dataclass(eq=False)
class Buffer:
    """Numbers in a row. `block` says where: `arena` (shared by liveness), or a block of its own kind.

    In the arena `offset` counts bytes and is set by `arena.place`; in the flat blocks it counts elements.
    """

    name: str
    elements: int
    block: str = "arena"  # arena, parameters, gradients, states, constants, inputs
    integer: bool = False
    offset: int = 0
    first: int = -1  # the steps between which the buffer is needed
    last: int = -1


@dataclass(frozen=True, eq=False)
class Operand:
    """A strided view of a buffer."""

    buffer: Buffer
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    moves: tuple[int, ...] = ()  # by how much the view moves in each turn of the loops around the step, outermost first


@dataclass(frozen=True, eq=False)
class Elementwise:
    """out = function(operands), element by element with broadcasting over axes of size 1. `copy` and `fill` are functions too."""

    function: str
    operands: tuple[Operand | float, ...]
    out: Operand
    origin: Variable | None = None


@dataclass(frozen=True, eq=False)
class MatMul:
    """out = a @ b over the last two axes; leading axes are batches."""

    a: Operand
    b: Operand
    out: Operand
    origin: Variable | None = None


@dataclass(frozen=True, eq=False)
class Einsum:
    """A sum of products that is no matrix product: `subscripts` as NumPy writes them."""

    subscripts: str
    a: Operand
    b: Operand
    out: Operand
    origin: Variable | None = None


@dataclass(frozen=True, eq=False)
class Reduction:
    """add, maximum, minimum, argmax or argmin over `axes`, which are kept with size 1 where `keep` holds."""

    function: str
    operand: Operand
    out: Operand
    axes: tuple[int, ...]
    keep: bool = False
    origin: Variable | None = None


@dataclass(frozen=True, eq=False)
class Pick:
    """What picks from one axis of a table: data, a run of points, or one point."""

    place: Operand | range | int
    low: int = 0  # of data: the first point stored, which is subtracted
    axis: int = -1  # of a run: which axis of what is picked it goes along


@dataclass(frozen=True, eq=False)
class Gather:
    """out = table[picks]: one pick for each axis of the table, all broadcast to the shape of `out`."""

    table: Operand
    picks: tuple[Pick, ...]
    out: Operand
    origin: Variable | None = None


@dataclass(frozen=True, eq=False)
class Scatter:
    """table[picks] += value, the reverse of a gather; what is picked may repeat."""

    table: Operand
    picks: tuple[Pick, ...]
    value: Operand
    unique: bool  # no place repeats
    origin: Variable | None = None


@dataclass(frozen=True, eq=False)
class Draw:
    """Fill with standard uniform or normal numbers: a function of seed, step, `number` and position."""

    rule: str
    number: int
    out: Operand
    variable: Variable


@dataclass(frozen=True, eq=False)
class Loop:
    """Steps done `count` times; from turn to turn each view moves by its `moves`.

    Where the turns are nodes of a `tree` (the last node's first if not `forward`), those of one level do not need each other,
    and every register has room for all turns: a backend may do a level at once (`levels.together`), or turn after turn.
    """

    count: int
    steps: tuple[Step, ...]
    tree: Variable | None = None
    forward: bool = True


Step = Elementwise | MatMul | Einsum | Reduction | Gather | Scatter | Draw | Loop


ITEM_SIZES = {"float32": 4, "float64": 8, "longdouble": 16}  # bytes; the last for differences that must not be rounded


@dataclass(frozen=True, eq=False)
class Plan:
    """Steps over one static arena."""

    batch: int
    dtype: str  # a name in ITEM_SIZES
    steps: tuple[Step, ...]
    arena: int  # bytes
    operands: dict[Variable, Operand]  # each variable in logical order: batch first where it has one, then its axes
    literals: dict[Buffer, tuple[float, ...]]
    known: dict[Variable, float]  # constants that the sizes settle
    inputs: dict[str, Variable]
    constants: tuple[Variable, ...]
    randoms: dict[str, Variable]

    @property
    def itemsize(self) -> int:
        return ITEM_SIZES[self.dtype]

    def bytes(self) -> dict[str, int]:
        """Bytes by block: what running the plan holds."""
        total: dict[str, int] = {"arena": self.arena}
        seen: set[Buffer] = set()
        for operand in self.operands.values():
            b = operand.buffer
            if b.block != "arena" and b not in seen:
                seen.add(b)
                total[b.block] = total.get(b.block, 0) + b.elements * (4 if b.integer else self.itemsize)
        return total
