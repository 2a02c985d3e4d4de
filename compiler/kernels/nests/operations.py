"""Each operation as loops inside the loops over what it writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

from netc.compiler.kernels.language.loops import If, Line, Loop, Node, Scope
from netc.compiler.kernels.language.sizes import Size, Usual
from netc.compiler.kernels.language.storage import FIRST, Access
from netc.compiler.kernels.language.text import number, truth
from netc.compiler.kernels.nests.writing import Open, Work, Writing, over_tiles, part_of
from netc.compiler.statements.expressions import BATCH, Index, IndexValue, free_indices, walk
from netc.compiler.statements.program import Operation, Statement

_LOWEST = -1e30  # stands for what a condition excludes
_KEPT = 64  # sums of up to so many elements side by side are kept in registers
_WINDOW = 16  # reductions of up to so many elements are written out where their results lie side by side


class Operations(Writing):
    """Writes the statement at hand into the innermost loop."""

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
        s, before = work.statement, len(self.body)
        self.texts.forwards = self._forwards()
        match s.operation:
            case Operation.MAP | Operation.GATHER | Operation.SCATTER:
                self._write(work, self.texts.expression(s.body))
                self._mark_vector(s, before)
            case Operation.SUM if inner is not None:
                self._sums(work, inner, names)
            case Operation.SUM:
                total = self._fresh()
                self.body.append(Line(f"real {total} = 0"))
                self._reduce(s, names, lambda body, _: [Line(f"{total} += {body}")], reduces=(f"+:{total}",))
                self._write(work, total)
                self._mark_vector(s, before)
            case Operation.MAX | Operation.MIN:
                self._extreme(work, names)
                self._mark_vector(s, before)
            case Operation.ARGMAX | Operation.ARGMIN:
                self._best(work, names)
                self._mark_vector(s, before)
            case Operation.SOFTMAX:
                self._softmax(s, names)
            case Operation.SELECT:
                self._select(s, names)
                self._mark_vector(s, before)
            case Operation.CUMSUM:
                raise ValueError("a cumulative sum is lowered to a sum")

    def _mark_vector(self, s: Statement, before: int) -> None:
        """The innermost loop may go side by side: each turn writes its own element. A statement's text begins at node `before`."""
        loop = self._loop_of(self.open[-1]) if self.open else None
        if loop is None:
            return
        if not all(_written_out(n) for n in self.body[before:]):
            loop.vector = loop.vector and s.operation is not Operation.SELECT
            return
        o = self.open[-1]
        target = self.storage.access(s.target, s.place)
        own = [i for i, n in self.texts.names.items() if n == o.name]
        free = all(target.stride(i).terms and not any(i in free_indices(e) for e, *_ in target.data) for i in own)
        if s.operation is Operation.SELECT:  # windows of neighbours may have elements in common, those of samples do not
            free = free and own == [BATCH]
        loop.vector = free and (loop.vector or not any(isinstance(n, Line | Loop | Scope) for n in o.body[:before]))

    def _loop_of(self, o: Open) -> Loop | None:
        outer = self.open[-2].body if len(self.open) > 1 else self.nodes
        last = outer[-1] if outer else None
        return last if isinstance(last, Loop) and last.body is o.body else None

    def _reduce(
        self, s: Statement, names: dict[Index, str], make: Callable[[str, dict[Index, str]], list[Node]], last: Index | None = None,
        reduces: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        """Loops over what is reduced; `make` is given the body's text and the names of the loops."""
        body = self.body
        over = [i for i in s.over if i not in self.texts.names]
        values = Usual()
        reads = [self.storage.access(r.variable, r.indices) for r in s.reads()]
        over.sort(key=lambda i: (i is not BATCH, -max((a.stride(i).value(values) for a in reads), default=0)))
        written_out = bool(reduces) and self._side_by_side(over, reads)
        made: dict[Index, str] = {}
        taken = set(names.values())
        for n, i in enumerate(over):
            if n + 1 < len(over) and not written_out and self._even(s, reads, i, over[n + 1]):
                made[i] = "0"  # its loop and the next are one
                continue
            name = self._name(i)
            while name in taken:
                name += "_"
            taken.add(name)
            made[i] = name
            lo, hi = self.bounds(i, s, {**names, **{k: n for k, n in made.items() if k is not i}})
            points = self._points(i)
            for k in reversed(over[:n]):
                if made[k] != "0":
                    break
                points = points * self._points(k)
                hi = f"{points} - 1" if points.known is None else str(points.known - 1)
            loop = Loop(name, lo, hi, unroll=written_out, reduces=reduces if i is over[-1] and not written_out else ())
            body.append(over_tiles(loop) if i is BATCH and not self.tiled else loop)
            body = loop.body
        self.texts.names = {**names, **made}
        if last is not None:
            lo, hi = self.bounds(last, s, self.texts.names)
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

    def _side_by_side(self, over: Sequence[Index], reads: Sequence[Access]) -> bool:
        """Whether a reduction is so short that its loops are written out, and its results are found side by side instead."""
        if not self.open or BATCH in over or prod(self._points(i).known or _WINDOW + 1 for i in over) > _WINDOW:
            return False
        along = [a.stride(self.open[-1].index).known for a in reads]
        return 1 in along and all(n in (0, 1) for n in along)

    def _even(self, s: Statement, reads: Sequence[Access], outer: Index, inner: Index) -> bool:
        """Whether two loops over what is reduced may be one: its turns lie evenly in all that is read."""
        if BATCH in (outer, inner) or s.condition is not None or s in self.storage.limits or any(i.domain.lo != 0 for i in (outer, inner)):
            return False
        if any(a.data for a in reads) or any(isinstance(e, IndexValue) for e in walk(s.body)):
            return False
        return all(a.stride(outer) == a.stride(inner) * self._points(inner) for a in reads)

    def _points(self, i: Index) -> Size:
        return self.storage.names.size(i.domain.hi - i.domain.lo + 1)

    def _sums(self, work: Work, inner: Index, names: dict[Index, str]) -> None:
        """Elements side by side, summed together."""
        s = work.statement
        lo, hi = self.bounds(inner, s, names)
        target = self.storage.access(s.target, s.place)
        size = self.storage.names.size(inner.domain.size).known
        split = self.part and not self.open
        if split:
            lo, hi = part_of(lo, hi)
        if size is not None and size <= _KEPT and not split:
            total = self._fresh()
            self.body.append(Line(f"real {total}[{size}] = {{0}}"))
            low = self.storage.names.size(inner.domain.lo)
            at = f"j - {low}" if low.terms else "j"
            self._reduce(s, names, lambda body, _: [Line(f"{total}[{at}] += {body}")], inner)
            element, text = self._element(target, inner, names), f"{total}[{at}]"
            if target.place.each.terms:
                text = f"({FIRST} ? 0 : {element}) + {text}"
            self.body.append(Loop("j", lo, hi, [Line(f"{element} {'+=' if work.adds else '='} {text}")], vector=True))
            return
        element = self._element(target, inner, names)
        if not work.adds:
            clear = Loop("j", lo, hi, [Line(f"{element} = 0")], vector=True)
            self.body.append(If(FIRST, [clear]) if target.place.each.terms else clear)
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
        undefined = self._fresh()  # a maximum of what is no number is none
        self.body.extend([Line(f"real {best} = {start}"), Line(f"int {undefined} = 0")])
        sign = ">" if maximum else "<"

        def better(body: str, _: dict[Index, str]) -> list[Node]:
            return [Line(f"const real x = {body}"), Line(f"{best} = x {sign} {best} ? x : {best}"), Line(f"{undefined} |= x != x")]

        self._reduce(s, names, better, reduces=(f"{'max' if maximum else 'min'}:{best}", f"|:{undefined}"))
        self._write(work, f"({undefined} ? {number(float('nan'))} : {best})")

    def _best(self, work: Work, names: dict[Index, str]) -> None:
        """The best first, then where it comes first: both go side by side."""
        s, best, where = work.statement, self._fresh(), self._fresh()
        maximum = s.operation is Operation.ARGMAX
        (k,) = s.over
        sign, name = (">", "max") if maximum else ("<", "min")
        self.body.append(Line(f"real {best} = {number(float('-inf' if maximum else 'inf'))}"))
        self._reduce(s, names, lambda body, _: [
            Line(f"const real x = {body}"), Line(f"{best} = x {sign} {best} ? x : {best}")
        ], reduces=(f"{name}:{best}",))  # fmt: skip
        self.body.append(Line(f"int {where} = INT_MAX"))
        self._reduce(s, names, lambda body, made: [
            Line(f"const int found = {body} == {best} ? (int){made[k]} : INT_MAX"), Line(f"{where} = found < {where} ? found : {where}")
        ], reduces=(f"min:{where}",))  # fmt: skip
        self._write(work, f"(real)({where} == INT_MAX ? {self.bounds(k, s, names)[0]} : {where})")

    def _softmax(self, s: Statement, names: dict[Index, str]) -> None:
        top, total = self._fresh(), self._fresh()
        target = self.storage.access(s.target, s.place)
        free = s.over
        made = {i: f"s_{k}" for k, i in enumerate(free)}
        self.texts.names = {**names, **made}
        element, body = self.texts.element(target), self.texts.expression(s.body)
        test = None if s.condition is None else truth(s.condition, self.texts.expression(s.condition))

        def loops(lines: list[Node], vector: bool = False, reduces: tuple[str, ...] = ()) -> Node:
            nodes: list[Node] = lines
            for i in reversed(free):
                lo, hi = self.bounds(i, s, names)
                nodes = [Loop(made[i], lo, hi, list(nodes), vector and i is free[-1], reduces=reduces if i is free[-1] else ())]
            return nodes[0]

        chosen = body if test is None else f"({test} ? {body} : {number(_LOWEST)})"
        power = [Line(f"const real p = real_exp({body} - {top})")]
        if test is not None:  # the power is worked out for all: a loop with branches is not done side by side
            power = [Line(f"const real q = real_exp({body} - {top})"), Line(f"const real p = {test} ? q : 0")]
        floor = [] if test is None else [Line(f"{total} = real_max({total}, {number(1e-30)})")]
        self.body.extend([
            Line(f"real {top} = {number(float('-inf') if test is None else _LOWEST)}"), loops([Line(f"const real x = {chosen}"), Line(f"{top} = x > {top} ? x : {top}")], reduces=(f"max:{top}",)),
            Line(f"real {total} = 0"), loops([*power, Line(f"{element} = p"), Line(f"{total} += p")], reduces=(f"+:{total}",)), *floor,
            Line(f"{total} = 1 / {total}"), loops([Line(f"{element} *= {total}")], True),
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
        written_out = self._side_by_side(s.over, [self.storage.access(r.variable, r.indices) for r in s.source])
        for i in reversed(s.over):
            lo, hi = self.bounds(i, s, names)
            nodes = [Loop(made[i], lo, hi, nodes, unroll=written_out)]
        self.body.extend(nodes)
        self.texts.names = names


def _written_out(node: Node) -> bool:
    """Whether no loop is left of it."""
    match node:
        case Loop():
            return node.unroll and all(_written_out(n) for n in node.body)
        case Scope():
            return False
        case _:
            return True


def _narrow(nodes: list[Node], lo: str, hi: str) -> None:
    """A thread's own share of the innermost loop."""
    loop = _innermost(nodes)
    loop.lo, loop.hi = lo, hi


def _innermost(nodes: Sequence[Node]) -> Loop:
    found = next(n for n in reversed(nodes) if isinstance(n, Loop))
    while any(isinstance(n, Loop) for n in found.body):
        found = next(n for n in found.body if isinstance(n, Loop))
    return found
