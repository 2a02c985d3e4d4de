"""Sums over all samples that each thread adds up for its own, while what is summed is still in its cache.

The sums of the threads then become one. This is for gradients of weights where tiles are small, and of small windows where
samples lie side by side: else every activation of the batch would be written to memory and read again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import replace

from netc.compiler.kernels.sharing.units import Join, Share, Unit
from netc.compiler.schedule import Item
from netc.compiler.statements.expressions import BATCH, Affine, Variable
from netc.compiler.statements.program import Operation, Statement

_MOST = 2**18  # numbers of one sum: every thread has its own
_MOST_IN_LANES = 2**12  # where each is a vector that is summed for every tile
_POINTS = 32  # that a sample adds up to such a number, at least


def with_partials(items: Sequence[Item], adds: Container[Statement], suits: Callable[[Statement], bool]) -> tuple[list[Item], dict[Variable, Variable]]:
    """The items with such sums written to a variable of each thread, and for each of these the variable it belongs to."""
    pieces: dict[Variable, int] = {}
    for item in items:
        if isinstance(item, Statement):
            pieces[item.target] = pieces.get(item.target, 0) + 1
    whole: dict[Variable, Variable] = {}
    found: list[Item] = []
    for item in items:
        if isinstance(item, Statement) and item not in adds and pieces[item.target] == 1 and suits(item):
            v = Variable(f"{item.target.name} of each thread", item.target.axes)
            whole[v] = item.target
            item = replace(item, target=v)
        found.append(item)
    return found, whole


def few(s: Statement) -> bool:
    """Whether a sum is of no more numbers than threads keep for themselves."""
    return 0 < _numbers(s) <= _MOST


def few_in_lanes(s: Statement) -> bool:
    """Likewise, where samples lie side by side: what is added up must be much beside the sum of a vector."""
    points = math.prod(n for i in s.over if isinstance(n := i.domain.size, int))
    return 0 < _numbers(s) <= _MOST_IN_LANES and points >= _POINTS


def _numbers(s: Statement) -> int:
    """How many numbers a sum over all samples has; 0 where it is none that threads could part."""
    if s.operation is not Operation.SUM or s.target.per_sample or BATCH not in s.over or s.target.fill is not None:
        return 0
    sizes = [a.size for a in s.target.axes]
    if not all(isinstance(p, Affine) for p in s.place) or not all(isinstance(n, int) for n in sizes):
        return 0
    return math.prod(n for n in sizes if isinstance(n, int))


def with_joins(units: Sequence[Unit], whole: Mapping[Variable, Variable]) -> list[Unit]:
    """Each thread's sums are done over its samples; behind them they become one."""
    found: list[Unit] = []
    for u in units:
        found.append(u)
        if isinstance(u.task, Statement) and u.task.target in whole:
            u.share = Share.SAMPLES
            v = u.task.target
            found.append(Unit(Join(v, whole[v]), Share.PARTS, frozenset({v}), frozenset({whole[v]})))
    return found
