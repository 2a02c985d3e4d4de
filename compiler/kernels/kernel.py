"""A schedule as one kernel: the whole step in one call, by a team of threads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from netc.compiler.kernels.contractions import Contraction, Contractions
from netc.compiler.kernels.functions import Functions
from netc.compiler.kernels.joining import join_windows
from netc.compiler.kernels.lanes import suits, with_copies
from netc.compiler.kernels.loops import print_c, without_stores
from netc.compiler.kernels.phases import Phases
from netc.compiler.kernels.printing import print_kernel
from netc.compiler.kernels.products import Product, Products
from netc.compiler.kernels.sizes import Names
from netc.compiler.kernels.storage import TILE, TILES, Place, Storage
from netc.compiler.kernels.units import (
    Pack,
    Share,
    Unit,
    in_phases,
    local_to_tile,
    make_units,
)
from netc.compiler.plan.arena import place
from netc.compiler.plan.extents import at_sizes
from netc.compiler.plan.model import Buffer, Plan, Sizes
from netc.compiler.plan.pieces import decide
from netc.compiler.plan.planner import bound_plan
from netc.compiler.schedule import Item, Scan, Schedule, leaves
from netc.compiler.statements.domains import sized
from netc.compiler.statements.expressions import Index, Variable
from netc.compiler.statements.program import Program, Statement


@dataclass(frozen=True, eq=False)
class Kernel:
    """A plan without steps, and the C text that does all of them."""

    plan: Plan
    source: str
    pointers: tuple[Buffer, ...]  # what the kernel is handed, in this order
    sizes: tuple[int, ...]  # likewise
    draws: tuple[Variable, ...]  # two numbers each: the key, and whether the draws are given


def make_kernel(
    schedule: Schedule, program: Program, sizes: Sizes, dtype: str, parameters: Sequence[Variable] = (), states: Sequence[Variable] = (),
    threads: int = 1, lanes: int = 0,
) -> Kernel:  # fmt: skip
    """Bind a schedule. Parameters (with their gradients) and states lie in flat blocks, in the given order."""
    return _Maker(schedule, program, sizes, dtype, threads, lanes).make(parameters, states)


class _Maker:
    def __init__(self, schedule: Schedule, program: Program, sizes: Sizes, dtype: str, threads: int, lanes: int) -> None:
        self.lengths, self.threads, self.own_bytes = sizes.table(), threads, 0
        lanes = lanes if lanes and suits(schedule.items, self.lengths, lanes, threads) else 0
        schedule = Schedule(tuple(with_copies(schedule.items) if lanes else join_windows(schedule.items, program)))
        program = replace(program, statements=schedule.statements)
        self.schedule, self.program, self.dtype, self.batch = schedule, program, dtype, sizes.batch
        self.names = Names(self.lengths)
        tile = lanes or max(1, -(-sizes.batch // threads))
        self.outside = [*self.names.values]
        self.names.values |= {TILE: tile, TILES: -(-sizes.batch // tile)}
        self.storage = Storage(program, schedule, self.names, self.lengths, lanes)
        self.writing = decide(schedule.statements, at_sizes(self.storage.ranges, self.lengths), self.lengths)
        self.products: dict[Statement, Product] = {}
        self.contractions: dict[Statement, Contraction] = {}
        self.packs: dict[Statement, Place] = {}  # the packed right operand of a product in a scan

    def make(self, parameters: Sequence[Variable], states: Sequence[Variable]) -> Kernel:
        offset = 0
        for v in parameters:
            gradient = self.program.gradients.get(v)
            if gradient is not None:
                self.storage.adopt(gradient, "gradients", offset)
            offset = self.storage.adopt(v, "parameters", offset)
        offset = 0
        for v in states:
            offset = self.storage.adopt(v, "states", offset)
        for v in self.program.roots():
            self.storage.loaded.add(self.storage.place(v).name)
        self._find_products(self.schedule.items, {})
        together = {s for s, found in self.contractions.items() if found.whole}
        phases = in_phases(self._make_packs(make_units(self.schedule.items, self.program, self.writing, together)))
        writer = Phases(self.storage, self.lengths, self.writing.adds, self.products, self.packs, self.contractions)
        local = local_to_tile(phases)
        for v in dict.fromkeys(s.target for s in self.schedule.statements):
            if v in local and not self.storage.plain(v):
                self.storage.keep_local(v)
        bodies, spans = [], []  # all of them, before it is known what nobody loads
        for units in phases:
            begin = self.storage.clock
            bodies.append(writer.phase(units))
            self.storage.clock += 1
            spans.append((begin, self.storage.clock - 1))
        sizes_ = [TILE, *self.outside, *(n for n, _ in self.names.derived), TILES]
        functions = Functions({p.name: "int" if p.integer else "real" for p in self.storage.places.values()}, sizes_)
        texts = ["\n".join(print_c(functions.outlined(without_stores(body, self.storage.loaded)))) for body in bodies]
        words = [set(re.findall(r"\w+", text)) for text in texts]
        used = [[p for p in self.storage.places.values() if p.name in found] for found in words]
        pointers = list(dict.fromkeys(p for places in used for p in places))
        leaves_ = self.program.variables()
        operands = {v: self.storage.operand(v) for v in leaves_ if self.storage.plain(v)}
        arena = self._place(used, spans)
        plan = bound_plan(self.batch, self.dtype, (), arena, operands, {}, leaves_, self.lengths)
        source = print_kernel(functions.texts, texts, used, pointers, self.names, self.outside, 32 if self.dtype == "float32" else 64)
        values = self.names.values
        sizes = (self.own_bytes, values[TILE], *(values[n] for n in self.outside))
        return Kernel(plan, source, tuple(p.buffer for p in pointers), sizes, tuple(writer.draws))

    def _place(self, used: list[list[Place]], spans: list[tuple[int, int]]) -> int:
        """Arena buffers that are never needed at the same time share space. Threads are at different works of one phase, so
        what they share lasts for whole phases; what is a thread's own lies apart, and lasts from work to work.
        """
        arena: list[Buffer] = []
        own: list[Buffer] = []
        where: dict[Place, list[tuple[int, int]]] = {}
        for span, places in zip(spans, used, strict=True):
            for p in places:
                where.setdefault(p, []).append(span)
        for p in self.storage.places.values():
            b = p.buffer
            b.elements = p.elements.value(self.names.values)
            phases = where.get(p, [])
            if b.block != "arena" or not phases and p.variable not in self.storage.roots:
                continue
            b.first, b.last = (p.first, p.last) if p.own else (phases[0][0], phases[-1][1]) if phases else (0, 0)
            if p.variable in self.storage.roots:
                b.last = self.storage.clock
            (own if p.own else arena).append(b)
        itemsize = 4 if self.dtype == "float32" else 8
        shared, self.own_bytes = place(arena, itemsize), place(own, itemsize)
        for b in own:
            b.offset += shared
        return shared + self.threads * self.own_bytes

    # ---- products ------------------------------------------------------------------------------------------------

    def _find_products(self, items: Sequence[Item], fixed: dict[Statement, tuple[Index, ...]]) -> None:
        for item in items:
            if isinstance(item, Scan):
                self._find_products(item.body, {s: (*fixed.get(s, ()), item.index[s]) for s in item.statements()})
            else:
                window = Contractions(self.storage).find(item, fixed.get(item, ()))
                found = Products(self.storage).find(item, fixed.get(item, ())) if window is None else None
                if window is not None:
                    self.contractions[item] = window
                elif found is not None:
                    self.products[item] = found

    def _make_packs(self, units: list[Unit]) -> list[Unit]:
        """Weights that a scan multiplies by at every turn are packed once, before it."""
        found: list[Unit] = []
        made: dict[tuple[object, ...], Place] = {}
        for u in units:
            needed: set[Variable] = set()
            for s in leaves([u.task]) if isinstance(u.task, Scan) and u.share is Share.SAMPLES else ():
                product = self.products.get(s)
                if product is None or not product.packable or product.b.place.variable in u.writes:
                    continue
                key = product.pack_key()
                if key not in made:
                    elements = (int(product.columns.count) + 31) // 32 * 32 * int(product.inner.count)
                    v = Variable(f"{product.b.place.variable.name} packed", (sized(elements),))
                    made[key] = self.storage.place(v)
                    found.append(Unit(Pack(product, made[key]), Share.PARTS, frozenset({product.b.place.variable}), frozenset({v})))
                self.packs[s] = made[key]
                needed.add(made[key].variable)
            found.append(Unit(u.task, u.share, u.reads | needed, u.writes) if needed else u)
        return found
