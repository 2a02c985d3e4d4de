"""A cheap pointwise value that is read once is computed where it is read.

before: a[i] = q[i] + b[i];  y[i] = tanh(2/3 * a[i])      after: y[i] = tanh(2/3 * (q[i] + b[i]))
"""

from __future__ import annotations

from dataclasses import replace

from netc.compiler.functions.scalar import SCALAR
from netc.compiler.rewrites.order_statements import recurrent_groups
from netc.compiler.statements.expressions import (
    Affine,
    Apply,
    Expr,
    Kind,
    Number,
    Read,
    Variable,
    map_reads,
    substitute,
    walk,
)
from netc.compiler.statements.program import Operation, Program, Statement

_CHEAP = 4
_LARGEST = 24  # nodes of one pointwise expression


def inline_maps(program: Program) -> Program:
    pieces = program.pieces()
    roots = set(program.roots())
    count: dict[Variable, int] = {}
    for statement in program.statements:
        for read in statement.reads():
            count[read.variable] = count.get(read.variable, 0) + (1 if statement.operation is Operation.MAP else 2)
    loops = {id(s) for group in recurrent_groups(program.statements) for s in group}
    read_in_loops = {r.variable for s in program.statements if id(s) in loops for r in s.reads()}
    inlined: dict[Variable, Statement] = {}
    for statement in program.statements:
        target = statement.target
        if (
            statement.operation is Operation.MAP
            and not statement.accumulate
            and target not in roots
            and target.kind is Kind.TEMPORARY
            and target.fill is None
            and count.get(target) == 1
            and len(pieces[target]) == 1
            and statement.covers_target
            and (id(statement) in loops or target not in read_in_loops)  # what left a recurrence stays outside
            and _cheap(statement.body)
        ):
            inlined[target] = statement

    def follow(read: Read) -> Expr:
        statement = inlined.get(read.variable)
        if statement is None or not all(isinstance(i, Affine) for i in read.indices):
            return read
        mapping = {p.plain: i for p, i in zip(statement.place, read.indices, strict=True) if isinstance(p, Affine) and p.plain and isinstance(i, Affine)}
        return map_reads(substitute(statement.body, mapping), follow)

    done = []
    for statement in program.statements:
        if statement.target in inlined:
            continue
        inlines = statement.operation is Operation.MAP and any(r.variable in inlined for r in statement.reads())
        done.append(replace(statement, body=map_reads(statement.body, follow)) if inlines else statement)
    read_still = {r.variable for s in done for r in s.reads()}
    done += [s for v, s in inlined.items() if v in read_still]
    return replace(program, statements=tuple(done))


def _cheap(e: Expr) -> bool:
    nodes = list(walk(e))
    return len(nodes) <= _LARGEST and not isinstance(e, Number) and all(
        SCALAR[x.function].cost <= _CHEAP for x in nodes if isinstance(x, Apply)
    )
