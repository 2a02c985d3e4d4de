"""How much a program does in a step, to tell how many threads are worth waking for it."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from netc.compiler.functions.scalar import SCALAR
from netc.compiler.statements.domains import BATCH_LENGTH, Length
from netc.compiler.statements.expressions import BATCH, Apply, walk
from netc.compiler.statements.program import Program, Statement
from netc.compiler.statements.rename import indices_of

LEAST = 1 << 20  # multiply-adds: with fewer of its own a thread waits longer for the others than it helps them


def work(program: Program, lengths: Mapping[Length, int]) -> int:
    """Multiply-adds of one step, roughly: each statement's at all its points."""
    return sum(_points(s, lengths) * _cost(s) for s in program.statements)


def worth(program: Program, lengths: Mapping[Length, int], threads: int) -> int:
    """So many threads, at most, that each has enough to do."""
    return max(1, min(threads, work(program, lengths) // LEAST))


def _points(s: Statement, lengths: Mapping[Length, int]) -> int:
    samples = lengths[BATCH_LENGTH] if s.target.per_sample or BATCH in s.over else 1
    return samples * prod(i.domain.points(lengths) for i in indices_of(s))


def _cost(s: Statement) -> int:
    return max(1, sum(SCALAR[e.function].cost for part in s.expressions() for e in walk(part) if type(e) is Apply))
