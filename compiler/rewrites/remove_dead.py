"""Statements that nothing wanted depends on disappear."""

from __future__ import annotations

from dataclasses import replace

from netc.compiler.statements.expressions import Variable
from netc.compiler.statements.program import Program


def remove_dead(program: Program) -> Program:
    pieces = program.pieces()
    live: set[Variable] = set()
    stack = program.roots()
    while stack:
        variable = stack.pop()
        if variable in live:
            continue
        live.add(variable)
        for statement in pieces.get(variable, ()):
            stack += [r.variable for r in statement.reads()]
    return replace(program, statements=tuple(s for s in program.statements if s.target in live))
