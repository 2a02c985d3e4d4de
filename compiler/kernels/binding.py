"""A text bound to sizes: how large each array is, where it lies, and what the kernel is handed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from netc.compiler.kernels.language.sizes import Names
from netc.compiler.kernels.language.storage import THREADS, TILE, TILES, Place, Storage
from netc.compiler.kernels.sharing.tiling import tile_size
from netc.compiler.plan.arena import place
from netc.compiler.plan.model import ITEM_SIZES, Buffer, Operand, Plan, Sizes
from netc.compiler.plan.planner import bound_plan
from netc.compiler.statements.domains import Length, value
from netc.compiler.statements.expressions import Variable
from netc.compiler.statements.program import Program


@dataclass(frozen=True, eq=False)
class Kernel:
    """A plan without steps, and the C text that does all of them."""

    plan: Plan
    source: str
    products: str  # the C text of the products that it calls, if it calls any
    pointers: tuple[Buffer, ...]  # what the kernel is handed, in this order
    sizes: tuple[int, ...]  # likewise
    draws: tuple[Variable, ...]  # two numbers each: the key, and whether the draws are given
    works: tuple[tuple[str, ...], ...] = ()  # the statements of each nest that is called, in the order of the text


@dataclass(frozen=True, eq=False)
class Written:
    """The C text of a program, for any sizes that decide as those do for which it was written."""

    source: str
    products: str
    program: Program
    dtype: str
    names: Names
    storage: Storage
    small: bool  # see `tiling`
    pointers: tuple[Place, ...]
    used: tuple[frozenset[Place], ...]  # by phase
    spans: tuple[tuple[int, int], ...]  # the works of each phase
    draws: tuple[Variable, ...]
    works: tuple[tuple[str, ...], ...]

    def at(self, sizes: Sizes, threads: int) -> Kernel:
        """Bind it."""
        lengths = sizes.table()
        values = self.names.values(lengths)
        tile = self.storage.lanes or max(1, -(-sizes.batch // threads))
        if self.small:
            tile = tile_size(self.storage.places.values(), tile, values)
        values |= {THREADS: threads, TILE: tile, TILES: -(-sizes.batch // tile)}
        buffers = {p: replace(p.buffer, elements=p.elements.value(values)) for p in self.storage.places.values()}
        shared, own = self._lay(buffers)
        leaves = self.program.variables()
        operands = {v: self._operand(self.storage.places[v], buffers, values, lengths) for v in leaves if self.storage.plain(v)}
        plan = bound_plan(sizes.batch, self.dtype, (), shared + threads * own, operands, {}, leaves, lengths)
        handed = own, tile, *(values[n] for n in self.names.given)
        return Kernel(plan, self.source, self.products, tuple(buffers[p] for p in self.pointers), handed, self.draws, self.works)

    def _lay(self, buffers: Mapping[Place, Buffer]) -> tuple[int, int]:
        """Arena buffers that are never needed at the same time share space; bytes of the threads together, and of each.

        Threads are at different works of one phase, so what they share lasts for whole phases; what is a thread's own lies
        apart, and lasts from work to work.
        """
        arena: list[Buffer] = []
        own: list[Buffer] = []
        where: dict[Place, list[tuple[int, int]]] = {}
        for span, places in zip(self.spans, self.used, strict=True):
            for p in places:
                where.setdefault(p, []).append(span)
        for p, b in buffers.items():
            phases = where.get(p, [])
            root = p.variable in self.storage.roots
            if b.block != "arena" or not phases and not root:
                continue
            b.first, b.last = (p.first, p.last) if p.own else (phases[0][0], phases[-1][1]) if phases else (0, 0)
            if root:
                b.last = self.storage.clock
            (own if p.own else arena).append(b)
        itemsize = ITEM_SIZES[self.dtype]
        shared, each = place(arena, itemsize), place(own, itemsize)
        for b in own:
            b.offset += shared
        return shared, each

    def _operand(self, p: Place, buffers: Mapping[Place, Buffer], values: Mapping[str, int], lengths: Mapping[Length, int]) -> Operand:
        """How the caller sees a variable: its declared points, batch first."""
        axes = p.variable.axes
        strides = [s.value(values) for s in p.strides]
        offset = sum((value(a.lo, lengths) - low.value(values)) * s for a, low, s in zip(axes, p.lows, strides, strict=True))
        shape = [max(0, value(a.hi - a.lo + 1, lengths)) for a in axes]
        if p.variable.per_sample:
            shape, strides = [values["batch"], *shape], [p.row.value(values), *strides]
        return Operand(buffers[p], offset, tuple(shape), tuple(strides))
