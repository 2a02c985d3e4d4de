"""A statement as a nest of loops: this is right for every statement, whatever its form.

Statements that follow each other share loops as long as what one needs of another lies at the same point; then it stays in
a register, and where nobody else needs it, it has no memory at all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from netc.compiler.kernels.lanes import LaneSums
from netc.compiler.kernels.loops import Comment, If, Line, Loop, Node, Scope, Store
from netc.compiler.kernels.storage import ROWS, TILES, Access, Storage
from netc.compiler.kernels.text import Texts, number, truth
from netc.compiler.statements.expressions import BATCH, Affine, Expr, Index, Read, Variable, free_indices
from netc.compiler.statements.print import statement as printed
from netc.compiler.statements.program import Operation, Statement

_LOWEST = -1e30  # stands for what a condition excludes
_KEPT = 64  # sums of up to so many elements side by side are kept in registers
_EXTREMES = (Operation.MAX, Operation.MIN)


@dataclass(frozen=True, eq=False)
class Work:
    """A statement to be done: `adds` to what is there; `fixed` are the indices of the scans around, as C text."""

    statement: Statement
    adds: bool
    fixed: dict[Index, str] = field(default_factory=dict)


@dataclass
class _Open:
    """A loop that is being filled."""

    index: Index
    name: str
    body: list[Node]
    forwards: dict[str, str]


class Nests:
    """Writes works one after another into shared loops."""

    def __init__(self, storage: Storage, counter: list[int], part: bool = False, tiled: bool = False) -> None:
        self.storage, self.counter = storage, counter
        self.tiled = tiled  # inside a loop over tiles
        self.part = part  # the outermost loop is shared out among the threads
        self.lanes = LaneSums(storage, storage.lanes) if storage.lanes else None
        self.texts = Texts(storage)
        self.nodes: list[Node] = []
        self.open: list[_Open] = []
        self.done: list[tuple[Work, dict[Index, str]]] = []  # inside the loops that are open
        self.used: set[str] = set()

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
        for k, i in enumerate(loops[shared:]):
            self._begin(i, names, split=self.part and k == 0 and shared == 0)
        self.texts.names = names
        self.body.append(Comment(printed(work.statement)))
        self._statement(work, names, inner)
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

    @property
    def body(self) -> list[Node]:
        return self.open[-1].body if self.open else self.nodes

    def _forwards(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for o in self.open:
            found.update(o.forwards)
        return found

    def _begin(self, i: Index, names: dict[Index, str], split: bool = False) -> None:
        name = self._name(i)
        names[i] = name
        lo, hi = self.bounds(i)
        if split:
            span = f"({hi} - {lo} + 1)"
            lo, hi = f"{lo} + {span} * id / threads", f"{lo} + {span} * (id + 1) / threads - 1"
        loop = Loop(name, lo, hi)
        self.body.append(over_tiles(loop) if i is BATCH and not self.tiled else loop)
        self.open.append(_Open(i, name, loop.body, {}))

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

    def bounds(self, i: Index) -> tuple[str, str]:
        if i is BATCH:
            return "0", f"{self.storage.lanes - 1}" if self.storage.lanes and self.tiled else f"{ROWS} - 1"
        return str(self.storage.names.size(i.domain.lo)), str(self.storage.names.size(i.domain.hi))

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
            target = self.storage.access(s.body.variable, s.body.indices)  # windows that overlap: go as what is read lies
        over = s.over if s.operation is Operation.SOFTMAX else ()
        values = self.storage.names.values
        return sorted((i for i in target.terms if i not in fixed and i not in over), key=lambda i: -target.terms[i].value(values))

    def _shared(self, work: Work, loops: list[Index]) -> int:
        """How many of the open loops a work may join."""
        depth = 0
        for o, i in zip(self.open, loops, strict=False):
            if not (o.index is i or o.index is not BATCH and i is not BATCH and o.index.domain == i.domain):
                break
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
            for v, at, where in _conflicts(work.statement, other.statement):
                if not _same_point(v, at, {**mine, **work.fixed}, where, {**theirs, **other.fixed}, shared):
                    return False
        return True

    def _lane_sum(self, work: Work, following: Sequence[Work]) -> int:
        """A sum over vectors of samples, a block of neighbours at a time; what follows is done while they are at hand."""
        assert self.lanes is not None
        self._close(0)
        s = work.statement
        order = [i for i in self.order(s, work.fixed) if i is not BATCH]
        blocks = self.lanes.blocks(s, order, order[0] if self.part and order else None)
        step = {b.index: b.size for b in blocks}
        names: dict[Index, str] = {}
        self.nodes.append(Comment(printed(s)))
        body = self.nodes
        for k, i in enumerate(order):
            names[i] = f"x{k}"
            lo, hi = self.bounds(i)
            if self.part and k == 0:
                span = f"({hi} - {lo} + 1)"
                lo, hi = f"{lo} + {span} * id / threads", f"{lo} + {span} * (id + 1) / threads - 1"
            loop = Loop(names[i], lo, hi, step=str(step[i]) if i in step else "")
            body.append(loop)
            body = loop.body
        if self.part and not order:
            alone = If("id == 0")
            body.append(alone)
            body = alone.body
        total = self._fresh()
        over = [i for i in s.over if i is not BATCH]
        body += self.lanes.sums(s, self.texts, names, blocks, total, over)
        at = "".join(f"[{b.name}]" for b in blocks) or "[0]"
        names = {**names, **{b.index: f"({names[b.index]} + {b.name})" for b in blocks}}
        if not s.target.per_sample:
            self.texts.names = names
            place = self.storage.access(s.target, s.place)
            nodes: list[Node] = [Store(place.place.name, f"{self.texts.element(place)} {'+=' if work.adds else '='} sum_lanes({total}{at})")]
            if work.adds:
                self.storage.loaded.add(place.place.name)
            for b in reversed(blocks):
                nodes = [Loop(b.name, "0", f"{b.size - 1}", nodes, unroll=True)]
            body += nodes
            return 0
        kept = self._fresh()
        shape = "".join(f"[{b.size}]" for b in blocks) or "[1]"
        put: list[Node] = [Line(f"store({kept}{at}, {total}{at})")]
        inner = Loop("r", "0", "LANES - 1", vector=True)
        after: list[Node] = [inner]
        for b in reversed(blocks):
            put = [Loop(b.name, "0", f"{b.size - 1}", put, unroll=True)]
            after = [Loop(b.name, "0", f"{b.size - 1}", after)]
        body += [Line(f"real {kept}{shape}[LANES] __attribute__((aligned(64)))"), *put, *after]
        names[BATCH] = "r"
        self.open = [_Open(BATCH, "r", inner.body, {})]
        self.texts.names, self.texts.forwards = names, {}
        self._write(work, f"{kept}{at}[r]")
        loops, chain = [*order, BATCH], [(work, names)]
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
            for v, at, where in _conflicts(s, w.statement):
                if not _same_point(v, at, own, where, theirs, shared):
                    return None
        return own

    # ---- statements ----------------------------------------------------------------------------------------------

    def _inner(self, s: Statement, order: list[Index], fixed: dict[Index, str]) -> Index | None:
        """The written index that runs innermost of all, inside the reduction: where elements are summed side by side."""
        if s.operation is not Operation.SUM or not order or BATCH is order[-1]:
            return None
        i = order[-1]
        reads = [self.storage.access(r.variable, r.indices) for r in s.reads()]
        if self.storage.access(s.target, s.place).stride(i).known != 1 or any(a.stride(i).known not in (0, 1) for a in reads):
            return None
        if not any(a.stride(i).known == 1 for a in reads):
            return None
        over = [k for k in s.over if k not in fixed]
        if over and all(a.stride(over[-1]).known == 1 for a in reads):
            return None
        return i

    def _statement(self, work: Work, names: dict[Index, str], inner: Index | None) -> None:
        s = work.statement
        self.texts.forwards = self._forwards()
        match s.operation:
            case Operation.MAP | Operation.GATHER | Operation.SCATTER:
                self._write(work, self.texts.expression(s.body))
                self._mark_vector(s)
            case Operation.SUM if inner is not None:
                self._sums(work, inner, names)
            case Operation.SUM:
                total = self._fresh()
                self.body.append(Line(f"real {total} = 0"))
                self._reduce(s, names, lambda body, _: [Line(f"{total} += {body}")])
                self._write(work, total)
            case Operation.MAX | Operation.MIN:
                self._extreme(work, names)
            case Operation.ARGMAX | Operation.ARGMIN:
                self._best(work, names)
            case Operation.SOFTMAX:
                self._softmax(s, names)
            case Operation.SELECT:
                self._select(s, names)
            case Operation.CUMSUM:
                raise ValueError("a cumulative sum is lowered to a sum")

    def _mark_vector(self, s: Statement) -> None:
        """The innermost loop may go side by side: each turn writes its own element."""
        if not self.open or any(isinstance(n, Loop | Scope) for n in self.body):
            return
        o = self.open[-1]
        target = self.storage.access(s.target, s.place)
        own = [i for i, n in self.texts.names.items() if n == o.name]
        free = all(target.stride(i).terms and not any(i in free_indices(e) for e, *_ in target.data) for i in own)
        loop = self._loop_of(o)
        if loop is not None:
            loop.vector = free and (loop.vector or not any(isinstance(n, Line) for n in o.body[:-3]))

    def _loop_of(self, o: _Open) -> Loop | None:
        outer = self.open[-2].body if len(self.open) > 1 else self.nodes
        last = outer[-1] if outer else None
        return last if isinstance(last, Loop) and last.body is o.body else None

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
        name = self._fresh()
        self.body.append(Line(f"const real {name} = {text}"))
        self.body.append(Store(access.place.name, f"{element} = {'(int)' if access.place.integer else ''}{name}"))
        forwards = self.open[-1].forwards if self.open else {}
        forwards[element] = name

    def _reduce(self, s: Statement, names: dict[Index, str], make: Callable[[str, dict[Index, str]], list[Node]], last: Index | None = None) -> None:
        """Loops over what is reduced; `make` is given the body's text and the names of the loops."""
        body = self.body
        over = [i for i in s.over if i not in self.texts.names]
        values = self.storage.names.values
        reads = [self.storage.access(r.variable, r.indices) for r in s.reads()]
        over.sort(key=lambda i: (i is not BATCH, -max((a.stride(i).value(values) for a in reads), default=0)))
        made: dict[Index, str] = {}
        taken = set(names.values())
        for i in over:
            name = self._name(i)
            while name in taken:
                name += "_"
            taken.add(name)
            made[i] = name
            lo, hi = self.bounds(i)
            loop = Loop(name, lo, hi)
            body.append(over_tiles(loop) if i is BATCH else loop)
            body = loop.body
        self.texts.names = {**names, **made}
        if last is not None:
            lo, hi = self.bounds(last)
            name = "j"
            self.texts.names[last] = name
            loop = Loop(name, lo, hi, vector=True)
            body.append(loop)
            body = loop.body
        lines = make(self.texts.expression(s.body), made)
        if s.condition is not None:
            lines = [If(truth(s.condition, self.texts.expression(s.condition)), lines)]
        body += lines
        self.texts.names = names

    def _sums(self, work: Work, inner: Index, names: dict[Index, str]) -> None:
        """Elements side by side, summed together."""
        s = work.statement
        lo, hi = self.bounds(inner)
        target = self.storage.access(s.target, s.place)
        size = self.storage.names.size(inner.domain.size).known
        split = self.part and not self.open
        if split:
            span = f"({hi} - {lo} + 1)"
            lo, hi = f"{lo} + {span} * id / threads", f"{lo} + {span} * (id + 1) / threads - 1"
        if size is not None and size <= _KEPT and not split:
            total = self._fresh()
            self.body.append(Line(f"real {total}[{size}] = {{0}}"))
            low = self.storage.names.size(inner.domain.lo)
            at = f"j - {low}" if low.terms else "j"
            self._reduce(s, names, lambda body, _: [Line(f"{total}[{at}] += {body}")], inner)
            element, text = self._element(target, inner, names), f"{total}[{at}]"
            self.body.append(Loop("j", lo, hi, [Line(f"{element} {'+=' if work.adds else '='} {text}")], vector=True))
            return
        element = self._element(target, inner, names)
        if not work.adds:
            self.body.append(Loop("j", lo, hi, [Line(f"{element} = 0")], vector=True))
        scope = Scope()
        self.body.append(scope)
        before, self.nodes = self.nodes, scope.body
        opened, self.open = self.open, []
        self._reduce(s, names, lambda body, _: [Line(f"{element} += {body}")], inner)
        self.nodes, self.open = before, opened
        if split:
            _narrow(scope.body, lo, hi)

    def _element(self, target: Access, inner: Index, names: dict[Index, str]) -> str:
        self.texts.names = {**names, inner: "j"}
        element = self.texts.element(target)
        self.texts.names = names
        return element

    def _extreme(self, work: Work, names: dict[Index, str]) -> None:
        s, best = work.statement, self._fresh()
        maximum = s.operation is Operation.MAX
        start = number((_LOWEST if maximum else -_LOWEST) if s.condition is not None else float("-inf" if maximum else "inf"))
        self.body.append(Line(f"real {best} = {start}"))
        function = "real_max" if maximum else "real_min"
        self._reduce(s, names, lambda body, _: [Line(f"{best} = {function}({best}, {body})")])
        self._write(work, best)

    def _best(self, work: Work, names: dict[Index, str]) -> None:
        s, best, where = work.statement, self._fresh(), self._fresh()
        maximum = s.operation is Operation.ARGMAX
        (k,) = s.over
        self.body.extend([Line(f"real {best} = {number(float('-inf' if maximum else 'inf'))}"), Line(f"long {where} = {self.bounds(k)[0]}")])
        sign = ">" if maximum else "<"
        self._reduce(s, names, lambda body, made: [
            Line(f"const real x = {body}"), If(f"x {sign} {best}", [Line(f"{best} = x"), Line(f"{where} = {made[k]}")]),
        ])  # fmt: skip
        self._write(work, f"(real){where}")

    def _softmax(self, s: Statement, names: dict[Index, str]) -> None:
        top, total = self._fresh(), self._fresh()
        target = self.storage.access(s.target, s.place)
        free = s.over
        made = {i: f"s_{k}" for k, i in enumerate(free)}
        self.texts.names = {**names, **made}
        element, body = self.texts.element(target), self.texts.expression(s.body)
        test = None if s.condition is None else truth(s.condition, self.texts.expression(s.condition))

        def loops(lines: list[Node], vector: bool = False) -> Node:
            nodes = lines
            for i in reversed(free):
                lo, hi = self.bounds(i)
                nodes = [Loop(made[i], lo, hi, nodes, vector and i is free[-1])]
            return nodes[0]

        chosen = body if test is None else f"({test} ? {body} : {number(_LOWEST)})"
        power = f"real_exp({body} - {top})"
        if test is not None:
            power = f"({test} ? {power} : 0)"
        floor = [] if test is None else [Line(f"{total} = real_max({total}, {number(1e-30)})")]
        self.body.extend([
            Line(f"real {top} = {number(float('-inf') if test is None else _LOWEST)}"), loops([Line(f"{top} = real_max({top}, {chosen})")]),
            Line(f"real {total} = 0"), loops([Line(f"const real p = {power}"), Line(f"{element} = p"), Line(f"{total} += p")]), *floor,
            loops([Line(f"{element} /= {total}")], True),
        ])  # fmt: skip
        self.texts.names = names

    def _select(self, s: Statement, names: dict[Index, str]) -> None:
        """What is equal to the maximum and comes first takes what arrives."""
        x, top = s.source
        left = self._fresh()
        arriving = self._fresh()
        self.body.extend([Line(f"const real {arriving} = {self.texts.expression(s.body)}"), Line(f"real {left} = 1")])
        made = {i: f"s_{k}" for k, i in enumerate(s.over)}
        self.texts.names = {**names, **made}
        target = self.texts.element(self.storage.access(s.target, s.place))
        test = f"{self.texts.read(x)} == {self.texts.read(top)}"
        if s.condition is not None:
            test = f"({test}) & {truth(s.condition, self.texts.expression(s.condition))}"
        nodes: list[Node] = [Line(f"const real hit = ({test}) ? {left} : 0"), Line(f"{target} += hit * {arriving}"), Line(f"{left} -= hit")]
        for i in reversed(s.over):
            lo, hi = self.bounds(i)
            nodes = [Loop(made[i], lo, hi, nodes)]
        self.body.extend(nodes)
        self.texts.names = names


