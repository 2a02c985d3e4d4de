"""The range that is stored along each axis of a variable, in terms of the lengths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from netc.compiler.statements.domains import Bound, Length, value
from netc.compiler.statements.expressions import Affine, Expr, Read, Variable
from netc.compiler.statements.program import Program, Statement

Range = list[Bound]  # lowest and highest, both included


def extents(program: Program, statements: Sequence[Statement], lengths: Mapping[Length, int]) -> dict[Variable, list[Range]]:
    """The domain, everything written, and what is read outside where that has a value. `lengths` decide which bound is wider.

    A child that is not there is the point -1, which no node has: it reads 0, and what is added to it is lost.
    """
    found: dict[Variable, list[Range]] = {v: [[a.lo, a.hi] for a in v.axes] for v in program.variables()}
    summed = {*program.primal, *(s.target for s in statements if s.accumulate)}  # what nothing adds to is 0, wherever it is read
    for s in statements:
        _widen(found[s.target], s.place, lengths)
        _widen_below(found[s.target], s.place, lengths)
        for r in s.reads():
            _widen_below(found[r.variable], r.indices, lengths)
            if r.variable.fill is not None or r.variable in summed:
                _widen(found[r.variable], r.indices, lengths)
    for adjoint, primal in program.primal.items():
        if primal in found and adjoint in found:
            for mine, (lo, hi) in zip(found[adjoint], found[primal], strict=True):
                _include(mine, lo, hi, lengths)
    return found


def at_sizes(ranges: Mapping[Variable, Sequence[Range]], lengths: Mapping[Length, int]) -> dict[Variable, list[list[int]]]:
    """The ranges as numbers; one without a point ends before it begins."""
    found = {v: [[value(a, lengths), value(b, lengths)] for a, b in axes] for v, axes in ranges.items()}
    return {v: [[lo, max(hi, lo - 1)] for lo, hi in axes] for v, axes in found.items()}


def _widen(ranges: list[Range], places: Sequence[Affine | Expr], lengths: Mapping[Length, int]) -> None:
    for extent, place in zip(ranges, places, strict=True):
        if isinstance(place, Affine):
            _include(extent, *place.range(), lengths)


def _widen_below(ranges: list[Range], places: Sequence[Affine | Expr], lengths: Mapping[Length, int]) -> None:
    for extent, place in zip(ranges, places, strict=True):
        if isinstance(place, Read) and place.variable.tree:
            _include(extent, -1, -1, lengths)


def _include(extent: Range, lo: Bound, hi: Bound, lengths: Mapping[Length, int]) -> None:
    if value(lo, lengths) < value(extent[0], lengths):
        extent[0] = lo
    if value(hi, lengths) > value(extent[1], lengths):
        extent[1] = hi
