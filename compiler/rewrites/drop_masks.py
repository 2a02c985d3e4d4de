"""A mask over a softmax that has it as its condition goes: there the softmax is zero already.

before: a[t, s] = softmax[s <= t](z[t, s]);  m[t, s] = s <= t;  w[t, s] = a[t, s] * m[t, s]      after: w[t, s] = a[t, s]
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace

from netc.compiler.statements.canonical import canonical
from netc.compiler.statements.expressions import Affine, Apply, Expr, Index, Read, Variable, free_indices, substitute
from netc.compiler.statements.program import Operation, Program, Statement


def drop_masks(program: Program) -> Program:
    pieces = program.pieces()
    made = {v: found[0] for v, found in pieces.items() if len(found) == 1 and found[0].covers_target and v.fill is None}
    conditions = {v: s.condition for v, s in made.items() if s.operation is Operation.SOFTMAX and s.condition is not None}
    if not conditions:
        return program
    done = tuple(_without_masks(s, made, conditions) for s in program.statements)
    return program if all(a is b for a, b in zip(done, program.statements, strict=True)) else replace(program, statements=done)


def _without_masks(s: Statement, made: Mapping[Variable, Statement], conditions: Mapping[Variable, Expr]) -> Statement:
    if s.operation not in (Operation.MAP, Operation.SUM):
        return s
    factors = _factors(s.body)
    known = {_key(conditions[r.variable], made[r.variable], r) for r in factors if isinstance(r, Read) and r.variable in conditions}
    kept = [f for f in factors if not (isinstance(f, Read) and f.variable in made and _key(made[f.variable].body, made[f.variable], f) in known)]
    if len(kept) == len(factors) or {*free_indices(_product(kept))} != {*free_indices(s.body)}:
        return s
    return replace(s, body=_product(kept))


def _factors(e: Expr) -> list[Expr]:
    return [f for a in e.arguments for f in _factors(a)] if isinstance(e, Apply) and e.function == "*" else [e]


def _product(factors: list[Expr]) -> Expr:
    total = factors[0]
    for f in factors[1:]:
        total = Apply("*", (total, f))
    return total


def _key(e: Expr, s: Statement, r: Read) -> Hashable:
    """What an expression of a statement is at the place of a read; equal keys say the same."""
    mapping: dict[Index, Affine] = {}
    for p, q in zip(s.place, r.indices, strict=True):
        if not isinstance(p, Affine) or p.plain is None or not isinstance(q, Affine):
            return object()
        mapping[p.plain] = q
    at = substitute(e, mapping)
    return canonical(at, {i: i.serial for i in free_indices(at)})
