"""A schedule as units of work, and the order in which threads do them with the fewest barriers.

A unit over samples is done by each thread for its own tiles. A shared unit is parted among the threads, or done by one.
What a thread made itself it may use at once; what others made, after a barrier.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from netc.compiler.kernels.language.storage import Place
from netc.compiler.kernels.matrices.products import Product
from netc.compiler.plan.pieces import Writing, read_ahead
from netc.compiler.schedule import Item, leaves
from netc.compiler.statements.expressions import BATCH, Affine, Index, Kind, Read, Variable
from netc.compiler.statements.program import Operation, Program, Statement


class Share(Enum):
    """How the threads share a unit."""

    SAMPLES = "samples"
    PARTS = "parts"
    ONE = "one"


@dataclass(eq=False)
class Clear:
    """Fill all of a variable."""

    variable: Variable
    fill: float


@dataclass(eq=False)
class Draw:
    """Fill with random numbers."""

    variable: Variable


@dataclass(eq=False)
class Copy:
    """A state takes its next value."""

    state: Variable
    following: Variable


@dataclass(eq=False)
class Pack:
    """The right operand of a product, in the order in which products read it."""

    product: Product
    place: Place


@dataclass(eq=False)
class Join:
    """What each thread summed becomes one."""

    partial: Variable
    whole: Variable


Task = Item | Clear | Draw | Copy | Pack | Join


@dataclass(eq=False)
class Unit:
    task: Task
    share: Share
    reads: frozenset[Variable] = field(default_factory=frozenset)
    writes: frozenset[Variable] = field(default_factory=frozenset)


def make_units(items: Sequence[Item], program: Program, writing: Writing, together: Container[Item] = ()) -> list[Unit]:
    """All units in an order in which one thread could do them. All threads share what is done `together`, for all samples."""
    clears = dict.fromkeys(read_ahead(items), 0.0) | writing.clears
    units: list[Unit] = []
    begun: set[Variable] = set()
    for item in items:
        for s in leaves([item]):
            for read in s.reads():
                if read.variable.kind is Kind.RANDOM and read.variable not in begun:
                    begun.add(read.variable)
                    units.append(Unit(Draw(read.variable), Share.PARTS, writes=frozenset({read.variable})))
        for s in leaves([item]):
            if s.target not in begun:
                begun.add(s.target)
                if s.target in clears:
                    share = Share.SAMPLES if s.target.per_sample else Share.PARTS
                    units.append(Unit(Clear(s.target, clears[s.target]), share, writes=frozenset({s.target})))
        units.append(_unit(item, item in together))
    for state, following in program.updates.items():
        units.append(Unit(Copy(state, following), Share.ONE, frozenset({following}), frozenset({state})))
    return units


def _unit(item: Item, together: bool = False) -> Unit:
    statements = list(leaves([item]))
    reads = frozenset(r.variable for s in statements for r in s.reads())
    writes = frozenset(s.target for s in statements)
    if together:
        share = Share.PARTS
    elif all(over_samples(s) for s in statements):
        share = Share.SAMPLES
    elif isinstance(item, Statement) and parted(item):
        share = Share.PARTS
    else:
        share = Share.ONE
    return Unit(item, share, reads, writes)


def over_samples(s: Statement) -> bool:
    """Whether a statement is done for each sample by itself."""
    return s.target.per_sample and BATCH not in s.over


def parted(s: Statement) -> bool:
    """Whether threads may share what is written: a statement that writes along one index of its own."""
    if s.target.per_sample or not s.place or s.operation in (Operation.SELECT, Operation.SOFTMAX):
        return False
    if any(isinstance(p, Read) for p in s.place):
        return part_behind_picks(s) is not None
    return any(isinstance(p, Affine) and p.terms for p in s.place)


def part_behind_picks(s: Statement) -> Index | None:
    """Of what is added where the data say, the index along which threads share it: no two meet at one place."""
    if s.operation is not Operation.SCATTER or all(isinstance(p, Affine) for p in s.place):
        return None
    return next((p.plain for p in reversed(s.place) if isinstance(p, Affine) and p.plain is not None and p.plain is not BATCH), None)


class _Ready:
    """Units whose needs are done, in their order."""

    def __init__(self, units: Sequence[Unit]) -> None:
        needs = _needs(units)
        self.waiting = [len(n) for n in needs]
        self.readers: list[list[int]] = [[] for _ in units]
        for k, found in enumerate(needs):
            for j in found:
                self.readers[j].append(k)
        self.now = [k for k, n in enumerate(self.waiting) if n == 0]

    def take(self, k: int) -> None:
        """This one is done."""
        self.now.remove(k)
        for j in self.readers[k]:
            self.waiting[j] -= 1
            if self.waiting[j] == 0:
                insort(self.now, j)


def in_phases(units: Sequence[Unit]) -> list[list[Unit]]:
    """Units between barriers, each list in order. What is done over samples comes last, so that there is as much of it as can be.

    Where it costs no barrier, samples wait for all that is done before them: then more is done while a tile is at hand.
    """
    early, late = _phases(units, waiting=False), _phases(units, waiting=True)
    return late if len(late) <= len(early) else early


def _phases(units: Sequence[Unit], waiting: bool) -> list[list[Unit]]:
    needed = frozenset[Variable]().union(*(u.reads for u in units if u.share is Share.SAMPLES)) if waiting else frozenset()
    ready = _Ready(units)
    phases: list[list[Unit]] = [[]]
    written: dict[Variable, set[Share]] = {}  # since the last barrier, and by whom
    read: dict[Variable, set[Share]] = {}
    while ready.now:
        last = phases[-1][-1].share if phases[-1] else None
        wanted = (last,) if last is Share.SAMPLES else (Share.PARTS, Share.ONE)
        k = next((k for k in ready.now if units[k].share in wanted and _free(units[k], written, read)), None)
        if k is None:
            k = next((k for k in ready.now if _free(units[k], written, read)), None)
        early = k is not None and units[k].share is Share.SAMPLES and last is not Share.SAMPLES and not needed.isdisjoint(written)
        if k is None or early:
            phases.append([])
            written, read = {}, {}
            continue
        for v in units[k].writes:
            written.setdefault(v, set()).add(units[k].share)
        for v in units[k].reads:
            read.setdefault(v, set()).add(units[k].share)
        phases[-1].append(units[k])
        ready.take(k)
    return phases


def _free(u: Unit, written: Mapping[Variable, set[Share]], read: Mapping[Variable, set[Share]]) -> bool:
    """Whether nobody else wrote what a unit meets, or read what it writes, since the last barrier."""
    alone = set() if u.share is Share.PARTS else {u.share}  # threads part each unit in another way
    for v in u.writes:
        if not (written.get(v, alone) <= alone and read.get(v, alone) <= alone):
            return False
    return all(written.get(v, alone) <= alone for v in u.reads)


def _needs(units: Sequence[Unit]) -> list[set[int]]:
    """For each unit those before it that write what it meets, or read what it writes."""
    needs: list[set[int]] = []
    writers: dict[Variable, list[int]] = {}
    readers: dict[Variable, list[int]] = {}
    for k, u in enumerate(units):
        found: set[int] = set()
        for v in u.reads | u.writes:
            found.update(writers.get(v, ()))
        for v in u.writes:
            found.update(readers.get(v, ()))
            writers.setdefault(v, []).append(k)
        for v in u.reads:
            readers.setdefault(v, []).append(k)
        needs.append(found - {k})
    return needs


def clustered(items: Sequence[Item], products: Container[Statement]) -> list[Item]:
    """Products beside products and loops beside loops, as far as what they need of each other allows: so loops are shared."""
    ready = _Ready([_unit(item) for item in items])
    kinds = ["scan" if not isinstance(item, Statement) else "product" if item in products else "loop" for item in items]
    order: list[Item] = []
    kind = ""
    while ready.now:
        k = next((k for k in ready.now if kinds[k] == kind), ready.now[0])
        kind = kinds[k]
        order.append(items[k])
        ready.take(k)
    return order


def clears_ahead(units: Sequence[Unit]) -> list[Unit]:
    """A variable is cleared before the unit ahead of that: so what is made can be added to it at once."""
    found: list[Unit] = []
    for u in units:
        free = isinstance(u.task, Clear) and found and u.writes.isdisjoint(found[-1].reads | found[-1].writes)
        found.insert(len(found) - 1 if free else len(found), u)
    return found


def local_to_tile(phases: Sequence[Sequence[Unit]]) -> set[Variable]:
    """What is made and used while one tile is at hand."""
    met: dict[Variable, set[tuple[int, Share]]] = {}
    for n, phase in enumerate(phases):
        for u in phase:
            for v in u.reads | u.writes:
                met.setdefault(v, set()).add((n, u.share))
    return {v for v, where in met.items() if v.per_sample and len(where) == 1 and next(iter(where))[1] is Share.SAMPLES}
