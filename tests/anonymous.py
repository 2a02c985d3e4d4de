"""A program as text in which variables and indices are numbered: equal texts compute the same thing in the same way.

Inputs keep their names; everything else loses its own, and statements stand in the order in which the roots ask for them.
So an equation that a user writes can be compared with a layer of the prelude.
"""

from __future__ import annotations

from dataclasses import replace

from netc.compiler.statements.expressions import (
    Index,
    Initialiser,
    Kind,
    Read,
    Support,
    Variable,
    affine,
    map_reads,
    substitute,
)
from netc.compiler.statements.print import expression, statement
from netc.compiler.statements.program import Program, Statement
from netc.compiler.statements.rename import indices_of, with_indices


def anonymous(program: Program) -> str:
    """Declarations, then statements, one on each line."""
    pieces = program.pieces()
    numbers: dict[Variable, Variable] = {}
    lines: list[str] = []
    for root in program.roots():
        _numbered(root, numbers)
    waiting = list(numbers)
    while waiting:
        for s in pieces.get(waiting.pop(0), ()):
            known = len(numbers)
            lines.append(statement(_renamed(s, numbers)))
            waiting += list(numbers)[known:]
    return "\n".join([_declaration(v, shown) for v, shown in numbers.items()] + lines)


def _numbered(v: Variable, numbers: dict[Variable, Variable]) -> Variable:
    if v not in numbers:
        name = v.name if v.kind is Kind.INPUT else f"{v.kind.value}{len(numbers)}"
        numbers[v] = Variable(name, v.axes, v.kind, v.type, v.per_sample)
    return numbers[v]


def _renamed(s: Statement, numbers: dict[Variable, Variable]) -> Statement:
    """With indices numbered as they appear; variables that are met for the first time get numbers."""
    s = with_indices(s, {i: Index(f"i{k}", i.domain) for k, i in enumerate(indices_of(s))})

    def read(r: Read) -> Read:
        return Read(_numbered(r.variable, numbers), r.indices)

    def whole(r: Read) -> Read:
        done = map_reads(r, read)
        assert isinstance(done, Read)
        return done

    return replace(
        s,
        target=_numbered(s.target, numbers),
        place=tuple(whole(p) if isinstance(p, Read) else p for p in s.place),
        body=map_reads(s.body, read),
        condition=None if s.condition is None else map_reads(s.condition, read),
        source=tuple(whole(r) for r in s.source),
    )


def _declaration(v: Variable, shown: Variable) -> str:
    facts = [v.type.value, "per sample" if v.per_sample else "shared"]
    facts += [] if v.fill is None else [f"{v.fill:g} outside"]
    facts += [] if v.init is None else [_first_value(v.init)]
    facts += [] if v.support is None else [f"where {_condition(v.support)}"]
    return f"{shown.name}[{', '.join(map(str, v.axes))}]: {', '.join(facts)}"


def _first_value(init: Initialiser) -> str:
    return f"init {init.rule}({', '.join(map(str, init.arguments))})"


def _condition(support: Support) -> str:
    return expression(
        substitute(support.condition, {i: affine(Index(f"i{k}", i.domain)) for k, i in enumerate(support.indices)})
    )
