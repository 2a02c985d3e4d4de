"""Writes through a window: places that two indices share, and which of them are walked point by point."""

from __future__ import annotations

import math

from netc.compiler.plan.workspace import Workspace
from netc.compiler.statements.expressions import Affine, Index
from netc.compiler.statements.program import Statement


def window_indices(w: Workspace, s: Statement) -> list[Index]:
    """The smaller index of each axis that two indices share, where the write must or should go window point by point."""
    small: list[Index] = []
    for place in s.place:
        free = [i for i in place.indices if i not in w.running] if isinstance(place, Affine) else []
        if len(free) > 1:
            small += sorted(free, key=w.size)[: len(free) - 1]
    if not small:
        return []
    overlapping = any(isinstance(p, Affine) and not injective(w, p) for p in s.place)
    if overlapping or s.accumulate and math.prod(w.size(i) for i in small) <= 16:
        return small
    return []


def injective(w: Workspace, place: Affine) -> bool:
    """Whether different indices give different places."""
    reach = 1
    for i, c in sorted(place.terms, key=lambda t: abs(t[1])):
        if w.size(i) == 1:
            continue
        if abs(c) < reach:
            return False
        reach = abs(c) * (w.size(i) - 1) + reach
    return True
