"""What the data pick from a table that all samples share is read there, where it is used point by point.

`r[t] = sigmoid(table[x[t]] + ...)` needs no copy of the rows of the table, one for each symbol: the table stays in the cache.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from netc.compiler.schedule import Item, Scan, leaves
from netc.compiler.statements.expressions import Affine, Expr, Index, Kind, Read, Variable, map_reads, substitute
from netc.compiler.statements.program import Operation, Program, Statement


def with_picks(items: Sequence[Item], program: Program) -> list[Item]:
    """The items without such copies."""
    found = {s.target: s for s in _picks(items, program)}
    return list(_without(items, found)) if found else list(items)


def _picks(items: Sequence[Item], program: Program) -> Iterator[Statement]:
    statements = list(leaves(items))
    pieces: dict[Variable, int] = {}
    needed = set(program.roots())
    for s in statements:
        pieces[s.target] = pieces.get(s.target, 0) + 1
        if s.operation is not Operation.MAP or s.source or s.condition is not None or any(not isinstance(p, Affine) for p in s.place):
            needed.update(r.variable for r in s.reads())
        needed.update(r.variable for r in s.reads() if any(not isinstance(p, Affine) for p in r.indices))
    for item in items:
        if not isinstance(item, Statement) or item.operation is not Operation.GATHER or not isinstance(item.body, Read):
            continue
        v, table = item.target, item.body.variable
        plain = [p.plain for p in item.place if isinstance(p, Affine)]
        if v in needed or v.kind is not Kind.TEMPORARY or v.fill is not None or pieces[v] > 1 or table.per_sample or not v.per_sample:
            continue
        if len(plain) == len(item.place) == len(set(plain)) and None not in plain:
            yield item


def _without(items: Sequence[Item], picks: Mapping[Variable, Statement]) -> Iterator[Item]:
    for item in items:
        if isinstance(item, Scan):
            body = tuple(_without(item.body, picks))
            made = dict(zip(leaves(item.body), leaves(body), strict=True))
            yield replace(item, index={made[s]: i for s, i in item.index.items()}, body=body)
        elif picks.get(item.target) is not item:
            yield _reading(item, picks)


def _reading(s: Statement, picks: Mapping[Variable, Statement]) -> Statement:
    if not any(r.variable in picks for r in s.reads()):
        return s

    def read(r: Read) -> Expr:
        if r.variable not in picks:
            return r
        pick = picks[r.variable]
        at: dict[Index, Affine] = {}
        for p, q in zip(pick.place, r.indices, strict=True):
            assert isinstance(p, Affine) and p.plain is not None and isinstance(q, Affine)
            at[p.plain] = q - p.const
        return substitute(pick.body, at)

    return replace(s, body=map_reads(s.body, read))

