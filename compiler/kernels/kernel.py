"""A schedule as one kernel: the whole step in one call, by a team of threads."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace

from netc.compiler.kernels.binding import Kernel, Written
from netc.compiler.kernels.c import products
from netc.compiler.kernels.language.loops import Node, print_c, without_stores
from netc.compiler.kernels.language.printing import print_kernel
from netc.compiler.kernels.language.sizes import Names
from netc.compiler.kernels.language.storage import TILE, TILES, Place, Storage
from netc.compiler.kernels.matrices.contractions import Contraction, Contractions, slides
from netc.compiler.kernels.matrices.products import Product, Products
from netc.compiler.kernels.nests.functions import Functions
from netc.compiler.kernels.nests.phases import Phases
from netc.compiler.kernels.nests.updating import print_update
from netc.compiler.kernels.sharing.choices import Choices, choose
from netc.compiler.kernels.sharing.joining import join_windows
from netc.compiler.kernels.sharing.lanes import LaneSums, suits, with_copies
from netc.compiler.kernels.sharing.limits import find_limits
from netc.compiler.kernels.sharing.partials import few, few_in_lanes, with_joins, with_partials
from netc.compiler.kernels.sharing.picks import with_picks
from netc.compiler.kernels.sharing.tables import find_connected
from netc.compiler.kernels.sharing.tiling import many_rows
from netc.compiler.kernels.sharing.units import (
    Pack,
    Share,
    Unit,
    in_phases,
    local_to_tile,
    make_units,
)
from netc.compiler.plan.model import Sizes
from netc.compiler.schedule import Item, Scan, Schedule, leaves
from netc.compiler.settings import Update
from netc.compiler.statements.domains import sized
from netc.compiler.statements.expressions import Index, Variable
from netc.compiler.statements.program import Program, Statement


class Kernels:
    """The kernels of one schedule. A text is written once for all sizes that decide alike; to bind it takes little.

    Parameters (with their gradients) and states lie in flat blocks, in the given order. With an update a step may end with
    it: the caller hands over what it needs, or nothing.
    """

    def __init__(
        self, schedule: Schedule, program: Program, dtype: str, parameters: Sequence[Variable] = (), states: Sequence[Variable] = (),
        update: Update | None = None,
    ) -> None:  # fmt: skip
        self.schedule, self.program, self.dtype = schedule, program, dtype
        self.parameters, self.states, self.update = parameters, states, update
        self._laid: dict[int, tuple[Schedule, Program]] = {}  # by the lanes in which samples lie
        self._texts: dict[Hashable, Written] = {}

    @property
    def written(self) -> int:
        """How many texts there are so far."""
        return len(self._texts)

    def at(self, sizes: Sizes, threads: int = 1, lanes: int = 0) -> Kernel:
        """The kernel for these sizes, for a processor with so many numbers in a vector."""
        lengths = sizes.table()
        lanes = lanes if lanes and suits(self.schedule.items, lengths, lanes, threads) else 0
        if lanes not in self._laid:
            items = with_copies(self.schedule.items) if lanes else join_windows(with_picks(self.schedule.items, self.program), self.program)
            schedule = Schedule(tuple(items))
            self._laid[lanes] = schedule, replace(self.program, statements=schedule.statements)
        schedule, program = self._laid[lanes]
        choices = choose(schedule, program, lengths)
        key = lanes, choices.key()
        if key not in self._texts:
            writer = _Writer(schedule, program, choices, Names(lengths), self.dtype, lanes)
            self._texts[key] = writer.write(self.parameters, self.states, self.update)
        return self._texts[key].at(sizes, threads)


class _Writer:
    """Writes one text."""

    def __init__(self, schedule: Schedule, program: Program, choices: Choices, names: Names, dtype: str, lanes: int) -> None:
        self.schedule, self.program, self.choices, self.names, self.dtype = schedule, program, choices, names, dtype
        self.storage = Storage(program, schedule, names, choices.ranges, lanes)
        self.pictures = any(slides(s) for s in schedule.statements)  # its other products lie as its convolutions do
        self.products: dict[Statement, Product] = {}
        self.contractions: dict[Statement, Contraction] = {}
        self.packs: dict[Statement, Place] = {}  # the packed right operand of a product in a scan

    def write(self, parameters: Sequence[Variable], states: Sequence[Variable], update: Update | None) -> Written:
        self._adopt(parameters, states)
        phases, small = self._phases()
        writer = Phases(self.storage, self.choices.turns, self.choices.writing.adds, self.products, self.packs, self.contractions)
        bodies, spans = self._bodies(phases, writer)
        sizes = [TILE, *self.names.given, *self.names.derived, TILES]
        functions = Functions({p.name: "int" if p.integer else "real" for p in self.storage.places.values()}, sizes)
        texts = ["\n".join(print_c(functions.outlined(without_stores(body, self.storage.loaded)))) for body in bodies]
        words = [set(re.findall(r"\w+", text)) for text in texts]
        used = [[p for p in self.storage.places.values() if p.name in found] for found in words]
        loss = self.storage.place(self.program.loss) if update is not None and self.program.loss is not None else None
        pointers = tuple(dict.fromkeys(p for places in (*used, [loss] if loss is not None else []) for p in places))
        bits = 32 if self.dtype == "float32" else 64
        moved = print_update(update) if update is not None else ""
        source = print_kernel(functions.texts, texts, used, pointers, self.names, bits, moved, loss)
        by_phase = tuple(frozenset(places) for places in used)
        called = products(bits) if self.products or self.contractions else ""
        return Written(source, called, self.program, self.dtype, self.names, self.storage, small, pointers, by_phase, tuple(spans), tuple(writer.draws), tuple(functions.works))

    def _adopt(self, parameters: Sequence[Variable], states: Sequence[Variable]) -> None:
        """What lies in the caller's blocks, and what the caller reads afterwards."""
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

    def _phases(self) -> tuple[list[list[Unit]], bool]:
        """The units of work between barriers, and whether tiles are small (see `tiling`)."""
        self._find_products(self.schedule.items, {})
        items: Sequence[Item] = self.schedule.items
        joins: dict[Variable, Variable] = {}
        small = not self.storage.lanes and not self.contractions and many_rows(items, self.products.values())
        if small or self.storage.lanes:
            items, joins = with_partials(items, self.choices.writing.adds, few if small else self._few_in_lanes)
            self.storage.each = set(joins)
            self._find_products(items, {})
        if self.storage.lanes:
            self.storage.connected = find_connected(leaves(items), self.program, joins)
        else:
            whole: set[Variable | Statement] = {*(v for v in self.program.variables() if self.storage.plain(v)), *self.contractions}
            self.storage.limits = find_limits(items, self.storage, self.products, whole)
        together = {s for s, found in self.contractions.items() if found.whole}
        return in_phases(with_joins(self._make_packs(make_units(items, self.program, self.choices.writing, together), small), joins)), small

    def _bodies(self, phases: Sequence[Sequence[Unit]], writer: Phases) -> tuple[list[list[Node]], list[tuple[int, int]]]:
        """Each phase as loops, with the clock at its begin and end: all of them, before it is known what nobody loads."""
        local = local_to_tile(phases)
        for v in dict.fromkeys(s.target for s in self.schedule.statements):
            if v in local and not self.storage.plain(v):
                self.storage.keep_local(v)
        bodies, spans = [], []
        for units in phases:
            begin = self.storage.clock
            bodies.append(writer.phase(units))
            self.storage.clock += 1
            spans.append((begin, self.storage.clock - 1))
        for v in self.program.variables():
            self.storage.place(v)  # the caller sees some that no phase uses
        return bodies, spans

    def _few_in_lanes(self, s: Statement) -> bool:
        return few_in_lanes(s) and s not in self.products and LaneSums(self.storage, self.storage.lanes).fits(s)

    # ---- products ------------------------------------------------------------------------------------------------

    def _find_products(self, items: Sequence[Item], fixed: dict[Statement, tuple[Index, ...]]) -> None:
        for item in items:
            if isinstance(item, Scan):
                self._find_products(item.body, {s: (*fixed.get(s, ()), item.index[s]) for s in item.statements()})
            else:
                found = Products(self.storage).find(item, fixed.get(item, ()))
                uneven = self.pictures and found is not None and found.uneven
                window = Contractions(self.storage).find(item, fixed.get(item, ()), uneven)
                if window is not None:
                    self.contractions[item] = window
                elif found is not None:
                    self.products[item] = found

    def _make_packs(self, units: list[Unit], small: bool) -> list[Unit]:
        """Weights that a scan multiplies by at every turn, or every one of many small tiles, are packed once, before it."""
        found: list[Unit] = []
        made: dict[tuple[object, ...], Place] = {}
        for u in units:
            needed: set[Variable] = set()
            for s in _repeated(u, small):
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


def _repeated(u: Unit, small: bool) -> Iterable[Statement]:
    """What a thread does many times in a step: the turns of a scan, or all where tiles are small."""
    if u.share is Share.SAMPLES and isinstance(u.task, Scan):
        return leaves([u.task])
    return [u.task] if u.share is Share.SAMPLES and small and isinstance(u.task, Statement) else []
