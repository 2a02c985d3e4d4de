"""Loops that are being filled, and what is written inside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from netc.compiler.kernels.language.loops import Line, Loop, Node, Store
from netc.compiler.kernels.language.sizes import Usual
from netc.compiler.kernels.language.storage import FIRST, ROWS, STAIR, TILES, Storage
from netc.compiler.kernels.language.text import Texts
from netc.compiler.kernels.sharing.lanes import LaneSums
from netc.compiler.statements.expressions import BATCH, Affine, Index, Read
from netc.compiler.statements.program import Operation, Statement


@dataclass(frozen=True, eq=False)
class Work:
    """A statement to be done: `adds` to what is there; `fixed` are the indices of the scans around, as C text."""

    statement: Statement
    adds: bool
    fixed: dict[Index, str] = field(default_factory=dict)


@dataclass
class Open:
    """A loop that is being filled."""

    index: Index
    name: str
    body: list[Node]
    forwards: dict[str, str]
    bounds: tuple[str, str] = ("", "")


class Writing:
    """The loops that are open, innermost last."""

    def __init__(self, storage: Storage, counter: list[int], part: bool = False, tiled: bool = False) -> None:
        self.storage, self.counter = storage, counter
        self.tiled = tiled  # inside a loop over tiles
        self.part = part  # the outermost loop is shared out among the threads
        self.lanes = LaneSums(storage, storage.lanes) if storage.lanes else None
        self.texts = Texts(storage)
        self.nodes: list[Node] = []
        self.open: list[Open] = []
        self.done: list[tuple[Work, dict[Index, str]]] = []  # inside the loops that are open

    @property
    def body(self) -> list[Node]:
        return self.open[-1].body if self.open else self.nodes

    def _forwards(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for o in self.open:
            found.update(o.forwards)
        return found

    def _begin(self, s: Statement, i: Index, names: dict[Index, str], split: bool = False) -> None:
        name = self._name(i)
        lo, hi = bounds = self.bounds(i, s, names)
        names[i] = name
        if split:
            lo, hi = part_of(lo, hi)
        loop = Loop(name, lo, hi)
        self.body.append(over_tiles(loop) if i is BATCH and not self.tiled else loop)
        self.open.append(Open(i, name, loop.body, {}, bounds))

    def _close(self, depth: int) -> None:
        del self.open[depth:]
        if depth == 0:
            self.done.clear()
            self.storage.clock += 1

    def _name(self, i: Index) -> str:
        base = "r" if i is BATCH else "i_" + "".join(c if c.isascii() and c.isalnum() else "_" for c in i.name)
        taken = {o.name for o in self.open}
        name, k = base, 2
        while name in taken:
            name, k = f"{base}_{k}", k + 1
        return name

    def bounds(self, i: Index, s: Statement, names: Mapping[Index, str]) -> tuple[str, str]:
        """The first and the last point of an index, inside loops with these names."""
        if i is BATCH:
            return "0", f"{self.storage.lanes - 1}" if self.storage.lanes and self.tiled else f"{ROWS} - 1"
        size = self.storage.names.size
        begin, end = str(size(i.domain.lo)), str(size(i.domain.hi))
        lo, hi = begin, end
        for limit in self.storage.limits.get(s, ()):
            if limit.bounded is i and limit.by in names:
                hi = f"least({hi}, {begin} + (({names[limit.by]} - {size(limit.by.domain.lo).factor}) | {STAIR - 1}) + {limit.shift})"
            elif limit.by is i and limit.bounded in names:
                lo = f"most({lo}, {begin} + (({names[limit.bounded]} - {size(limit.bounded.domain.lo).factor} - {limit.shift}) & -{STAIR}))"
        return lo, hi

    def order(self, s: Statement, fixed: dict[Index, str]) -> list[Index]:
        """The loops over what is written, largest step first."""
        if s.operation is Operation.SCATTER or any(not isinstance(p, Affine) for p in s.place):
            source = self.storage.access(s.body.variable, s.body.indices) if isinstance(s.body, Read) else None
            free = [i for i in s.indices if i not in fixed]
            if s.target.per_sample or source is not None and source.place.variable.per_sample:
                free = [BATCH, *(i for i in free if i is not BATCH)]
            return free
        where = s.source[1] if s.operation is Operation.SELECT else None  # a maximum's gradient is found point by point of the maximum
        target = self.storage.access(where.variable, where.indices) if where else self.storage.access(s.target, s.place)
        if s.operation is Operation.MAP and len(target.terms) > len(s.place) + 1 and isinstance(s.body, Read):
            source = self.storage.access(s.body.variable, s.body.indices)
            if target.terms.keys() <= source.terms.keys():
                target = source  # windows that overlap: go as what is read lies
        over = s.over if s.operation is Operation.SOFTMAX else ()
        values = Usual()
        return sorted((i for i in target.terms if i not in fixed and i not in over), key=lambda i: -target.terms[i].value(values))

    def _fresh(self) -> str:
        self.counter[0] += 1
        return f"a{self.counter[0]}"

    def _write(self, work: Work, text: str) -> None:
        s = work.statement
        access = self.storage.access(s.target, s.place)
        element = self.texts.element(access)
        if access.data:
            self.body.append(Line(f"{element} += {text}"))
            return
        if work.adds:
            self.storage.loaded.add(access.place.name)
            text = f"{self.texts.forwards.get(element, element)} + {text}"
        elif access.place.each.terms:
            text = f"({FIRST} ? 0 : {element}) + {text}"
        name = self._fresh()
        self.body.append(Line(f"const real {name} = {text}"))
        self.body.append(Store(access.place.name, f"{element} = {'(int)' if access.place.integer else ''}{name}"))
        forwards = self.open[-1].forwards if self.open else {}
        forwards[element] = name


def part_of(lo: str, hi: str) -> tuple[str, str]:
    """A thread's share of a range, both ends included."""
    span = f"({hi} + 1)" if lo == "0" else f"({hi} - {lo} + 1)"
    begin = "" if lo == "0" else f"{lo} + "
    return f"{begin}{span} * id / threads", f"{begin}{span} * (id + 1) / threads - 1"


def over_tiles(loop: Loop) -> Loop:
    """A loop over the samples of a tile, for all tiles."""
    return Loop("tile", "0", f"{TILES} - 1", [Line(f"const long {ROWS} = rows_of(tile, tile_size, batch)"), loop])
