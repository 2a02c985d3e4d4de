"""The order of evaluation of a program."""

from __future__ import annotations

from dataclasses import dataclass

from netc.compiler.rewrites.order_statements import in_order
from netc.compiler.statements.program import Program, Statement


@dataclass(frozen=True, eq=False)
class Schedule:
    """Statements in an order in which each can run."""

    items: tuple[Statement, ...]


def schedule(program: Program) -> Schedule:
    """Order a program. Raises ValueError for statements that need each other at the same point."""
    return Schedule(tuple(in_order(program.statements)))
