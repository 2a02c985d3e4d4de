"""Products over windows: sums of products whose rows, columns or sum run along axes that do not lie evenly in memory.

A convolution is one, and so are its gradients. Each group of indices is a nest of axes with steps of its own; the runtime
gathers blocks of both operands by the offsets of these axes and multiplies them as it multiplies all products. Nothing is
copied for a window as a whole, and all threads share one product, whatever the number of samples.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from netc.compiler.kernels.language.loops import Comment, Line, Loop, Node, Scope
from netc.compiler.kernels.language.sizes import Size, Usual
from netc.compiler.kernels.language.storage import ROWS, TILE, Access, Storage
from netc.compiler.kernels.matrices.sides import pointer, sides_of
from netc.compiler.statements.expressions import BATCH, Affine, Index, Read
from netc.compiler.statements.print import statement as printed
from netc.compiler.statements.program import Operation, Statement

_LEAST = 1 << 14  # multiply-adds, below which loops do as well
_ROWS, _SUM = 8, 16  # fewer do not pay for gathering
_AXES = 8  # as in c/products.h


@dataclass(frozen=True)
class Axis:
    """Indices that lie evenly in two operands: how many points, and the step in each."""

    indices: tuple[Index, ...]
    size: Size
    steps: tuple[Size, Size]


@dataclass(frozen=True, eq=False)
class Contraction:
    """out[rows, columns] (+)= a[rows, inner] b[inner, columns], for all points of `outer`. Grains are what one thread must have."""

    statement: Statement
    a: Access
    b: Access
    out: Access
    rows: tuple[Axis, ...]
    columns: tuple[Axis, ...]
    inner: tuple[Axis, ...]
    grains: tuple[Size, Size]
    outer: tuple[Index, ...]
    whole: bool  # samples of all tiles lie evenly, so that it is done for the whole batch


class Contractions:
    """Finds the contractions of one program."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self.values = Usual()

    def find(self, s: Statement, fixed: Sequence[Index] = (), uneven: bool = False) -> Contraction | None:
        """The statement as a contraction, where windows move in it, or it is an uneven product, and where it is worth it.

        `fixed` are the indices of the scans around; in them only windows are worth it.
        """
        if self.storage.lanes or not slides(s, fixed) and (fixed or not uneven):
            return None
        sides = sides_of(self.storage, s, fixed)
        if sides is None or any(i not in x.terms for i in sides.over for x in (sides.a, sides.b)):
            return None
        tiled = [x for x in (sides.out, sides.a, sides.b) if BATCH in x.terms]
        whole = all(x.place.tile == x.place.row * Size.of(TILE) for x in tiled)
        if BATCH in s.over and (fixed or not whole):
            return None
        if self._run(sides.out, sides.rows) > self._run(sides.out, sides.columns):
            sides = sides.turned
        out, a, b, rows, columns, over = sides.out, sides.a, sides.b, sides.rows, sides.columns, sides.over
        outer = tuple(i for i in sides.free if i not in rows and i not in columns)
        points = [math.prod(self._points(i) for i in group) for group in (rows, columns, over)]
        if math.prod(points) < _LEAST or min(points[:2]) < _ROWS or points[2] < _SUM:
            return None
        whole = whole and not fixed
        own = self._own(s)
        groups = self._axes(rows, (a, out), whole, own), self._axes(columns, (b, out), whole, own), self._axes(over, (a, b), whole, set())
        if any(len(g) > _AXES for g in groups):
            return None
        m, n, k = groups
        met = {i for p in s.place if isinstance(p, Affine) for i in _moving(p)}
        grains = (Size.of(1), Size.of(1)) if met <= own else (self._grain(m, own), self._grain(n, own))
        return Contraction(s, a, b, out, m, n, k, grains, outer, whole)

    def _run(self, out: Access, group: Sequence[Index]) -> int:
        """How many of its points lie side by side."""
        run = 1
        for i in sorted(group, key=lambda i: out.stride(i).value(self.values)):
            if out.stride(i).known == run:
                run *= self._points(i)
        return run

    def _points(self, i: Index) -> int:
        return self._size(i, True).value(self.values)

    def _size(self, i: Index, whole: bool) -> Size:
        return Size.of("batch" if whole else ROWS) if i is BATCH else self.storage.names.size(i.domain.hi - i.domain.lo + 1)

    def _own(self, s: Statement) -> set[Index]:
        """Indices that have an axis of what is written for themselves."""
        return {BATCH, *(_moving(p)[0] for p in s.place if isinstance(p, Affine) and len(_moving(p)) == 1)}

    def _grain(self, axes: Sequence[Axis], own: set[Index]) -> Size:
        """Points that no other thread may write to: those of one turn of the outermost axis, where that has its own place."""
        inside = axes[1:] if axes and set(axes[0].indices) <= own else axes
        total = Size.of(1)
        for x in inside:
            total = total * x.size
        return total

    def _axes(self, group: Sequence[Index], operands: tuple[Access, Access], whole: bool, own: set[Index]) -> tuple[Axis, ...]:
        """Axes, the outermost first; neighbours that lie evenly in both operands are one."""
        moving = [i for i in group if i is BATCH or i.domain.size != 1]
        order = sorted(moving, key=lambda i: -max(x.stride(i).value(self.values) for x in operands))
        made: list[Axis] = []
        for i in reversed(order):
            size, steps = self._size(i, whole), (operands[0].stride(i), operands[1].stride(i))
            last = made[-1] if made else None
            if last is not None and all(s == t * last.size for s, t in zip(steps, last.steps, strict=True)) and (i in own) == (last.indices[0] in own):
                made[-1] = Axis((i, *last.indices), last.size * size, last.steps)
            else:
                made.append(Axis((i,), size, steps))
        return tuple(reversed(made))


