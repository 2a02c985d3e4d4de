"""What the parts of planning share: storage of every variable, steps so far, and registers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from netc.compiler.plan.access import Access, Storage
from netc.compiler.plan.extents import at_sizes, extents
from netc.compiler.plan.layout import BATCH_AXIS, Order
from netc.compiler.plan.model import Buffer, Draw, Elementwise, Loop, Operand, Sizes, Step
from netc.compiler.statements.domains import value
from netc.compiler.statements.expressions import (
    BATCH,
    Affine,
    Apply,
    Expr,
    Index,
    Kind,
    Read,
    Type,
    Variable,
    affine,
    free_indices,
    walk,
)
from netc.compiler.statements.program import Program, Statement

Fixed = dict[Index, int]


class Workspace:
    """Makes buffers, views and steps for one program and one set of sizes."""

    def __init__(self, program: Program, statements: Sequence[Statement], orders: dict[Variable, Order], sizes: Sizes) -> None:
        self.program, self.statements, self.orders = program, statements, orders
        self.batch, self.lengths = sizes.batch, sizes.table()
        self.steps: list[Step] = []
        self.storages: dict[Variable, Storage] = {}
        self.literals: dict[Buffer, tuple[float, ...]] = {}
        self.arena: list[Buffer] = []
        self.numbers: dict[Variable, int] = {}
        self.origin: Variable | None = None
        self.turns: list[dict[Index, int]] = []  # how the indices of the loops around move, outermost first
        self.running: Fixed = {}  # where those indices begin
        self._present: dict[int, tuple[Expr, frozenset[Index]]] = {}  # by identity: comparing expressions takes longer
        self._low: dict[Index, int] = {}
        self._size: dict[Index, int] = {}
        self.counts: list[int] = []  # how often the loops around turn
        self.outside: list[list[Step]] = []  # the steps before the loops around, outermost first
        self.moving: list[set[Variable]] = []  # what the loops around write
        self.levels = 0  # +1 or -1, as its turns go, within a loop whose turns may be done together
        self.hulls = at_sizes(extents(program, statements, self.lengths), self.lengths)
        self._literal: dict[tuple[float, ...], Buffer] = {}

    # ---- sizes ---------------------------------------------------------------------------------------------------

    def size(self, index: Index) -> int:
        if index is BATCH:
            return self.batch
        if index not in self._size:
            self._size[index] = index.domain.points(self.lengths)
            self._low[index] = value(index.domain.lo, self.lengths)
        return self._size[index]

    def low(self, index: Index) -> int:
        self.size(index)
        return 0 if index is BATCH else self._low[index]

    def present(self, e: Expr) -> frozenset[Index]:
        """The free indices of an expression, and the batch where it depends on the sample; found once for each part."""
        kept = self._present.get(id(e))
        if kept is None:
            if type(e) is Apply:
                found = frozenset().union(*map(self.present, e.arguments))
            else:
                found = frozenset(free_indices(e)) | ({BATCH} if any(type(x) is Read and x.variable.per_sample for x in walk(e)) else set())
            kept = self._present[id(e)] = (e, found)
        return kept[1]

    def points(self, indices: Sequence[Index]) -> int:
        return math.prod(self.size(i) for i in indices)

    # ---- storage -------------------------------------------------------------------------------------------------

    def storage(self, variable: Variable) -> Storage:
        if variable not in self.storages:
            self.storages[variable] = self._store(variable)
            if variable.kind is Kind.RANDOM:
                self._draw(variable)
        return self.storages[variable]

    def _store(self, variable: Variable) -> Storage:
        hull = self.hulls[variable]
        blocks = {Kind.INPUT: "inputs", Kind.LENGTH: "inputs", Kind.CONSTANT: "constants"}
        block = blocks.get(variable.kind, "arena")
        buffer = Buffer(variable.name, 0, block, variable.type is Type.INTEGER)
        storage = Storage(
            buffer, tuple(a for a, _ in hull), tuple(b - a + 1 for a, b in hull), self.orders[variable], self.batch
        )
        buffer.elements = storage.elements
        if block == "arena":
            self.arena.append(buffer)
        return storage

    def adopt(self, variable: Variable, block: str, offset: int) -> int:
        """Keep a variable in a flat block, row by row; the offset behind it."""
        hull = self.hulls.get(variable) or [[value(a.lo, self.lengths), value(a.hi, self.lengths)] for a in variable.axes]
        order = tuple(range(len(variable.axes)))
        self.orders[variable] = order
        buffer = Buffer(variable.name, 0, block, False, offset)
        storage = Storage(buffer, tuple(a for a, _ in hull), tuple(b - a + 1 for a, b in hull), order, self.batch)
        buffer.elements = storage.elements
        self.storages[variable] = storage
        return offset + storage.elements

    def _draw(self, variable: Variable) -> None:
        assert variable.init is not None
        number = self.numbers[variable] = len(self.numbers)
        self.emit(Draw(variable.init.rule, number, self.logical(variable), variable))

    def logical(self, variable: Variable) -> Operand:
        """The declared points of a variable: batch first where it has one, then its axes."""
        order = [Index("x", axis) for axis in variable.axes]
        access = self.access(variable, [affine(i) for i in order], {})
        return access.operand([BATCH, *order] if variable.per_sample else order)

    def register(self, shape: Sequence[int], integer: bool = False, alone: bool = False) -> Operand:
        """A scratch view of its own, row by row; in a loop whose turns may be done together one for each turn, if not `alone`."""
        elements = math.prod(shape)
        turns = self.counts[0] if self.levels and not alone else 1
        first = elements * (turns - 1) if self.levels < 0 else 0
        buffer = Buffer("register", elements * turns, "arena", integer)
        self.arena.append(buffer)
        strides: list[int] = []
        step = 1
        for n in reversed(shape):
            strides.insert(0, step)
            step *= n
        return Operand(buffer, first, tuple(shape), tuple(strides), (elements * self.levels,) if turns > 1 else ())

    def scratch(self, order: Sequence[Index], alone: bool = False) -> Access:
        """A register with named axes."""
        o = self.register([self.size(i) for i in order], alone=alone)
        return Access(o.buffer, o.offset, dict(zip(order, o.strides, strict=True)), {i: self.size(i) for i in order}, o.moves)

    def literal(self, values: tuple[float, ...], integer: bool = False) -> Buffer:
        """Numbers that are known when the plan is made."""
        key = (float(integer), *values)
        if key not in self._literal:
            buffer = Buffer("literal", len(values), "literals", integer)
            self.literals[buffer] = values
            self._literal[key] = buffer
        return self._literal[key]

    def access(self, variable: Variable, places: Sequence[Affine | Expr], fixed: Fixed) -> Access:
        """A variable at affine places."""
        storage = self.storage(variable)
        plain = []
        for p in places:
            assert isinstance(p, Affine), "a data index has no strides"
            for i, _ in p.terms:
                if i not in self._size:
                    self.size(i)
            plain.append(p if isinstance(p.const, int) else Affine(value(p.const, self.lengths), p.terms))
        fixed = {**fixed, **self.running} if self.running else fixed
        return storage.access(plain, fixed, self._low, self._size, BATCH if variable.per_sample else None, self.turns)

    def read(self, read: Read, fixed: Fixed) -> Access:
        return self.access(read.variable, read.indices, fixed)

    def stored_order(self, variable: Variable, places: Sequence[Affine | Expr], fixed: Fixed) -> list[Index]:
        """The free indices of a place in the order of memory, slowest first."""
        order: list[Index] = []
        for k in self.orders[variable]:
            if k == BATCH_AXIS:
                order.append(BATCH)
                continue
            place = places[k]
            if isinstance(place, Affine):
                free = [i for i, _ in sorted(place.terms, key=lambda t: -t[1]) if i not in fixed and i not in self.running]
                order += [i for i in free if i not in order]
        return order

    # ---- loops ---------------------------------------------------------------------------------------------------

    @contextmanager
    def loop(self, count: int, written: set[Variable], tree: Variable | None = None, forward: bool = True) -> Iterator[None]:
        """Steps emitted within are done `count` times; turns at nodes of a tree may be done together."""
        outer = self.steps
        self.levels = 0 if tree is None else 1 if forward else -1
        self.outside.append(outer)
        self.steps = []
        self.counts.append(count)
        self.moving.append(written)
        try:
            yield
        finally:
            steps, self.steps = self.steps, outer
            self.outside.pop()
            self.counts.pop()
            self.moving.pop()
            self.levels = 0
            if steps:
                self.emit(Loop(count, tuple(steps), tree, forward))

    @contextmanager
    def running_only(self, indices: Sequence[tuple[Index, int, int]]) -> Iterator[None]:
        """Within, these indices run, one for each loop around: where each begins, and how it moves from turn to turn."""
        outer = self.running, self.turns
        self.running, self.turns = {i: start for i, start, _ in indices}, [{i: turn} for i, _, turn in indices]
        try:
            yield
        finally:
            self.running, self.turns = outer

    def invariant(self, variable: Variable, access: Access) -> bool:
        """Whether a view is the same in all turns of all loops around."""
        return not access.moves and not any(variable in written for written in self.moving)

    # ---- steps ---------------------------------------------------------------------------------------------------

    def emit(self, step: Step) -> None:
        self.steps.append(step)

    def elementwise(self, function: str, operands: Sequence[Operand | float], out: Operand) -> None:
        self.emit(Elementwise(function, tuple(operands), out, self.origin))
