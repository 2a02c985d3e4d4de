"""What holds of every program, after every rewrite: a breach is a mistake of the compiler, not of a spec."""

from __future__ import annotations

from collections.abc import Sequence

from netc.compiler.statements.domains import Bound, Domain, difference
from netc.compiler.statements.expressions import BATCH, Affine, Expr, Kind, Variable
from netc.compiler.statements.print import statement
from netc.compiler.statements.program import Program, Statement
from netc.compiler.statements.rename import indices_of


def verify(program: Program) -> None:
    """Raise ValueError for a breach.

    Every value that is read or wanted is defined; a body's indices stand on the left or are reduced; places fit the number
    of axes; what is read at affine places lies on the axes or on pieces that continue them, unless the variable has a fill.
    """
    pieces = program.pieces()
    for v in program.roots():
        if v.kind is Kind.TEMPORARY and v not in pieces:
            raise ValueError(f"nothing defines {v.name}, which is wanted")
    for s in program.statements:
        _indices(s)
        for r in s.reads():
            if r.variable.kind is Kind.TEMPORARY and r.variable not in pieces and not _empty(r.variable):
                raise ValueError(f"nothing defines {r.variable.name}, which is read: {statement(s)}")
            own = program.primal.get(r.variable)  # an adjoint has the points of its variable
            _inside(r.variable, r.indices, [*pieces.get(r.variable, ()), *(pieces.get(own, ()) if own else ())], s)
        if len(s.place) != len(s.target.axes):
            raise ValueError(f"{s.target.name} has {len(s.target.axes)} axes: {statement(s)}")


def _indices(s: Statement) -> None:
    bound = {*s.indices, *s.over, BATCH}
    for i in indices_of(s):
        if i not in bound:
            raise ValueError(f"{i} is bound nowhere: {statement(s)}")


def _inside(v: Variable, places: tuple[Affine | Expr, ...], pieces: Sequence[Statement], s: Statement) -> None:
    if len(places) != len(v.axes):
        raise ValueError(f"{v.name} has {len(v.axes)} axes: {statement(s)}")
    if v.fill is not None:
        return
    for k, (place, axis) in enumerate(zip(places, v.axes, strict=True)):
        if not isinstance(place, Affine):
            continue
        lo, hi = place.range()
        if not _outside(axis, lo, hi):
            continue
        reach = _reach(axis, [p.range() for piece in pieces if isinstance(p := piece.place[k], Affine)])
        if _outside(reach, lo, hi):
            raise ValueError(f"{v.name} is read outside {reach}: {statement(s)}")


def _outside(axis: Domain, lo: Bound, hi: Bound) -> bool:
    below, above = difference(axis.lo, lo), difference(hi, axis.hi)
    return (below is not None and below > 0) or (above is not None and above > 0)


def _reach(axis: Domain, ranges: Sequence[tuple[Bound, Bound]]) -> Domain:
    """The axis with the pieces that continue it without a gap: `h[0]` before `h[1..T]`."""
    lo, hi = axis.lo, axis.hi
    for _ in ranges:
        for first, last in ranges:
            if difference(last + 1, lo) == 0:
                lo = first
            if difference(hi + 1, first) == 0:
                hi = last
    return Domain(lo, hi, axis.name)


def _empty(v: Variable) -> bool:
    return any(a.known and a.points() == 0 for a in v.axes)
