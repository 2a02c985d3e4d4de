"""Sums of products as matrix products: indices are sorted into batch, rows, columns and inner ones.

A group of axes is a matrix dimension if its strides make it one; else the operand is copied in the orientation with the
longer runs. That copy is all there is to im2col, and it is kept, so the backward pass uses it again.
"""

from __future__ import annotations

from collections.abc import Sequence

from netc.compiler.plan.access import Access
from netc.compiler.plan.model import Einsum, Elementwise, MatMul, Operand, Reduction
from netc.compiler.plan.workspace import Fixed, Workspace
from netc.compiler.statements.expressions import Affine, Index, Read
from netc.compiler.statements.program import Statement

SMALL_WINDOW = 16
Groups = tuple[tuple[Index, ...], tuple[Index, ...]]


class Contractions:
    """Plans the sums of one program; keeps the copies it makes."""

    def __init__(self, w: Workspace) -> None:
        self.w = w
        self.copies: dict[object, tuple[Groups, Operand]] = {}
        self.invariant: dict[object, tuple[Groups, Operand]] = {}  # copies made before a loop, of what it does not change

    def bind_sum(self, s: Statement, adds: bool) -> None:
        """The steps that write the sum of a statement to its target, or add it."""
        w = self.w
        order = w.stored_order(s.target, s.place, {})
        out = w.access(s.target, s.place, {})
        if not adds:
            self._total(s, order, out)
            return
        scratch = w.scratch(order)
        self._total(s, order, scratch)
        target = out.operand(order)
        w.elementwise("+", (target, scratch.operand(order)), target)

    def _total(self, s: Statement, order: list[Index], out: Access) -> None:
        """Write the sum to `out`, whose axes are `order`."""
        over = [i for i in s.over if i not in self.w.running]
        reads = s.reads()
        if len(reads) == 1:
            self._single(reads[0], order, over, out)
        else:
            self._product(reads, order, over, out)

    def _single(self, read: Read, order: list[Index], over: list[Index], out: Access) -> None:
        w = self.w
        windowed = any(isinstance(p, Affine) and len([i for i in p.indices if i not in w.running]) > 1 for p in read.indices)
        if windowed and w.points(over) <= SMALL_WINDOW:
            views = [w.read(read, at).operand(order) for at in offsets(w, over)]
            fold(w, "+", views, out.operand(order))
            return
        self._reduce(w.read(read, {}), order, over, out)

    def _reduce(self, access: Access, order: list[Index], over: list[Index], out: Access) -> None:
        axes = access.descending([*order, *over])
        rest = [i for i in axes if i not in over]
        where = tuple(k for k, i in enumerate(axes) if i in over)
        self.w.emit(Reduction("add", access.operand(axes), out.operand(rest), where, origin=self.w.origin))

    def _product(self, reads: Sequence[Read], order: list[Index], over: list[Index], out: Access) -> None:
        w = self.w
        pair = [w.read(r, {}) for r in reads]
        for k, (mine, other) in enumerate(((pair[0], pair[1]), (pair[1], pair[0]))):
            alone = [i for i in over if i in mine.strides and i not in other.strides]
            if alone:  # an index of one operand only: sum it first
                kept = [i for i in mine.descending() if i not in alone]
                before = w.scratch(kept)
                self._reduce(mine, kept, alone, before)
                pair[k] = before
                over = [i for i in over if i not in alone]
        a, b = pair
        inner = [i for i in over if i in a.strides and i in b.strides]
        if not inner:
            w.elementwise("*", (a.operand(order), b.operand(order)), out.operand(order))
            return
        batch = [i for i in order if i in a.strides and i in b.strides]
        rows = [i for i in order if i in a.strides and i not in b.strides]
        columns = [i for i in order if i in b.strides and i not in a.strides]
        if not rows and not columns or reads[0] == reads[1]:
            self._einsum(a, b, order, out)
            return
        first, second = reads
        if order and order[-1] in rows:  # what moves fastest in the output are the columns
            a, b, rows, columns, first, second = b, a, columns, rows, second, first
        self._matmul((a, first), (b, second), batch, rows, columns, inner, out)

    def _einsum(self, a: Access, b: Access, order: list[Index], out: Access) -> None:
        letters = {i: chr(97 + k) for k, i in enumerate(dict.fromkeys([*a.strides, *b.strides]))}
        left, right = a.descending(), b.descending()
        text = f"{''.join(letters[i] for i in left)},{''.join(letters[i] for i in right)}->{''.join(letters[i] for i in order)}"
        self.w.emit(Einsum(text, a.operand(left), b.operand(right), out.operand(order), self.w.origin))

    def _matmul(
        self, left: tuple[Access, Read], right: tuple[Access, Read], batch: list[Index], rows: list[Index], columns: list[Index],
        inner: list[Index], out: Access,
    ) -> None:  # fmt: skip
        w = self.w
        best: tuple[int, list[Index]] | None = None
        for chosen in (left[0].descending(inner), right[0].descending(inner), inner):
            copied = sum(
                0 if _is_matrix(access, group, chosen) else w.points([*batch, *group, *chosen])
                for access, group in ((left[0], rows), (right[0], columns))
            )
            if best is None or copied < best[0]:
                best = (copied, chosen)
        assert best is not None
        inner = best[1]
        a = self._matrix(left, batch, rows, inner)
        b = self._matrix(right, batch, inner, columns)
        sizes = [w.size(i) for i in batch]
        m, n = out.collapsed(rows), out.collapsed(columns)
        if m and n and (m[1] == 1 or n[1] == 1 or m[0] == 1 or n[0] == 1):
            y = Operand(out.buffer, out.offset, (*sizes, m[0], n[0]), (*(out.strides[i] for i in batch), m[1], n[1]), out.moves)
            w.emit(MatMul(a, b, y, w.origin))
            return
        order = [*batch, *rows, *columns]
        scratch = w.scratch(order)
        flat = as_matrices(scratch, w, batch, rows, columns)
        w.emit(MatMul(a, b, flat, w.origin))
        w.emit(Elementwise("copy", (scratch.operand(order),), out.operand(order), w.origin))

    def _matrix(self, source: tuple[Access, Read], batch: list[Index], first: list[Index], second: list[Index]) -> Operand:
        """An operand as matrices `first` x `second`."""
        w, (access, read) = self.w, source
        before = bool(w.outside) and w.invariant(read.variable, access)
        turned_round = before and _by_columns(access, first, second)
        if _is_matrix(access, first, second) and not access.buffer.integer and not turned_round:
            one, two = access.collapsed(first), access.collapsed(second)
            assert one and two
            lead = [w.size(i) for i in batch]
            return Operand(access.buffer, access.offset, (*lead, one[0], two[0]), (*(access.strides.get(i, 0) for i in batch), one[1], two[1]), access.moves)
        key = (read.variable, read.indices, access.buffer, tuple(batch), frozenset(first), frozenset(second))
        turned = (read.variable, read.indices, access.buffer, tuple(batch), frozenset(second), frozenset(first))
        for k, transposed in ((key, False), (turned, True)):
            if k in self.copies:
                groups, operand = self.copies[k]
                if groups == ((tuple(second), tuple(first)) if transposed else (tuple(first), tuple(second))):
                    return _transposed(operand) if transposed else operand
        run_first = min((access.strides.get(i, 1 << 60) for i in first), default=1 << 60)
        run_second = min((access.strides.get(i, 1 << 60) for i in second), default=1 << 60)
        swap = run_first < run_second and not turned_round  # what a loop reads again and again is laid row by row once
        slow, fast = (second, first) if swap else (first, second)
        order = [*batch, *slow, *fast]
        copy = w.scratch(order, alone=before)
        step = Elementwise("copy", (access.operand(order),), copy.operand(order), w.origin)
        matrix = as_matrices(copy, w, batch, slow, fast)
        made = ((tuple(slow), tuple(fast)), matrix)
        self.copies[turned if swap else key] = made
        if before:
            w.outside[0].append(step)
            self.invariant[turned if swap else key] = made
        else:
            w.emit(step)
        return _transposed(matrix) if swap else matrix


