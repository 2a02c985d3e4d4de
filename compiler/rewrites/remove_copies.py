"""Copies disappear: what reads the copy reads the original through the composed index map.

before: p[i, j] = x[j, i];  y[i] = sum[j] p[i, j] * w[j]      after: y[i] = sum[j] x[j, i] * w[j]
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from functools import partial

from netc.compiler.statements.expressions import Affine, Expr, Index, Kind, Read, Variable, free_indices
from netc.compiler.statements.program import Operation, Program, Statement
from netc.compiler.statements.rename import with_reads


def remove_copies(program: Program) -> Program:
    pieces = program.pieces()
    roots = set(program.roots())
    copies: dict[Variable, Statement] = {}
    for statement in program.statements:
        if _is_copy(statement, pieces) and statement.target not in program.kept:
            copies[statement.target] = statement

    # where indices vanish, a sum over them would lose their number: such a copy serves maps only
    spread = {v for v, s in copies.items() if set(free_indices(s.body)) != set(s.indices)}

    def follow(read: Read, everywhere: bool = True) -> Expr:
        while read.variable in copies and (everywhere or read.variable not in spread):
            composed = _compose(read, copies[read.variable])
            if composed is None:
                return read
            read = composed
        return read

    done = []
    for statement in program.statements:
        if statement.target in copies and statement.target not in roots:
            continue
        is_map = statement.operation is Operation.MAP
        reads_copy = any(r.variable in copies for r in statement.reads())
        done.append(with_reads(statement, partial(follow, everywhere=is_map)) if reads_copy else statement)
    # a copy that could not be followed somewhere stays, and with it what it needs in turn
    kept = set(roots)
    waiting = deque(r.variable for s in done for r in s.reads())
    while waiting:
        variable = waiting.popleft()
        if variable in copies and variable not in kept:
            kept.add(variable)
            done.append(with_reads(copies[variable], follow))
            waiting.extend(r.variable for r in done[-1].reads())
    return replace(program, statements=tuple(done))


def _is_copy(statement: Statement, pieces: dict[Variable, list[Statement]]) -> bool:
    body, target = statement.body, statement.target
    return (
        statement.operation is Operation.MAP
        and isinstance(body, Read)
        and not statement.accumulate
        and target.kind is Kind.TEMPORARY
        and target.fill is None
        and len(pieces[target]) == 1
        and body.variable is not target
        and body.variable.per_sample == target.per_sample
        and body.variable.kind is not Kind.STATE
        and (body.variable.type is target.type)
        and all(isinstance(i, Affine) for i in body.indices)
        and statement.covers_target
    )


def _compose(read: Read, copy: Statement) -> Read | None:
    """The read of a copy as a read of the original."""
    body = copy.body
    assert isinstance(body, Read)
    affine_at: dict[Index, Affine] = {}
    data_at: dict[Index, Expr] = {}
    for place, i in zip(copy.place, read.indices, strict=True):
        assert isinstance(place, Affine) and place.plain is not None
        if isinstance(i, Affine):
            affine_at[place.plain] = i
        else:
            data_at[place.plain] = i
    indices: list[Affine | Expr] = []
    for i in body.indices:
        assert isinstance(i, Affine)
        picked = [k for k in i.indices if k in data_at]
        if not picked:
            indices.append(i.substitute(affine_at))
        elif i.plain is not None and i.const == 0:
            indices.append(data_at[i.plain])
        else:
            return None
    return Read(body.variable, tuple(indices))


