"""A product that is added through windows, point by point, as one statement: `x[c, i+u] += sum[o] y[o, i] K[o, c, u]`.

The gradient of what a convolution reads comes as two statements: a product with an element for each point of each window,
and the sum of these over windows. Together they are one product, and what lies between them needs no memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from netc.compiler.schedule import Item, leaves
from netc.compiler.statements.expressions import Affine, Index, Kind, Read, Variable, affine
from netc.compiler.statements.program import Operation, Program, Statement


def join_windows(items: Sequence[Item], program: Program) -> list[Item]:
    """The same items, each such pair joined where the second stood."""
    readers: dict[Variable, int] = {}
    writers: dict[Variable, list[Statement]] = {}
    for s in leaves(items):
        writers.setdefault(s.target, []).append(s)
        for read in {r.variable for r in s.reads()}:
            readers[read] = readers.get(read, 0) + 1
    wanted = set(program.roots())
    made: dict[Statement, Statement | None] = {}
    alone = {s for s in items if isinstance(s, Statement)}
    for s in alone:
        v = s.body.variable if isinstance(s.body, Read) and s.operation is Operation.MAP and s.accumulate else None
        if v is None or v.kind is not Kind.TEMPORARY or v in wanted or readers[v] != 1 or len(writers.get(v, ())) != 1:
            continue
        (first,) = writers[v]
        whole = _joined(first, s) if first in alone and not first.accumulate else None
        if whole is not None and any(isinstance(p, Affine) and len(p.indices) > 1 for p in whole.place):
            made[s], made[first] = whole, None
    return [j for item in items if (j := made.get(item, item) if isinstance(item, Statement) else item) is not None]


def _joined(first: Statement, second: Statement) -> Statement | None:
    """The second with the product of the first in it, where it reads all of that, each point once."""
    assert isinstance(second.body, Read)
    names: dict[Index, Affine] = {}
    for at, written in zip(second.body.indices, first.place, strict=True):
        i, own = (p.plain if isinstance(p, Affine) else None for p in (at, written))
        if i is None or own is None or i.domain != own.domain or i in names:
            return None
        names[i] = affine(own)
    if set(names) != set(second.indices) or second.target.per_sample != first.target.per_sample:
        return None
    places = tuple(p.substitute(names) if isinstance(p, Affine) else p for p in second.place)
    return replace(first, target=second.target, place=places, accumulate=True, span=second.span)
