"""Reads whose bounds are checked when the ranges of their indices are known, and what can be said of one that leaves."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from netc.compiler.diagnostics.problems.domains import ReadOutside
from netc.compiler.diagnostics.wording import ordinal
from netc.compiler.elaborate.ranges.edges import Edge
from netc.compiler.elaborate.values import type_text
from netc.compiler.source.text import Span
from netc.compiler.statements.domains import Bound, Domain, Length, difference, may_reach, value
from netc.compiler.statements.expressions import Affine, Index, Type

_NAMED = 3  # of the points that nothing gives


@dataclass(frozen=True, eq=False)
class Site:
    """Where reads stand: the array, what is written in its bracket, and in which net; `recurrent` in equations that need each other."""

    axes: tuple[Domain, ...] = ()
    items: tuple[str, ...] = ()
    type: Type = Type.REAL
    classes: Domain | None = None
    bounded: Collection[int] = ()  # the axes beyond which boundary equations give points
    recurrent: bool = False
    net: str = ""
    kept: Collection[Index] = ()  # those that stand on the left of `~`, where no range is written

    def letters(self, axis: int, index: str) -> list[str]:
        """A name for each axis before this one: the index that is written there, or a letter."""
        written = [i if i.isidentifier() else "" for i in self.items[:axis]]
        free = iter([c for c in "ijklmnopqr" if c not in (index, *written)])
        return [*(name or next(free) for name in written), *(next(free) for _ in range(axis - len(written)))]


_NOWHERE = Site()


@dataclass(frozen=True)
class PlannedRead:
    """A read at an affine place of an axis, whose bounds are to be checked."""

    place: Affine
    axis_domain: Domain
    axis: int
    variable: str
    span: Span
    edge: Edge | None = None  # what boundary equations give beyond the axis
    itself: bool = False  # whether this stands in the equations that compute the variable
    site: Site = field(default=_NOWHERE, compare=False)

    @property
    def domain(self) -> Domain:
        """The axis with the points beyond it that are given."""
        return self.edge.reach(self.axis_domain) if self.edge else self.axis_domain

    @property
    def open_sides(self) -> Collection[str]:
        return self.edge.sides if self.edge else ()

    def outside(self) -> ReadOutside | None:
        """The problem of a read that leaves the domain on a side that nothing covers, whatever the lengths are."""
        domain, sides = self.domain, self.open_sides
        lo, hi = self.place.range()
        below, above = difference(domain.lo, lo), difference(hi, domain.hi)
        if below is not None and below > 0 and "low" not in sides:
            return _left(self, "low", lo, [domain.lo - k for k in range(1, min(below, _NAMED) + 1)])
        if above is not None and above > 0 and "high" not in sides:
            return _left(self, "high", hi, [domain.hi + k for k in range(1, min(above, _NAMED) + 1)])
        return None

    @property
    def certain(self) -> bool:
        """Whether the read is known to stay inside; else the lengths of each sample decide."""
        domain, sides = self.domain, self.open_sides
        lo, hi = self.place.range()
        low, high = may_reach(lo, domain.lo - 1), may_reach(domain.hi + 1, hi)
        return (not low or "low" in sides) and (not high or "high" in sides)

    def leaves(self, lengths: Mapping[Length, int]) -> int | None:
        """Where a sample of these lengths would be read outside, if anywhere."""
        if any(i.domain.points(lengths) == 0 for i in self.place.indices):
            return None
        lo, hi, first, last = (value(b, lengths) for b in (*self.place.range(), self.domain.lo, self.domain.hi))
        if lo < first and "low" not in self.open_sides:
            return lo
        return hi if hi > last and "high" not in self.open_sides else None


# ---- a read that leaves ----------------------------------------------------------------------------------------------


def _left(read: PlannedRead, side: str, reached: Bound, points: Sequence[Bound]) -> ReadOutside:
    index = read.place.indices[0].name if read.place.indices else ""
    site, domain = read.site, read.domain
    before = "".join(f"{letter}, " for letter in site.letters(read.axis, index))
    end = domain.lo if side == "low" else domain.hi
    given = read.edge.points if read.edge else {}
    named = {p: f"{read.variable}[{before}{p}]" for p in (*points, *given, end)}
    beyond = f"{read.variable}[{before}{index or 'i'} {'<' if side == 'low' else '>'} {end}] = 0"
    facts = ReadOutside(
        read.span, read.variable, ordinal(read.axis), str(reached), f"{domain.lo}..{domain.hi}", index, beyond,
        given=tuple((named[p], span) for p, span in given.items()), net=site.net,
    )  # fmt: skip
    counted = _from_the_end(read, side, index)
    if counted:
        return replace(facts, counted=counted, given=())
    if not read.itself:
        padded = read.axis > 0 and all(axis.known for axis in site.axes)
        inner = "" if index else named[end]
        narrower = "" if site.recurrent or read.place.indices and read.place.indices[0] in site.kept else _narrower(read)
        preceded = tuple(named[p] for p in points) if site.classes is not None and side == "low" and index else ()
        return replace(facts, narrower=narrower, padded=padded, inner=inner, before=preceded, spread=_spread(read))
    instead = named[next(iter(given))] if given and all(_other_end(p, domain, side) for p in given) else ""
    apart = any(not may_reach(domain.lo, p) or not may_reach(p, domain.hi) for p in given)
    return replace(
        facts, missing=tuple(named[p] for p in points if p not in given), behind=_behind(read, side, before, index), instead=instead, apart=apart, along=_along(read)
    )


def _from_the_end(read: PlannedRead, side: str, index: str) -> str:
    """What `h[-1]` means where the end is counted from, outside of the equations that compute h."""
    place, site = read.place.const, read.site
    if index or side != "low" or site.recurrent or not isinstance(place, int) or not read.span.text.startswith("-") or not site.items:
        return ""
    point = read.axis_domain.hi + (place + 1)
    inside = difference(point, read.axis_domain.lo)
    items = [*site.items[: read.axis], str(point), *site.items[read.axis + 1 :]]
    return f"{read.variable}[{', '.join(items)}]" if inside is None or inside >= 0 else ""


def _other_end(point: Bound, domain: Domain, side: str) -> bool:
    """Whether a point lies at the end that the read does not leave."""
    low, high = difference(point, domain.lo), difference(point, domain.hi)
    near, far = (low, high) if side == "low" else (high, low)
    return (near is None or near != 0) and far == 0


def _narrower(read: PlannedRead) -> str:
    """`t in 1..T-1`: where the first index keeps the read inside, wherever the others are."""
    if not read.place.indices:
        return ""
    index = read.place.indices[0]
    if read.place.coefficient(index) != 1:
        return ""
    others = Affine(read.place.const, tuple((i, c) for i, c in read.place.terms if i is not index))
    least, most = others.range()
    lo, hi = read.domain.lo - least, read.domain.hi - most
    below, above = difference(index.domain.lo, lo), difference(hi, index.domain.hi)
    lo = index.domain.lo if below is None or below > 0 else lo
    hi = index.domain.hi if above is None or above > 0 else hi
    room = difference(hi, lo)
    return f"{index.name} in {lo}..{hi}" if room is None or room >= 0 else ""


def _spread(read: PlannedRead) -> str:
    """What the indices of a place range over, where it has any."""
    return " and ".join(f"`{i.name}` over {i.domain.lo}..{i.domain.hi}" for i in read.place.indices)


def _behind(read: PlannedRead, side: str, before: str, index: str) -> str:
    """The left side that begins where a boundary at this end of the axis itself stands, with the type that says the whole."""
    whole, rest = read.axis_domain, read.edge.rest(read.axis_domain) if read.edge else read.axis_domain
    moved = difference(rest.lo, whole.lo) if side == "low" else difference(whole.hi, rest.hi)
    if not moved or not read.site.axes:
        return ""
    after = read.site.items[read.axis + 1 :]
    items = f"{before}{index} in {rest.lo}..{rest.hi}{''.join(f', {i}' for i in after)}"
    return f"{read.variable}[{items}]: {type_text(read.site.axes, read.site.type, read.site.classes)}"


def _along(read: PlannedRead) -> tuple[str, str, str]:
    """Where one axis is a sequence and a recurrence steps along another: which, over what, and the read that would step along it."""
    site = read.site
    if not read.axis_domain.known or len(site.items) <= read.axis or read.place.plain is None:
        return "", "", ""
    sequence = next((k for k, a in enumerate(site.axes[: len(site.items)]) if not a.known and site.items[k].isidentifier()), None)
    if sequence is None:
        return "", "", ""
    items = list(site.items)
    items[read.axis] = read.place.plain.name
    items[sequence] = f"{items[sequence]}{read.place.const:+d}" if isinstance(read.place.const, int) else items[sequence]
    begins = "" if sequence in site.bounded else f", with `{read.variable}[{', '.join([*items[:sequence], str(site.axes[sequence].lo - 1)])}] = 0`"
    return ordinal(sequence), f"{site.axes[sequence].lo}..{site.axes[sequence].hi}", f"`{read.variable}[{', '.join(items)}]`{begins}"
