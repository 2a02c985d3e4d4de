"""Where two statements meet: the variables that one writes and the other touches, and whether they do so at the same point."""

from __future__ import annotations

from collections.abc import Sequence

from netc.compiler.statements.expressions import Affine, Expr, Index, Variable, free_indices
from netc.compiler.statements.program import Statement


def conflicts(a: Statement, b: Statement) -> list[tuple[Variable, Sequence[Affine | Expr], Sequence[Affine | Expr]]]:
    """Accesses of one variable by both, one of them a write: the variable, where a goes, where b goes."""
    found: list[tuple[Variable, Sequence[Affine | Expr], Sequence[Affine | Expr]]] = []
    found += [(r.variable, r.indices, b.place) for r in a.reads() if r.variable is b.target]
    found += [(r.variable, a.place, r.indices) for r in b.reads() if r.variable is a.target]
    if a.target is b.target:
        found.append((a.target, a.place, b.place))
    return found


def same_point(
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