def _is_matrix(access: Access, first: Sequence[Index], second: Sequence[Index]) -> bool:
    one, two = access.collapsed(first), access.collapsed(second)
    return bool(one and two and (one[1] == 1 or two[1] == 1 or one[0] == 1 or two[0] == 1))


def _by_columns(access: Access, first: Sequence[Index], second: Sequence[Index]) -> bool:
    one, two = access.collapsed(first), access.collapsed(second)
    return bool(one and two and one[1] == 1 and two[1] != 1 and one[0] > 1)


def _transposed(o: Operand) -> Operand:
    return Operand(o.buffer, o.offset, (*o.shape[:-2], o.shape[-1], o.shape[-2]), (*o.strides[:-2], o.strides[-1], o.strides[-2]), o.moves)


def as_matrices(access: Access, w: Workspace, batch: list[Index], first: Sequence[Index], second: Sequence[Index]) -> Operand:
    """A register, made in the order batch, first, second, as matrices."""
    m, n = w.points(list(first)), w.points(list(second))
    lead = tuple(w.size(i) for i in batch)
    strides = tuple(access.strides[i] for i in batch)
    return Operand(access.buffer, access.offset, (*lead, m, n), (*strides, n, 1), access.moves)


def offsets(w: Workspace, indices: Sequence[Index]) -> list[Fixed]:
    """All points of some small indices."""
    found: list[Fixed] = [{}]
    for i in indices:
        found = [{**at, i: w.low(i) + k} for at in found for k in range(w.size(i))]
    return found


def fold(w: Workspace, function: str, views: list[Operand], out: Operand) -> None:
    """out = function over views, two at a time."""
    if len(views) == 1:
        w.elementwise("copy", (views[0],), out)
        return
    w.elementwise(function, (views[0], views[1]), out)
    for view in views[2:]:
        w.elementwise(function, (out, view), out)
