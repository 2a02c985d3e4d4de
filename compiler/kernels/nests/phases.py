"""What the threads do between two barriers, as loops: every unit of a phase by the way in which it is shared."""

from __future__ import annotations

import itertools
from collections.abc import Container, Mapping, Sequence

from netc.compiler.kernels.language.loops import If, Line, Loop, Node, Store
from netc.compiler.kernels.language.storage import THREADS, TILES, Place, Storage
from netc.compiler.kernels.language.text import number
from netc.compiler.kernels.matrices.contractions import Contraction, ContractionWriter
from netc.compiler.kernels.matrices.products import Product, ProductWriter
from netc.compiler.kernels.matrices.sides import pointer
from netc.compiler.kernels.nests.nests import Nests
from netc.compiler.kernels.nests.writing import Work, part_of
from netc.compiler.kernels.sharing.choices import shift_of, times_of
from netc.compiler.kernels.sharing.units import Clear, Copy, Draw, Join, Pack, Share, Unit, clears_ahead, clustered
from netc.compiler.schedule import Item, Scan
from netc.compiler.statements.domains import Bound
from netc.compiler.statements.expressions import Index, Variable
from netc.compiler.statements.program import Statement


class Phases:
    """Writes the phases of one kernel, one after another."""

    def __init__(
        self, storage: Storage, turns: Mapping[Scan, tuple[Bound, Bound]], adds: Container[Statement], products: Mapping[Statement, Product],
        packs: Mapping[Statement, Place], contractions: Mapping[Statement, Contraction],
    ) -> None:  # fmt: skip
        self.storage, self.turns, self.adds, self.products, self.packs = storage, turns, adds, products, packs
        self.contractions = contractions
        self.counter = [0]
        self.draws: list[Variable] = []  # in the order in which they are drawn
        self.depth = 0
        self.tiled = False

    def phase(self, units: Sequence[Unit]) -> list[Node]:
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
                return [Loop("tile", "id", f"{TILES} - 1", body, step="threads")]
            case Share.PARTS:
                return self._tasks(units, True)
            case Share.ONE:
                return [If("id == 0", self._tasks(units, False))]

    def _tasks(self, units: Sequence[Unit], part: bool, tiled: bool = False) -> list[Node]:
        nests = Nests(self.storage, self.counter, part, tiled)
        self.tiled = tiled
        units = clears_ahead(units) if self.storage.lanes else units
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
                case Join():
                    nests.raw(self._join(u.task))
                case Statement():
                    done = self._statement(nests, u.task, {}, [v.task for v in units[k + 1 :]])
                case Scan():
                    nests.raw(self._scan(u.task, {}, ()))
        return nests.finish()

    def _statement(self, nests: Nests, s: Statement, fixed: dict[Index, str], following: Sequence[object] = ()) -> int:
        """Write a statement; how many of those behind it were written with it."""
        product, adds = self.products.get(s), s in self.adds
        if s in self.contractions:
            nests.raw(ContractionWriter(self.storage, fixed).write(self.contractions[s], adds, nests.part))
            return 0
        if product is None:
            maps = itertools.takewhile(lambda f: isinstance(f, Statement) and f not in self.products and f not in self.contractions, following)
            return nests.add(Work(s, adds, fixed), [Work(f, f in self.adds) for f in maps if isinstance(f, Statement)])
        packed = self.packs.get(s)
        nests.raw(ProductWriter(self.storage, fixed, self.tiled).write(product, adds, nests.part, packed.name if packed else ""))
        return 0

    def _pack(self, task: Pack) -> list[Node]:
        p = task.product
        self.storage.loaded.add(task.place.name)
        names = {i: str(self.storage.names.size(i.domain.lo)) for i in p.b.terms}
        source = pointer(self.storage, p.b, names)
        return [Line(f"pack({p.inner.count}, {p.columns.count}, {source}, {p.inner.steps[1]}, {p.columns.steps[0]}, {task.place.name}, id, threads)")]

    def _join(self, task: Join) -> list[Node]:
        partial, whole = self.storage.place(task.partial), self.storage.place(task.whole)
        self.storage.loaded |= {partial.name, whole.name}
        lo, hi = part_of("0", f"{whole.elements} - 1")
        first = Loop("k", lo, hi, [Line(f"{whole.name}[k] = {partial.name}[k]")], True)
        others = Loop("k", lo, hi, [Line(f"{whole.name}[k] += {partial.name}[n * {partial.each.factor} + k]")], True)
        return [first, Loop("n", "1", f"least({THREADS}, {TILES}) - 1", [others])]

    def _clear(self, task: Clear, part: bool) -> list[Node]:
        p = self.storage.place(task.variable)
        if p.variable.per_sample:
            self.storage.touch(p)
            begin = "" if p.own else f"tile * {p.tile.factor} + "
            line = Store(p.name, f"{p.name}[{begin}k] = {number(task.fill)}")
            loop = Loop("k", "0", f"{p.tile} - 1", [line], True)
            return [loop if self.tiled else Loop("tile", "0", f"{TILES} - 1", [loop])]
        whole = "0", f"{p.elements} - 1"
        lo, hi = part_of(*whole) if part else whole
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
            nodes = [Loop(name, str(self.storage.names.size(axis.lo)), str(self.storage.names.size(axis.hi)), nodes)]
        return nodes

    # ---- scans ---------------------------------------------------------------------------------------------------

    def _scan(self, scan: Scan, fixed: dict[Statement, dict[Index, str]], guards: tuple[tuple[Statement, str], ...]) -> list[Node]:
        """A loop over all points; where the statements' stretches differ, each asks whether its turn has come."""
        self.depth += 1
        t = f"t{self.depth}"
        times = {s: times_of(scan, s) for s in scan.statements()}
        lo, hi = self.turns[scan]
        inner = {s: {**fixed.get(s, {}), scan.index[s]: self._at(t, shift_of(scan, s))} for s in scan.statements()}
        with self.storage.repeated():
            body = self._turn(scan.body, inner, {s: self._guard(t, times[s], lo, hi) for s in scan.statements()}, dict(guards))
        self.depth -= 1
        return [Loop(t, str(self.storage.names.size(lo)), str(self.storage.names.size(hi)), body, down=not scan.forward)]

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

    def _at(self, t: str, shift: Bound) -> str:
        size = self.storage.names.size(shift)
        return f"({t} - {size.factor})" if size.terms else t

    def _guard(self, t: str, times: tuple[Bound, Bound], lo: Bound, hi: Bound) -> str:
        parts = []
        if times[0] != lo:
            parts.append(f"{t} >= {self.storage.names.size(times[0])}")
        if times[1] != hi:
            parts.append(f"{t} <= {self.storage.names.size(times[1])}")
        return " && ".join(parts)
