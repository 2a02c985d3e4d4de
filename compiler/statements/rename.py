"""The same statement over other indices, or reading something else; and which indices it has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from netc.compiler.statements.expressions import (
    BATCH,
    Affine,
    Expr,
    Index,
    IndexValue,
    Read,
    affine,
    map_reads,
    substitute,
    walk,
)
from netc.compiler.statements.program import Statement


def indices_of(s: Statement) -> dict[Index, None]:
    """Every index in order of appearance, the left side first, as an ordered set. The batch is not listed."""
    found: dict[Index, None] = {}
    for part in (*s.place, *s.over, *s.expressions()):
        found.update(dict.fromkeys(_indices(part)))
    found.pop(BATCH, None)
    return found


def _indices(part: Affine | Index | Expr) -> tuple[Index, ...]:
    match part:
        case Index():
            return (part,)
        case Affine():
            return part.indices
        case _:
            return tuple(i for e in walk(part) for a in _places(e) for i in a.indices)


def _places(e: Expr) -> tuple[Affine, ...]:
    if isinstance(e, Read):
        return tuple(i for i in e.indices if isinstance(i, Affine))
    return (e.affine,) if isinstance(e, IndexValue) else ()


def with_indices(s: Statement, names: Mapping[Index, Index]) -> Statement:
    """The statement over other indices; those that `names` leaves out stay."""
    mapping = {i: affine(k) for i, k in names.items()}

    return replace(
        s,
        place=tuple(p.substitute(mapping) if isinstance(p, Affine) else _read(substitute(p, mapping)) for p in s.place),
        indices=tuple(names.get(i, i) for i in s.indices),
        body=substitute(s.body, mapping),
        over=tuple(names.get(i, i) for i in s.over),
        condition=None if s.condition is None else substitute(s.condition, mapping),
        source=tuple(_read(substitute(r, mapping)) for r in s.source),
    )


def with_reads(s: Statement, follow: Callable[[Read], Expr]) -> Statement:
    """The statement with every read passed through a function; itself where none changes."""
    body = map_reads(s.body, follow)
    condition = None if s.condition is None else map_reads(s.condition, follow)
    source = tuple(_read(map_reads(r, follow)) for r in s.source)
    place = tuple(p if isinstance(p, Affine) else _read(map_reads(p, follow)) for p in s.place)
    if body is s.body and condition is s.condition and not source and place == s.place:
        return s
    return replace(s, body=body, condition=condition, source=source, place=place)


def _read(e: Expr) -> Read:
    assert isinstance(e, Read)
    return e
