"""Sums of products as matrix products: which indices are rows, columns and the sum, and which are loops around.

Groups of indices that lie evenly in both operands are one dimension. The samples of a tile and an axis before them are one
too, where the tile is whole: that is known when the kernel runs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from netc.compiler.kernels.language.loops import Comment, Line, Loop, Node, Scope
from netc.compiler.kernels.language.sizes import Size, Usual
from netc.compiler.kernels.language.storage import FIRST, ROWS, TILE, Access, Storage
from netc.compiler.kernels.matrices.sides import pointer, sides_of
from netc.compiler.statements.expressions import BATCH, Index, Read
from netc.compiler.statements.print import statement as printed
from netc.compiler.statements.program import Operation, Statement

_LEAST = 1024  # multiply-adds of one product, below which loops do as well
_SMALL = 16  # elements written
_SIDES = ("BY_ROWS", "BY_COLUMNS", "BY_INNER")


@dataclass(frozen=True)
class Dimension:
    """Indices that are one: how many points, and the step in each operand. `soft`: one more, where the tile is whole."""

    indices: tuple[Index, ...]
    count: str
    steps: tuple[Size, ...]
    soft: Index | None = None


@dataclass(frozen=True, eq=False)
class Product:
    """out[rows, columns] (+)= a[rows, inner] b[inner, columns], for all points of `outer`, summed over `sums`."""

    statement: Statement
    a: Access
    b: Access
    out: Access
    rows: Dimension
    columns: Dimension
    inner: Dimension
    outer: tuple[Index, ...]
    sums: tuple[Index, ...]

    @property
    def uneven(self) -> bool:
        """Whether rows, columns or the sum are more than what lies evenly: the rest is left to loops."""
        return bool(self.sums) or any((i in self.a.terms) != (i in self.b.terms) for i in self.outer)

    @property
    def packable(self) -> bool:
        """Whether the right operand is the same for all samples: then it may be packed once for all turns of a scan."""
        sizes = self.columns.count, self.inner.count
        own = {*self.columns.indices, *self.inner.indices}
        return not self.b.place.tile.terms and own >= set(self.b.terms) and all(c.isdigit() for c in sizes)

    def limited(self, bounded: Index, by: Index) -> tuple[str, str] | None:
        """How a triangle of these indices is told to the runtime; None where they are not two of the three dimensions."""
        names = {d.indices[0]: name for d, name in zip((self.rows, self.columns, self.inner), _SIDES, strict=True) if len(d.indices) == 1 and d.soft is None}
        return (names[bounded], names[by]) if bounded in names and by in names else None

    def pack_key(self) -> tuple[object, ...]:
        return (self.b.place.name, str(self.b.const), str(self.inner.steps[1]), str(self.columns.steps[0]), self.inner.count, self.columns.count)


class Products:
    """Finds the products of one program."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self.values = Usual()

    def find(self, s: Statement, fixed: Sequence[Index] = ()) -> Product | None:
        """The statement as a matrix product, where it is one and worth it; `fixed` indices are those of the scans around."""
        reads = s.reads()
        if s.operation is not Operation.SUM or len(reads) != 2 or isinstance(s.body, Read) or s.condition is not None:
            return None
        if self.storage.lanes and any(i is not BATCH and self._points(i) > 1 for i in s.over) or self.storage.lanes and BATCH not in s.over:
            return None  # see `lanes`
        sides = sides_of(self.storage, s, fixed)
        if sides is None or any((i in sides.a.terms) != (i in sides.b.terms) for i in sides.over):
            return None
        if self._contiguous(sides.out, sides.rows) and not self._contiguous(sides.out, sides.columns):
            sides = sides.turned
        out, a, b, over = sides.out, sides.a, sides.b, sides.over
        found = self._dimension(sides.rows, (a, out)), self._dimension(sides.columns, (b, out)), self._dimension(over, (a, b))
        if any(d is None for d in found):
            return None
        m, n, k = (d for d in found if d is not None)
        taken = {*m.indices, *n.indices, *k.indices}
        points = [math.prod(self._points(i) for i in d.indices) for d in (m, n, k)]
        least = _LEAST if len(k.indices) == len(over) else 16 * _LEAST  # a sum in many small products is slow
        if math.prod(points) < least or points[0] * points[1] < _SMALL or points[2] < 4:
            return None
        outer = tuple(i for i in sides.free if i not in taken)
        sums = tuple(i for i in over if i not in taken)
        return Product(s, a, b, out, m, n, k, outer, sums)

    def _contiguous(self, access: Access, group: Sequence[Index]) -> bool:
        return any(access.stride(i).known == 1 for i in group)

    def _points(self, i: Index) -> int:
        return self._size(i).value(self.values)

    def _size(self, i: Index) -> Size:
        return Size.of(ROWS) if i is BATCH else self.storage.names.size(i.domain.hi - i.domain.lo + 1)

    def _dimension(self, group: Sequence[Index], operands: tuple[Access, Access]) -> Dimension | None:
        """The longest run of indices that lie evenly in both; None where there is none."""
        order = sorted(group, key=lambda i: -max(x.stride(i).value(self.values) for x in operands))
        if not order:
            return Dimension((), "1", (Size(), Size()))
        best: tuple[int, Dimension] | None = None
        for last in range(len(order)):
            run = [order[last]]
            count, steps = self._size(order[last]), tuple(x.stride(order[last]) for x in operands)
            soft = None
            for i in reversed(order[:last]):
                even = [x.stride(i) == s * count for x, s in zip(operands, steps, strict=True)]
                if all(even):
                    run.insert(0, i)
                    count = count * self._size(i)
                    continue
                whole = [x.stride(i) == s * self._whole(count) for x, s in zip(operands, steps, strict=True)]
                if all(whole) and ROWS in str(count):
                    soft = i
                break
            points = count.value(self.values) * (self._points(soft) if soft else 1)
            if run == [BATCH] and soft is None:
                points //= 2  # samples alone are fewer than the points of most sequences
            if best is None or points > best[0]:
                best = points, Dimension((*([soft] if soft else []), *run), str(count), steps, soft)
        assert best is not None
        return best[1]

    def _whole(self, count: Size) -> Size:
        """The count where the tile is whole."""
        return Size(tuple((tuple(sorted(TILE if n == ROWS else n for n in m)), c) for m, c in count.terms))


