"""Where a table of connections says that weights are zero, nothing is summed.

`param K[o, c, u, v] where table[c, o]` is zero for maps that are not connected, and so is its gradient: a sum over such
weights skips them, and a sum of which only what the table connects is taken is not done elsewhere.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence

from netc.compiler.kernels.language.storage import Connected
from netc.compiler.statements.expressions import (
    Affine,
    Apply,
    Expr,
    Index,
    Kind,
    Number,
    Read,
    Variable,
    free_indices,
    reads,
    substitute,
)
from netc.compiler.statements.program import Operation, Program, Statement

_Condition = tuple[Sequence[Index], Expr]


def find_connected(statements: Iterable[Statement], program: Program, joins: Mapping[Variable, Variable]) -> dict[Statement, Connected]:
    """For each sum what the tables say of it; `joins` are the variables that sums of each thread belong to."""
    known = {v for v in program.variables() if v.kind is Kind.CONSTANT and not v.per_sample}
    taken = _taken(program, known)
    found: dict[Statement, Connected] = {}
    for s in statements:
        if s.operation is Operation.SUM:
            weights = next((w for r in s.reads() if (w := _support(r, known)) is not None), None)
            result = _at(taken.get(joins.get(s.target, s.target)), s.place)
            if weights is not None or result is not None:
                found[s] = Connected(weights, result)
    return found


def _support(r: Read, known: Container[Variable]) -> Expr | None:
    support = r.variable.support
    return _at((support.indices, support.condition), r.indices) if support is not None and _constant(support.condition, known) else None


def _taken(program: Program, known: Container[Variable]) -> dict[Variable, _Condition]:
    """Variables that are read once, and there only where a condition holds."""
    readers: dict[Variable, list[Statement]] = {v: [] for v in program.roots()}
    for s in program.statements:
        for r in s.reads():
            readers.setdefault(r.variable, []).append(s)
    found: dict[Variable, _Condition] = {}
    for s in program.statements:
        match s.body:
            case Apply(function="where", arguments=(test, Read() as r, Number(value=0))) if s.operation is Operation.MAP:
                at = _plain(r.indices)
                if at and r.variable not in program.roots() and readers[r.variable] == [s] and _constant(test, known) and {*free_indices(test)} <= {*at}:
                    found[r.variable] = at, test
    return found


def _constant(e: Expr, known: Container[Variable]) -> bool:
    return all(r.variable in known for r in reads(e))


def _at(condition: _Condition | None, places: Sequence[Affine | Expr]) -> Expr | None:
    """A condition on axes at these places."""
    if condition is None or not _plain(places):
        return None
    return substitute(condition[1], {i: p for i, p in zip(condition[0], places, strict=True) if isinstance(p, Affine)})


def _plain(places: Sequence[Affine | Expr]) -> Sequence[Index]:
    """The indices of places that are one index each; none where there is something else."""
    found = [p.plain for p in places if isinstance(p, Affine) and p.plain is not None and p.const == 0]
    return [i for i in found if i is not None] if len(found) == len(places) == len({*found}) else ()
