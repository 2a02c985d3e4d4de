"""What boundary equations give beyond the ends of an axis: single points and whole sides."""

from __future__ import annotations

from dataclasses import dataclass, field

from netc.compiler.source.text import Span
from netc.compiler.statements.domains import Bound, Domain


@dataclass(eq=False)
class Edge:
    """Beyond one axis of one variable: `h[0]` and `h[T+1]` are points, `x[t <= 0]` is a side (low or high)."""

    points: dict[Bound, Span] = field(default_factory=dict)  # each with the place where it is given
    sides: set[str] = field(default_factory=set)
    filled: dict[str, Span] = field(default_factory=dict)  # where the value of a side is given

    def reach(self, axis: Domain) -> Domain:
        """The axis with the points that continue it without a gap."""
        lo, hi = axis.lo, axis.hi
        for _ in self.points:
            lo = lo - 1 if lo - 1 in self.points else lo
            hi = hi + 1 if hi + 1 in self.points else hi
        return Domain(lo, hi, axis.name)

    def rest(self, axis: Domain) -> Domain:
        """The axis without the points at its ends that are given."""
        lo, hi = axis.lo, axis.hi
        for _ in self.points:
            lo = lo + 1 if lo in self.points else lo
            hi = hi - 1 if hi in self.points else hi
        return Domain(lo, hi, axis.name)
