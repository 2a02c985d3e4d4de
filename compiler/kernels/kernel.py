"""A schedule as one kernel: the whole step in one call, by a team of threads."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from netc.compiler.kernels.functions import Functions
from netc.compiler.kernels.lanes import suits, with_copies
from netc.compiler.kernels.loops import If, Line, Loop, Node, Store, print_c, without_stores
from netc.compiler.kernels.nests import Nests
from netc.compiler.kernels.printing import print_kernel
from netc.compiler.kernels.products import Product, Products, ProductWriter
from netc.compiler.kernels.sizes import Names
from netc.compiler.kernels.storage import TILE, TILES, Place, Storage
from netc.compiler.kernels.text import number
from netc.compiler.kernels.units import (
    Clear,
    Copy,
    Draw,
    Pack,
    Share,
    Unit,
    clustered,
    in_phases,
    local_to_tile,
    make_units,
)
from netc.compiler.kernels.writing import Work
from netc.compiler.plan.arena import place
from netc.compiler.plan.model import Buffer, Plan, Sizes
from netc.compiler.plan.pieces import decide
from netc.compiler.schedule import Item, Scan, Schedule, leaves
from netc.compiler.statements.domains import Bound, sized, value
from netc.compiler.statements.expressions import Affine, Index, IndexValue, Kind, Variable
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
        lanes = lanes if lanes and suits(schedule.items, self.lengths, lanes) else 0
        if lanes:
            schedule = Schedule(tuple(with_copies(schedule.items)))
            program = replace(program, statements=schedule.statements)
        self.schedule, self.program, self.dtype, self.batch = schedule, program, dtype, sizes.batch
        self.names = Names(self.lengths)
        tile = lanes or max(1, -(-sizes.batch // threads))
        self.outside = [*self.names.values]
        self.names.values |= {TILE: tile, TILES: -(-sizes.batch // tile)}
        self.storage = Storage(program, schedule, self.names, self.lengths, lanes)
        hulls = {v: [[value(a, self.lengths), value(b, self.lengths)] for a, b in r] for v, r in self.storage.ranges.items()}
        self.writing = decide(schedule.statements, hulls, self.lengths)
        self.counter = [0]
        self.draws: list[Variable] = []
        self.depth = 0
        self.tiled = False
        self.products: dict[Statement, Product] = {}
        self.turning: set[Statement] = set()  # inside a scan
        self.packs: dict[tuple[object, ...], Place] = {}

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
        phases = in_phases(self._make_packs(make_units(self.schedule.items, self.program, self.writing)))
        local = local_to_tile(phases)
        for v in dict.fromkeys(s.target for s in self.schedule.statements):
            if v in local and not self.storage.plain(v):
                self.storage.keep_local(v)
        bodies, spans = [], []  # all of them, before it is known what nobody loads
        for units in phases:
            begin = self.storage.clock
            bodies.append(self._phase(units))
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
        plan = Plan(
            self.batch, self.dtype, (), arena, operands, {}, _known(leaves_, self.lengths),
            {v.name: v for v in leaves_ if v.kind in (Kind.INPUT, Kind.LENGTH)},
            tuple(v for v in leaves_ if v.kind is Kind.CONSTANT), {v.name: v for v in leaves_ if v.kind is Kind.RANDOM},
        )  # fmt: skip
        source = print_kernel(functions.texts, texts, used, pointers, self.names, self.outside, 32 if self.dtype == "float32" else 64)
        values = self.names.values
        sizes = (self.own_bytes, values[TILE], *(values[n] for n in self.outside))
        return Kernel(plan, source, tuple(p.buffer for p in pointers), sizes, tuple(self.draws))

    def _place(self, used: list[list[Place]], spans: list[tuple[int, int]]) -> int:
        """Arena buffers that are never needed at the same time share space. Threads are at different works of one phase, so
        what they share lasts for whole phases; what is a thread's own lies apart, and lasts from work to work.
        """
        arena: list[Buffer] = []
        own: list[Buffer] = []
        for p in self.storage.places.values():
            b = p.buffer
            b.elements = p.elements.value(self.names.values)
            phases = [span for span, places in zip(spans, used, strict=True) if p in places]
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

    # ---- phases --------------------------------------------------------------------------------------------------

    def _phase(self, units: Sequence[Unit]) -> list[Node]:
        nodes: list[Node] = []
        k = 0
        while k < len(units):
            share = units[k].share
            run = [units[k]]
            if share is not Share.PARTS:
                while k + len(run) < len(units) and units[k + len(run)].share is share:
                    run.append(units[k + len(run)])
            k += len(run)
            nodes += self._shared(share, run)
        return nodes

    def _shared(self, share: Share, units: list[Unit]) -> list[Node]:
        match share:
            case Share.SAMPLES:
                body = [Line("const long rows = rows_of(tile, tile_size, batch)"), *self._tasks(units, False, True)]
                loop = Loop("tile", "id", f"{TILES} - 1", body)
                loop.step = "threads"
                return [loop]
            case Share.PARTS:
                return self._tasks(units, True)
            case Share.ONE:
                return [If("id == 0", self._tasks(units, False))]

    def _tasks(self, units: Sequence[Unit], part: bool, tiled: bool = False) -> list[Node]:
        nests = Nests(self.storage, self.counter, part, tiled)
        self.tiled = tiled
        done = 0
        for k, u in enumerate(units):
            if done:
                done -= 1
                continue
            match u.task:
                case Clear():
                    nests.raw(self._clear(u.task, part))
                case Draw():
                    nests.raw(self._draw(u.task))
                case Copy():
                    nests.raw(self._copy(u.task))
                case Pack():
                    nests.raw(self._pack(u.task))
                case Statement():
                    done = self._statement(nests, u.task, {}, [v.task for v in units[k + 1 :]])
                case Scan():
                    nests.raw(self._scan(u.task, {}, ()))
        return nests.finish()

    def _statement(self, nests: Nests, s: Statement, fixed: dict[Index, str], following: Sequence[object] = ()) -> int:
        """Write a statement; how many of those behind it were written with it."""
        product, adds = self.products.get(s), s in self.writing.adds
        if product is None:
            maps = itertools.takewhile(lambda f: isinstance(f, Statement) and f not in self.products, following)
            return nests.add(Work(s, adds, fixed), [Work(f, f in self.writing.adds) for f in maps if isinstance(f, Statement)])
        packed = self.packs.get(product.pack_key()) if s in self.turning and product.packable else None
        nests.raw(ProductWriter(self.storage, fixed, self.tiled).write(product, adds, nests.part, packed.name if packed else ""))
        return 0

    def _find_products(self, items: Sequence[Item], fixed: dict[Statement, tuple[Index, ...]]) -> None:
        for item in items:
            if isinstance(item, Scan):
                self._find_products(item.body, {s: (*fixed.get(s, ()), item.index[s]) for s in item.statements()})
            else:
                found = Products(self.storage).find(item, fixed.get(item, ()))
                if found is not None:
                    self.products[item] = found
                if fixed.get(item):
                    self.turning.add(item)

    def _make_packs(self, units: list[Unit]) -> list[Unit]:
        """Weights that a scan multiplies by at every turn are packed once, before it."""
        found: list[Unit] = []
        for u in units:
            needed: set[Variable] = set()
            for s in leaves([u.task]) if isinstance(u.task, Scan) and u.share is Share.SAMPLES else ():
                product = self.products.get(s)
                if product is None or not product.packable or product.b.place.variable in u.writes:
                    continue
                key = product.pack_key()
                if key not in self.packs:
                    elements = (self._number(product.columns.count) + 31) // 32 * 32 * self._number(product.inner.count)
                    v = Variable(f"{product.b.place.variable.name} packed", (sized(elements),))
                    self.packs[key] = self.storage.place(v)
                    found.append(Unit(Pack(product, self.packs[key]), Share.PARTS, frozenset({product.b.place.variable}), frozenset({v})))
                needed.add(self.packs[key].variable)
            found.append(Unit(u.task, u.share, u.reads | needed, u.writes) if needed else u)
        return found

    def _number(self, text: str) -> int:
        return int(text)

    def _pack(self, task: Pack) -> list[Node]:
        p = task.product
        self.storage.loaded |= {p.b.place.name, task.place.name}
        names = {i: str(self.names.size(i.domain.lo)) for i in p.b.terms}
        source = ProductWriter(self.storage, {}, False).pointer(p.b, names)
        return [Line(f"pack({p.inner.count}, {p.columns.count}, {source}, {p.inner.steps[1]}, {p.columns.steps[0]}, {task.place.name}, id, threads)")]

    def _clear(self, task: Clear, part: bool) -> list[Node]:
        p = self.storage.place(task.variable)
        if p.variable.per_sample:
            self.storage.touch(p)
            begin = "" if p.own else f"tile * {p.tile.factor} + "
            line = Store(p.name, f"{p.name}[{begin}k] = {number(task.fill)}")
            loop = Loop("k", "0", f"{p.tile} - 1", [line], True)
            return [loop if self.tiled else Loop("tile", "0", f"{TILES} - 1", [loop])]
        lo, hi = (f"({p.elements}) * id / threads", f"({p.elements}) * (id + 1) / threads - 1") if part else ("0", f"{p.elements} - 1")
        return [Loop("k", lo, hi, [Store(p.name, f"{p.name}[k] = {number(task.fill)}")], True)]

    def _draw(self, task: Draw) -> list[Node]:
        v = task.variable
        assert v.init is not None
        k = len(self.draws)
        self.draws.append(v)
        p = self.storage.place(v)
        count = f"batch * {p.row.factor}" if v.per_sample else str(p.elements)
        rule = "normal" if v.init.rule == "normal" else "uniform"
        call = f"draw_{rule}({p.name}, {count}, s->keys[{2 * k}], {count} * id / threads, {count} * (id + 1) / threads)"
        return [If(f"!s->keys[{2 * k + 1}]", [Line(call)])]

    def _copy(self, task: Copy) -> list[Node]:
        state, following = self.storage.place(task.state), self.storage.place(task.following)
        self.storage.loaded.add(following.name)
        element, source = f"{state.name}[", f"{following.name}["
        nodes: list[Node] = []
        names = [f"k{n}" for n in range(len(task.state.axes))]
        at: tuple[list[str], list[str]] = ([], [])
        for name, axis, *sides in zip(names, task.state.axes, zip(state.lows, state.strides, strict=True), zip(following.lows, following.strides, strict=True), strict=True):
            for found, (low, stride) in zip(at, sides, strict=True):
                found.append(f"({name} - {low.factor}) * {stride.factor}")
            del axis
        nodes = [Line(f"{element}{' + '.join(at[0]) or '0'}] = {source}{' + '.join(at[1]) or '0'}]")]
        for name, axis in reversed(list(zip(names, task.state.axes, strict=True))):
            nodes = [Loop(name, str(self.names.size(axis.lo)), str(self.names.size(axis.hi)), nodes)]
        return nodes

    # ---- scans ---------------------------------------------------------------------------------------------------

    def _scan(self, scan: Scan, fixed: dict[Statement, dict[Index, str]], guards: tuple[tuple[Statement, str], ...]) -> list[Node]:
        """A loop over all points; where the statements' stretches differ, each asks whether its turn has come."""
        self.depth += 1
        t = f"t{self.depth}"
        times = {s: self._times(scan, s) for s in scan.statements()}
        number_ = lambda b: value(b, self.lengths)  # noqa: E731
        lo, hi = min((a for a, _ in times.values()), key=number_), max((b for _, b in times.values()), key=number_)
        inner = {s: {**fixed.get(s, {}), scan.index[s]: self._at(t, self._shift(scan, s))} for s in scan.statements()}
        with self.storage.repeated():
            body = self._turn(scan.body, inner, {s: self._guard(t, times[s], lo, hi) for s in scan.statements()}, dict(guards))
        self.depth -= 1
        return [Loop(t, str(self.names.size(lo)), str(self.names.size(hi)), body, down=not scan.forward)]

    def _turn(
        self, items: Sequence[Item], fixed: dict[Statement, dict[Index, str]], guards: dict[Statement, str], outer: dict[Statement, str]
    ) -> list[Node]:
        nodes: list[Node] = []
        nests, guard = Nests(self.storage, self.counter, tiled=self.tiled), ""

        def flush() -> None:
            done = nests.finish()
            if done:
                nodes.extend([If(guard, done)] if guard else done)

        def both(s: Statement) -> str:
            return " && ".join(g for g in (outer.get(s, ""), guards.get(s, "")) if g)

        for item in clustered(items, self.products):
            if isinstance(item, Scan):
                flush()
                nests, guard = Nests(self.storage, self.counter, tiled=self.tiled), ""
                nodes += self._scan(item, fixed, tuple((s, both(s)) for s in item.statements()))
                continue
            if both(item) != guard:
                flush()
                nests, guard = Nests(self.storage, self.counter, tiled=self.tiled), both(item)
            self._statement(nests, item, fixed[item])
        flush()
        return nodes

    def _shift(self, scan: Scan, s: Statement) -> Bound:
        place_ = s.place[scan.axis[s.target]]
        return place_.const if isinstance(place_, Affine) else 0

    def _times(self, scan: Scan, s: Statement) -> tuple[Bound, Bound]:
        i, shift = scan.index[s], self._shift(scan, s)
        return i.domain.lo + shift, i.domain.hi + shift

    def _at(self, t: str, shift: Bound) -> str:
        size = self.names.size(shift)
        return f"({t} - {size.factor})" if size.terms else t

    def _guard(self, t: str, times: tuple[Bound, Bound], lo: Bound, hi: Bound) -> str:
        parts = []
        if times[0] != lo:
            parts.append(f"{t} >= {self.names.size(times[0])}")
        if times[1] != hi:
            parts.append(f"{t} <= {self.names.size(times[1])}")
        return " && ".join(parts)


def _known(variables: Sequence[Variable], lengths: object) -> dict[Variable, float]:
    """Sizes that are used as numbers, and their inverses."""
    found: dict[Variable, float] = {}
    for v in variables:
        if v.init is not None and v.init.rule in ("size", "inverse size"):
            assert isinstance(v.init.expression, IndexValue)
            size = max(0, value(v.init.expression.affine.const, lengths))  # type: ignore[arg-type]
            found[v] = size if v.init.rule == "size" else 1 / size if size else 0.0
    return found
