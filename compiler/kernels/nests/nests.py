"""A statement as a nest of loops: this is right for every statement, whatever its form.

Statements that follow each other share loops as long as what one needs of another lies at the same point; then it stays in
a register, and where nobody else needs it, it has no memory at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from netc.compiler.kernels.language.loops import Comment, If, Line, Loop, Node, Scope, Store
from netc.compiler.kernels.language.storage import FIRST, Connected
from netc.compiler.kernels.nests.operations import Operations
from netc.compiler.kernels.nests.writing import Open, Work, part_of
from netc.compiler.kernels.sharing.lanes import Block
from netc.compiler.kernels.sharing.meeting import conflicts, same_point
from netc.compiler.kernels.sharing.units import part_behind_picks
from netc.compiler.statements.expressions import BATCH, Affine, Expr, Index, free_indices
from netc.compiler.statements.print import statement as printed
from netc.compiler.statements.program import Operation, Statement

_BUSY = 8  # sums at once that keep the adders busy


class Nests(Operations):
    """Writes works one after another into shared loops."""

    def add(self, work: Work, following: Sequence[Work] = ()) -> int:
        """Write a work, and those behind it that can be done on its results at once; how many those were."""
        if self.lanes is not None and self.lanes.fits(work.statement):
            return self._lane_sum(work, following)
        order = self.order(work.statement, work.fixed)
        inner = self._inner(work.statement, order, work.fixed)
        loops = order if inner is None else [i for i in order if i is not inner]
        shared = 0 if self.part else self._shared(work, loops)
        self._close(shared)
        names = {**work.fixed, **{i: o.name for i, o in zip(loops, self.open, strict=False)}}
        parted = part_behind_picks(work.statement) or (loops[0] if loops else None)
        for i in loops[shared:]:
            self._begin(work.statement, i, names, split=self.part and i is parted)
        self.texts.names, self.texts.inner = names, order[-1] if order else None
        outside = self.nodes
        if not loops and self.tiled:  # a number for all samples: its names end with it
            self.nodes = []
        self.body.append(Comment(printed(work.statement)))
        self._statement(work, names, inner)
        if self.nodes is not outside:
            outside.append(Scope(self.nodes))
            self.nodes = outside
        self.done.append((work, names))
        return 0

    def finish(self) -> list[Node]:
        self._close(0)
        return self.nodes

    def raw(self, nodes: Sequence[Node]) -> None:
        """Nodes that share no loop."""
        self.nodes += nodes
        self._close(0)

    # ---- loops ---------------------------------------------------------------------------------------------------

    def _shared(self, work: Work, loops: list[Index]) -> int:
        """How many of the open loops a work may join."""
        depth = 0
        names = dict(work.fixed)
        for o, i in zip(self.open, loops, strict=False):
            if not (o.index is i or o.index is not BATCH and i is not BATCH and o.index.domain == i.domain):
                break
            if o.bounds != self.bounds(i, work.statement, names):
                break
            names[i] = o.name
            depth += 1
        while depth and not self._fits(work, loops[:depth]):
            depth -= 1
        return depth

    def _fits(self, work: Work, loops: list[Index]) -> bool:
        """Whether what this work shares with those inside lies at the same point of these loops."""
        mine = {i: o.name for i, o in zip(loops, self.open, strict=False)}
        shared = set(mine.values())
        for other, names in self.done:
            theirs = {i: n for i, n in names.items() if n in shared}
            for v, at, where in conflicts(work.statement, other.statement):
                if not same_point(v, at, {**mine, **work.fixed}, where, {**theirs, **other.fixed}, shared):
                    return False
        return True

    # ---- sums over vectors of samples ----------------------------------------------------------------------------

    def _lane_sum(self, work: Work, following: Sequence[Work]) -> int:
        """A sum over vectors of samples, a block of neighbours at a time; what follows is done while they are at hand."""
        assert self.lanes is not None
        self._close(0)
        s = work.statement
        order = [i for i in self.order(s, work.fixed) if i is not BATCH]
        blocks, connected = self._blocks(s, order)
        self.nodes.append(Comment(printed(s)))
        names, body = self._around_blocks(s, order, blocks, connected.result)
        total = self._fresh()
        over = [i for i in s.over if i is not BATCH]
        body += self.lanes.sums(s, self.texts, names, blocks, total, over, self.tiled, connected.weights)
        at = "".join(f"[{b.name}]" for b in blocks) or "[0]"
        names = {**names, **{b.index: f"({names[b.index]} + {b.name})" for b in blocks}}
        if s.target.per_sample:
            names[BATCH] = "r"
            self._store_lanes(work, names, blocks, f"{total}{at}", body)
            return self._follow([*order, BATCH], [(work, names)], following)
        self._add_lanes(work, names, blocks, f"{total}{at}", body)
        return 0

    def _blocks(self, s: Statement, order: list[Index]) -> tuple[list[Block], Connected]:
        """Which neighbours are summed together, and what of a table of connections is asked: nothing where that leaves too few."""
        assert self.lanes is not None
        connected = self.storage.connected.get(s, Connected())
        split = order[0] if self.part and order else None
        asked = {i for e in (connected.weights, connected.result) if e is not None for i in free_indices(e)}
        blocks = self.lanes.blocks(s, order, {split, *asked})
        if prod(b.size for b in blocks) >= _BUSY:
            return blocks, connected
        return self.lanes.blocks(s, order, {split}), Connected()

    def _around_blocks(self, s: Statement, order: list[Index], blocks: Sequence[Block], result: Expr | None) -> tuple[dict[Index, str], list[Node]]:
        """The loops around a block, with what is inside the innermost; none of what has no `result`."""
        step = {b.index: str(b.size) for b in blocks}
        names: dict[Index, str] = {}
        body = self.nodes
        for k, i in enumerate(order):
            names[i] = f"x{k}"
            lo, hi = self.bounds(i, s, names)
            if self.part and k == 0:
                lo, hi = part_of(lo, hi)
            loop = Loop(names[i], lo, hi, step=step.get(i, ""))
            body.append(loop)
            body = loop.body
            if result is not None and {*free_indices(result)} <= {*names}:
                self.texts.names = names
                taken = If(self.texts.condition(result))
                body.append(taken)
                body, result = taken.body, None
        if not order:
            alone = If("id == 0") if self.part else Scope()
            body.append(alone)
            body = alone.body
        return names, body

    def _add_lanes(self, work: Work, names: dict[Index, str], blocks: Sequence[Block], total: str, body: list[Node]) -> None:
        """Each vector of a block is summed to one number for all samples."""
        s = work.statement
        self.texts.names = names
        place = self.storage.access(s.target, s.place)
        element = self.texts.element(place)
        before = f"({FIRST} ? 0 : {element}) + " if place.place.each.terms else ""
        store = Store(place.place.name, f"{element} {'+=' if work.adds else '='} {before}sum_lanes({total})")
        if work.adds:
            self.storage.loaded.add(place.place.name)
        body += _over(blocks, [store], unroll=True)

    def _store_lanes(self, work: Work, names: dict[Index, str], blocks: Sequence[Block], total: str, body: list[Node]) -> None:
        """Each vector of a block is kept, then read number by number in a loop over its samples, which stays open."""
        kept = self._fresh()
        shape = "".join(f"[{b.size}]" for b in blocks) or "[1]"
        at = "".join(f"[{b.name}]" for b in blocks) or "[0]"
        samples = Loop(names[BATCH], "0", "LANES - 1", vector=True)
        body.append(Line(f"real {kept}{shape}[LANES] __attribute__((aligned(64)))"))
        body += _over(blocks, [Line(f"store({kept}{at}, {total})")], unroll=True)
        body += _over(blocks, [samples])
        self.open = [Open(BATCH, names[BATCH], samples.body, {})]
        self.texts.names, self.texts.forwards, self.texts.inner = names, {}, BATCH
        self._write(work, f"{kept}{at}[{names[BATCH]}]")

    def _follow(self, loops: list[Index], chain: list[tuple[Work, dict[Index, str]]], following: Sequence[Work]) -> int:
        """Works that can be done on the results of a chain are done in its loops, which are closed then; how many those were."""
        names = chain[0][1]
        for other in following:
            own = self._joins(other, loops, names, chain)
            if own is None:
                break
            self.texts.names, self.texts.forwards = own, self._forwards()
            self.body.append(Comment(printed(other.statement)))
            self._write(other, self.texts.expression(other.statement.body))
            chain.append((other, own))
        self._close(0)
        return len(chain) - 1

    def _joins(self, other: Work, loops: list[Index], names: dict[Index, str], chain: list[tuple[Work, dict[Index, str]]]) -> dict[Index, str] | None:
        """The names of its indices, where a work may be done on the results of a chain, point by point."""
        s = other.statement
        if s.operation is not Operation.MAP or not s.target.per_sample or any(not isinstance(p, Affine) for p in s.place):
            return None
        order = self.order(s, other.fixed)
        if len(order) != len(loops) or not any(r.variable is w.statement.target for r in s.reads() for w, _ in chain):
            return None
        if any((i is BATCH) != (j is BATCH) or i is not BATCH and i.domain != j.domain for i, j in zip(order, loops, strict=True)):
            return None
        own = {i: names[j] for i, j in zip(order, loops, strict=True)}
        shared = set(own.values())
        for w, theirs in chain:
            for v, at, where in conflicts(s, w.statement):
                if not same_point(v, at, own, where, theirs, shared):
                    return None
        return own


def _over(blocks: Sequence[Block], nodes: list[Node], unroll: bool = False) -> list[Node]:
    """The nodes for each element of a block."""
    for b in reversed(blocks):
        nodes = [Loop(b.name, "0", f"{b.size - 1}", nodes, unroll=unroll)]
    return nodes