def slides(s: Statement, fixed: Sequence[Index] = ()) -> bool:
    """Whether a sum of products reads or writes where two indices move along one axis, or by steps of more than one."""
    if s.operation is not Operation.SUM or s.condition is not None or isinstance(s.body, Read) or len(s.reads()) != 2:
        return False
    places = [*s.place, *(p for r in s.reads() for p in r.indices)]
    if not all(isinstance(p, Affine) for p in places):
        return False
    return any(isinstance(p, Affine) and _slides(p, fixed) for p in places)


def _slides(p: Affine, fixed: Sequence[Index]) -> bool:
    moving = [i for i in _moving(p) if i not in fixed]
    return len(moving) > 1 or any(abs(p.coefficient(i)) > 1 for i in moving)


def _moving(p: Affine) -> list[Index]:
    return [i for i in p.indices if i.domain.size != 1]


class ContractionWriter:
    """Writes contractions as calls of the runtime."""

    def __init__(self, storage: Storage, names: dict[Index, str]) -> None:
        self.storage, self.names = storage, names

    def write(self, c: Contraction, adds: bool, part: bool) -> list[Node]:
        names = dict(self.names)
        for group in (c.rows, c.columns, c.inner):
            names |= {i: str(self.storage.names.size(i.domain.lo)) for axis in group for i in axis.indices if i is not BATCH}
        for number, i in enumerate(c.outer):
            names[i] = "r" if i is BATCH else f"g{number}"
        grains = (*c.grains, Size.of(1))
        groups = (("m", c.rows), ("n", c.columns), ("k", c.inner))
        lines: list[Node] = [Line(self._declared(name, axes, grain)) for (name, axes), grain in zip(groups, grains, strict=True)]
        a, b, out = (pointer(self.storage, x, names, not c.whole) for x in (c.a, c.b, c.out))
        share = "id, threads" if part else "0, 1"
        body: list[Node] = [Line(f"contract(&m, &n, &k, {a}, {b}, {out}, {int(adds)}, {share})")]
        for i in reversed(c.outer):
            if i is BATCH:
                lo, hi = "0", "batch - 1" if c.whole else f"{ROWS} - 1"
            else:
                lo, hi = (str(self.storage.names.size(x)) for x in (i.domain.lo, i.domain.hi))
            body = [Loop(names[i], lo, hi, body)]
        return [Comment(printed(c.statement)), Scope([*lines, *body])]

    def _declared(self, name: str, axes: Sequence[Axis], grain: Size) -> str:
        each = ", ".join(f"{{{x.size}, {{{x.steps[0]}, {x.steps[1]}}}}}" for x in axes)
        return f"const struct axes {name} = {{{len(axes)}, {grain}, {{{each or '{1, {0, 0}}'}}}}}"
