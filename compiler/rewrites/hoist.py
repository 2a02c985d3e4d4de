"""What does not depend on a recurrence leaves it, and is computed before, for all points at once; terms are gathered for that.

before: h[t, i] = tanh((q[t, i] + u[t, i]) + b[i]);  u[t, i] = sum[k] U[i, k] * h[t-1, k]
after:  x[t, i] = q[t, i] + b[i];  h[t, i] = tanh(u[t, i] + x[t, i])
"""

from __future__ import annotations

from dataclasses import replace

from netc.compiler.rewrites.order_statements import recurrent_groups
from netc.compiler.statements.expressions import (
    Affine,
    Apply,
    Expr,
    Kind,
    Read,
    Variable,
    affine,
    free_indices,
    reads,
    rebuild,
    total,
)
from netc.compiler.statements.fresh import numbered
from netc.compiler.statements.program import Operation, Program, Statement


def hoist(program: Program) -> Program:
    names = {v.name for v in program.variables()}
    changed: dict[int, Statement] = {}
    added: list[Statement] = []
    for group in recurrent_groups(program.statements):
        inside = {s.target for s in group}
        for s in group:
            if s.operation is Operation.MAP:
                hoister = _Hoister(s, inside, names)
                body = hoister.walk(s.body)
                if hoister.added:
                    changed[id(s)] = replace(s, body=body)
                    added += hoister.added
    if not changed:
        return program
    done = replace(program, statements=(*added, *(changed.get(id(s), s) for s in program.statements)))
    return done.noting("terms that need no earlier point: all at once, before the loop", (s.target for s in changed.values()))


class _Hoister:
    def __init__(self, s: Statement, inside: set[Variable], names: set[str]) -> None:
        self.s, self.inside, self.names = s, inside, names
        self.added: list[Statement] = []

    def walk(self, e: Expr) -> Expr:
        if not isinstance(e, Apply):
            return e
        if not any(r.variable in self.inside for r in reads(e)) and any(r.variable.per_sample for r in reads(e)):
            return self._outside([e])
        if e.function != "+":
            return rebuild(e, self.walk)
        terms = _terms(e)
        free = [t for t in terms if not any(r.variable in self.inside for r in reads(t))]
        bound = [self.walk(t) for t in terms if t not in free]
        if len(free) < 2 or not bound or not any(r.variable.per_sample for t in free for r in reads(t)):
            return rebuild(e, self.walk)
        return total([*bound, self._outside(free)])

    def _outside(self, terms: list[Expr]) -> Expr:
        """The sum of some terms as a variable of its own."""
        body = total(terms)
        found = free_indices(body)
        indices = tuple(i for i in self.s.indices if i in found)
        name = numbered(f"{self.s.target.name}.x", self.names)
        made = Variable(name, tuple(i.domain for i in indices), Kind.TEMPORARY, per_sample=True)
        place: tuple[Affine, ...] = tuple(map(affine, indices))
        self.added.append(Statement(made, place, indices, body, span=self.s.span))
        return Read(made, place)


def _terms(e: Expr) -> list[Expr]:
    """The terms of a sum of sums."""
    if isinstance(e, Apply) and e.function == "+":
        return [t for a in e.arguments for t in _terms(a)]
    return [e]
