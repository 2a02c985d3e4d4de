"""Variables as strided views whose axes are indices: windows, shifts, diagonals and transposes are only strides."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from netc.compiler.plan.layout import BATCH_AXIS, Order
from netc.compiler.plan.model import Buffer, Operand
from netc.compiler.statements.expressions import Affine, Index


@dataclass(frozen=True, eq=False)
class Access:
    """A view with named axes."""

    buffer: Buffer
    offset: int
    strides: dict[Index, int]
    sizes: dict[Index, int]
    moves: tuple[int, ...] = ()

    def operand(self, order: Sequence[Index]) -> Operand:
        """The view with these axes; those it does not have get size 1."""
        sizes, strides = self.sizes, self.strides
        shape = tuple([sizes[i] if i in strides else 1 for i in order])
        return Operand(self.buffer, self.offset, shape, tuple([strides.get(i, 0) for i in order]), self.moves)

    def collapsed(self, group: Iterable[Index]) -> tuple[int, int] | None:
        """Size and stride of some axes seen as one, or None where they are not one."""
        size, stride = 1, 0
        for i in reversed(list(group)):
            n, s = self.sizes[i], self.strides.get(i, 0)
            if n == 1:
                continue
            if size == 1:
                size, stride = n, s
            elif s == stride * size:
                size *= n
            else:
                return None
        return size, stride

    def descending(self, indices: Iterable[Index] | None = None) -> list[Index]:
        """Its indices, largest stride first."""
        return sorted(self.strides if indices is None else indices, key=lambda i: -self.strides.get(i, 0))


@dataclass(frozen=True, eq=False)
class Storage:
    """A variable in memory: its buffer, the range stored along each axis, and the strides of its order."""

    buffer: Buffer
    lows: tuple[int, ...]
    sizes: tuple[int, ...]
    order: Order
    batch: int

    @cached_property
    def strides(self) -> dict[int, int]:
        """How far it is from point to point, by axis."""
        result: dict[int, int] = {}
        step = 1
        for k in reversed(self.order):
            result[k] = step
            step *= self.batch if k == BATCH_AXIS else self.sizes[k]
        return result

    def access(
        self, places: Sequence[Affine], fixed: dict[Index, int], low: dict[Index, int], size: dict[Index, int], batch: Index | None,
        turns: Sequence[dict[Index, int]] = (),
    ) -> Access:  # fmt: skip
        """The elements at these places; `fixed` indices are numbers, the others become axes.

        `turns` says by how much a fixed index moves in each turn of a loop, for the loops around, outermost first.
        """
        along = self.strides
        offset = 0
        moves = [0] * len(turns)
        strides: dict[Index, int] = {}
        sizes: dict[Index, int] = {}
        for k, place in enumerate(places):
            assert isinstance(place.const, int)
            position, step = place.const - self.lows[k], along[k]
            for i, c in place.terms:
                if fixed and i in fixed:
                    position += c * fixed[i]
                    for level, turn in enumerate(turns):
                        moves[level] += c * turn.get(i, 0) * step
                else:
                    strides[i] = strides.get(i, 0) + c * step
                    sizes[i] = size[i]
                    position += c * low[i]
            offset += position * step
        if batch is not None:
            strides[batch], sizes[batch] = along[BATCH_AXIS], self.batch
        return Access(self.buffer, offset, strides, sizes, tuple(moves) if any(moves) else ())

    @property
    def elements(self) -> int:
        return math.prod(self.sizes) * (self.batch if BATCH_AXIS in self.order else 1)
