"""A value that is only copied into what is wanted is computed there.

before: t[k, i] = sum[B] g[k] * x[i];  dW[k, i] = t[k, i]      after: dW[k, i] = sum[B] g[k] * x[i]
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from netc.compiler.statements.expressions import Affine, Expr, Index, Kind, Read, Variable
from netc.compiler.statements.program import Operation, Program, Statement
from netc.compiler.statements.rename import with_reads

_T = TypeVar("_T")


def write_directly(program: Program) -> Program:
    pieces = program.pieces()
    roots = set(program.roots())
    moved: dict[Variable, tuple[Variable, tuple[int, ...]]] = {}  # temporary -> wanted, and which axis each of its axes is
    for s in program.statements:
        source = _copied(s, pieces)
        if source is not None and s.target in roots and s.target not in program.kept and source not in roots and source not in moved:
            moved[source] = (s.target, _axes(s))

    def follow(read: Read) -> Expr:
        if read.variable not in moved:
            return read
        target, axes = moved[read.variable]
        return Read(target, _permuted(read.indices, axes))

    done = []
    for s in program.statements:
        source = _copied(s, pieces)
        if source is not None and source in moved and moved[source][0] is s.target:
            continue
        s = with_reads(s, follow)
        if s.target in moved:
            target, axes = moved[s.target]
            s = replace(s, target=target, place=_permuted(s.place, axes))
        done.append(s)
    return replace(program, statements=tuple(done))


def _copied(s: Statement, pieces: dict[Variable, list[Statement]]) -> Variable | None:
    """The temporary that this statement copies as a whole, axis by axis."""
    if s.operation is not Operation.MAP or s.accumulate or not isinstance(s.body, Read) or len(pieces[s.target]) != 1:
        return None
    source = s.body.variable
    if source.kind is not Kind.TEMPORARY or source.fill is not None or source.per_sample != s.target.per_sample:
        return None
    if source.type is not s.target.type or not s.covers_target or len(s.body.indices) != len(s.place) or source not in pieces:
        return None
    seen: set[Index] = set()
    for place, axis in zip(s.body.indices, source.axes, strict=True):
        if not isinstance(place, Affine) or place.plain is None or place.const != 0 or place.plain.domain != axis:
            return None
        seen.add(place.plain)
    return source if len(seen) == len(s.place) else None


def _axes(s: Statement) -> tuple[int, ...]:
    """For each axis of the target, the axis of the source that it is."""
    found = [p.plain for p in s.read.indices if isinstance(p, Affine)]
    return tuple(found.index(p.plain) for p in s.place if isinstance(p, Affine))


def _permuted(places: tuple[_T, ...], axes: tuple[int, ...]) -> tuple[_T, ...]:
    return tuple(places[k] for k in axes)