class ProductWriter:
    """Writes products as calls of the runtime."""

    def __init__(self, storage: Storage, names: dict[Index, str], tiled: bool) -> None:
        self.storage, self.names, self.tiled = storage, names, tiled

    def write(self, p: Product, adds: bool, part: bool, packed: str = "") -> list[Node]:
        storage = self.storage
        names = dict(self.names)
        dims = [p.rows, p.columns, p.inner]
        outer = [*p.outer, *(d.soft for d in dims[:2] if d.soft)]
        sums = [*p.sums, *([p.inner.soft] if p.inner.soft else [])]
        for number, i in enumerate([*outer, *sums]):
            names[i] = "r" if i is BATCH else f"g{number}"
        across_tiles = not self.tiled and any(x.place.tile.terms for x in (p.a, p.b, p.out))
        for i in {i for d in dims for i in d.indices} - {d.soft for d in dims}:
            names[i] = "0" if i is BATCH else str(storage.names.size(i.domain.lo))
        counts = [d.count if d.soft is None else f"({ROWS} == {TILE} ? ({d.count}) * {self._span(d.soft)} : {d.count})" for d in dims]
        m, n, k = counts
        (ars, crs), (bcs, ccs), (acs, brs) = (d.steps for d in dims)
        a, b, c = (pointer(storage, x, names) for x in (p.a, p.b, p.out))
        acc = start = "1" if adds else f"!({FIRST})" if p.out.place.each.terms else "0"
        lines: list[Node] = []
        if sums or across_tiles and not p.out.place.tile.terms:
            acc = "acc"
        if part:
            lines += [Line(f"const long from = ({m}) * id / threads, to = ({m}) * (id + 1) / threads")]
            a, c, m = f"{a} + from * {ars.factor}", f"{c} + from * {crs.factor}", "to - from"
        if packed:
            call = f"gemm_packed({m}, {n}, {k}, {a}, {ars}, {acs}, {packed}, {c}, {crs}, {ccs}, {acc})"
        else:
            name, limit = "gemm(", next(iter(storage.limits.get(p.statement, ())), None)
            if limit is not None:
                sides = p.limited(limit.bounded, limit.by)
                assert sides is not None
                name = f"gemm_within((within){{{', '.join(sides)}, {limit.shift}}}, "
            call = f"{name}{m}, {n}, {k}, {a}, {ars}, {acs}, {b}, {brs}, {bcs}, {c}, {crs}, {ccs}, {acc}, scratch)"
        body: list[Node] = [*lines, Line(call)]
        if acc == "acc":
            body.append(Line("acc = 1"))
        for i in reversed(sums):
            body = [self._loop(i, names, body, p.inner.soft is i)]
        if across_tiles:
            inside = [Line(f"const long {ROWS} = rows_of(tile, {TILE}, batch)"), *body]
            body = [Loop("tile", "0", "tiles - 1", inside)]
        if acc == "acc":
            body = [Line(f"int acc = {start}"), *body]
        for i in reversed(outer):
            body = [self._loop(i, names, body, i in (p.rows.soft, p.columns.soft))]
        return [Comment(printed(p.statement)), Scope(body)]

    def _span(self, i: Index) -> str:
        return self.storage.names.size(i.domain.hi - i.domain.lo + 1).factor

    def _loop(self, i: Index, names: dict[Index, str], body: list[Node], soft: bool) -> Loop:
        if i is BATCH:
            return Loop(names[i], "0", f"{ROWS} - 1", body)
        lo, hi = str(self.storage.names.size(i.domain.lo)), str(self.storage.names.size(i.domain.hi))
        return Loop(names[i], lo, f"({ROWS} == {TILE} ? {lo} : {hi})" if soft else hi, body)
