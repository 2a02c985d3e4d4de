"""Copies disappear: what reads the copy reads the original through the composed index map.

before: p[i, j] = x[j, i];  y[i] = sum[j] p[i, j] * w[j]      after: y[i] = sum[j] x[j, i] * w[j]
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from functools import partial

from netc.compiler.statements.expressions import Affine, Expr, Index, Kind, Read, Variable, free_indices, map_reads
from netc.compiler.statements.program import Operation, Program, Statement


def covers_target(statement: Statement) -> bool:
    """Whether the left side is the variable's own axes, each by an index of its own."""
    seen: set[Index] = set()
    for place, axis in zip(statement.place, statement.target.axes, strict=True):
        if not isinstance(place, Affine) or place.plain is None or place.const != 0 or place.plain in seen:
            return False
        if place.plain.domain != axis:
            return False
        seen.add(place.plain)
    return True


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
        done.append(rewritten(statement, partial(follow, everywhere=is_map)) if reads_copy else statement)
    # a copy that could not be followed somewhere stays, and with it what it needs in turn
    kept = set(roots)
    waiting = deque(r.variable for s in done for r in s.reads())
    while waiting:
        variable = waiting.popleft()
        if variable in copies and variable not in kept:
            kept.add(variable)
            done.append(rewritten(copies[variable], follow))
            waiting.extend(r.variable for r in done[-1].reads())
    return replace(program, statements=tuple(done))


def rewritten(statement: Statement, follow: object) -> Statement:
    """The statement with every read passed through a function."""
    f = follow
    body = map_reads(statement.body, f)  # type: ignore[arg-type]
    condition = None if statement.condition is None else map_reads(statement.condition, f)  # type: ignore[arg-type]
    source = tuple(_read(map_reads(s, f)) for s in statement.source)  # type: ignore[arg-type]
    place = tuple(p if isinstance(p, Affine) else _read(map_reads(p, f)) for p in statement.place)  # type: ignore[arg-type]
    if body is statement.body and condition is statement.condition and not source and place == statement.place:
        return statement
    return replace(statement, body=body, condition=condition, source=source, place=place)


def _read(e: Expr) -> Read:
    assert isinstance(e, Read)
    return e


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
        and covers_target(statement)
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


