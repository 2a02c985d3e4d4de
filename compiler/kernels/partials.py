"""Sums over all samples that each thread adds up for its own, while what is summed is still in its cache.

The sums of the threads then become one. This is for gradients of weights where tiles are small: else every activation of
the batch would be written to memory and read again.
"""

from __future__ import annotations

import math
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace

from netc.compiler.kernels.units import Join, Share, Unit
from netc.compiler.schedule import Item
from netc.compiler.statements.expressions import BATCH, Affine, Variable
from netc.compiler.statements.program import Operation, Statement

_MOST = 2**18  # numbers of one sum: every thread has its own


def with_partials(items: Sequence[Item], adds: Container[Statement]) -> tuple[list[Item], dict[Variable, Variable]]:
    """The items with such sums written to a variable of each thread, and for each of these the variable it belongs to."""
    pieces: dict[Variable, int] = {}
    for item in items:
        if isinstance(item, Statement):
            pieces[item.target] = pieces.get(item.target, 0) + 1
    whole: dict[Variable, Variable] = {}
    found: list[Item] = []
    for item in items:
        if isinstance(item, Statement) and item not in adds and pieces[item.target] == 1 and _sums(item):
            v = Variable(f"{item.target.name} of each thread", item.target.axes)
            whole[v] = item.target
            item = replace(item, target=v)
        found.append(item)
    return found, whole


def _sums(s: Statement) -> bool:
    if s.operation is not Operation.SUM or s.target.per_sample or BATCH not in s.over or s.target.fill is not None:
        return False
    sizes = [a.size for a in s.target.axes]
    plain = all(isinstance(p, Affine) for p in s.place) and all(isinstance(n, int) for n in sizes)
    return plain and math.prod(n for n in sizes if isinstance(n, int)) <= _MOST


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