def over_tiles(loop: Loop) -> Loop:
    """A loop over the samples of a tile, for all tiles."""
    return Loop("tile", "0", f"{TILES} - 1", [Line(f"const long {ROWS} = rows_of(tile, tile_size, batch)"), loop])


def _narrow(nodes: list[Node], lo: str, hi: str) -> None:
    """A thread's own share of the innermost loop."""
    loop = _innermost(nodes)
    loop.lo, loop.hi = lo, hi


def _innermost(nodes: Sequence[Node]) -> Loop:
    found = next(n for n in reversed(nodes) if isinstance(n, Loop))
    while any(isinstance(n, Loop) for n in found.body):
        found = next(n for n in found.body if isinstance(n, Loop))
    return found


def _conflicts(a: Statement, b: Statement) -> list[tuple[Variable, Sequence[Affine | Expr], Sequence[Affine | Expr]]]:
    """Accesses of one variable by both, one of them a write: the variable, where a goes, where b goes."""
    found: list[tuple[Variable, Sequence[Affine | Expr], Sequence[Affine | Expr]]] = []
    found += [(r.variable, r.indices, b.place) for r in a.reads() if r.variable is b.target]
    found += [(r.variable, a.place, r.indices) for r in b.reads() if r.variable is a.target]
    if a.target is b.target:
        found.append((a.target, a.place, b.place))
    return found


def _same_point(
    v: Variable, at: Sequence[Affine | Expr], mine: dict[Index, str], where: Sequence[Affine | Expr], theirs: dict[Index, str], shared: set[str]
) -> bool:
    """Whether two accesses lie at the same point of every shared loop."""
    met: set[str] = {"r"} if v.per_sample else set()
    for p, q in zip(at, where, strict=True):
        if not isinstance(p, Affine) or not isinstance(q, Affine):
            if any(n in shared for e, names in ((p, mine), (q, theirs)) for i in _indices(e) if (n := names.get(i))):
                return False
            continue
        a = {mine.get(i, f"?{i.serial}"): c for i, c in p.terms}
        b = {theirs.get(i, f"?{i.serial}"): c for i, c in q.terms}
        names = (set(a) | set(b)) & shared
        if not names:
            continue
        if a != b or p.const != q.const or len(a) != 1:
            return False
        met |= names
    return shared <= met


def _indices(e: Affine | Expr) -> Sequence[Index]:
    return e.indices if isinstance(e, Affine) else list(free_indices(e))
