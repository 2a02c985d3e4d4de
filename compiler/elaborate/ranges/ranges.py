"""What each index ranges over, from how it is used (section 2 of the language).

A domain written out wins. Else plain and constantly shifted uses `x[i]`, `x[i+1]` give the axis's own domain, and must
agree. Else other affine uses `x[2*i + u]` give the largest interval that stays inside.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.domains import EmptyRange, RangesDiffer, RangeUnknown
from netc.compiler.elaborate.ranges.unequal import Use, common_range, resized
from netc.compiler.source.text import Span
from netc.compiler.statements.domains import Bound, Domain, difference, quotient
from netc.compiler.statements.expressions import Affine, Index

UNSET = Domain(0, -1, "?")


def fresh(name: str) -> Index:
    """An index whose range is still open."""
    return Index(name, UNSET)


def is_set(index: Index) -> bool:
    return index.domain is not UNSET


@dataclass
class Ranges:
    """The uses recorded so far."""

    uses: dict[Index, list[Use]] = field(default_factory=dict)
    explicit: set[Index] = field(default_factory=set)
    shifts: dict[Index, Bound] = field(default_factory=dict)  # of `h[t+1] = ...`: what its index is ahead of the t that is written

    brackets: dict[Index, str] = field(default_factory=dict)  # where each is bound, with a `?` in its place: `y[i, ?]`, `sum[?]`

    def note(self, use: Use) -> None:
        for index in use.place.indices:
            self.uses.setdefault(index, []).append(use)

    def fix(self, index: Index, domain: Domain) -> None:
        """A domain that was written out, or comes from a declaration."""
        index.domain = domain
        self.explicit.add(index)

    def settled(self, index: Index) -> bool:
        """Whether a range was written out, or a plain use gives it; then it has it."""
        if not is_set(index) and self._own_use(index)[0] is not None:
            self._own_domain(index)
        return is_set(index) and (index in self.explicit or self._own_use(index) != (None, None))

    def resolve(self, indices: Iterable[Index], span: Span) -> Problem | None:
        """Give every open index its domain; the first problem met, if any."""
        todo = [i for i in indices if not is_set(i)]
        for index in todo:
            if self._own_domain(index) is not None:
                return self.conflicts(todo)[0]
        for _ in todo:
            for index in todo:
                if not is_set(index):
                    problem = self._largest_inside(index)
                    if problem is not None:
                        return problem
        missing = next((i for i in todo if not is_set(i)), None)
        return RangeUnknown(span, missing.name) if missing is not None else None

    def conflicts(self, indices: Iterable[Index]) -> list[Problem]:
        """Plain uses that contradict each other: one problem for each index, and one for two indices that are swapped."""
        open_ = {i: p for i in self.uses if not is_set(i) and isinstance(p := self._own_use(i)[1], RangesDiffer)}
        found = {i: open_[i] for i in indices if i in open_}
        for index, problem in list(found.items()):
            swapped = next((i for i, p in open_.items() if index in found and problem.crosses(p)), None)
            if swapped is not None:
                found.pop(swapped, None)
                found[index] = replace(problem, swapped=swapped.name, turned=self._turned(index, swapped, *problem.crossing(open_[swapped])))
        return [*found.values()]

    def _turned(self, one: Index, other: Index, variable: str, sure: bool) -> str:
        """A matrix read at two indices, with them in the other order: `W[j, i]`."""
        at = {u.axis: i for i in (one, other) for u in self.uses[i] if u.variable == variable and u.place.plain is i and u.place.const == 0}
        rank = {len(u.declared.axes) for u in self.uses[one] if u.variable == variable and u.declared is not None}
        return f"{variable}[{at[1].name}, {at[0].name}]" if sure and set(at) == {0, 1} and rank == {2} and at[0] is not at[1] else ""

    def disagreement(self, indices: Iterable[Index]) -> Problem | None:
        """Two plain uses of one index on different axes, where no range was written out."""
        found = (self._own_use(i)[1] for i in indices if i not in self.explicit)
        return next((problem for problem in found if problem is not None), None)

    def _own_domain(self, index: Index) -> Problem | None:
        chosen, problem = self._own_use(index)
        if problem is None and chosen is not None:
            index.domain = self._given(index, chosen)
        return problem

    def _own_use(self, index: Index) -> tuple[Use | None, Problem | None]:
        """The first plain use of an index, and how another contradicts it."""
        chosen: Use | None = None
        for use in self.uses.get(index, ()):
            if use.place.plain is not index:
                continue
            if chosen is None:
                chosen = use
            elif self._given(index, use) != self._given(index, chosen):
                return chosen, self._differ(index, use, chosen)
        return chosen, None

    def _differ(self, index: Index, use: Use, chosen: Use) -> RangesDiffer:
        ahead = self.shifts.get(index, 0)
        one, other = (moved(self._given(index, u), -ahead) for u in (use, chosen))
        common = common_range(index, self.uses[index]) if ahead == 0 else other
        bracket = self.brackets.get(index, "")
        narrower = f"{index.name} in {common.lo}..{common.hi}" if common is not None and (bracket or ahead != 0) else ""
        return RangesDiffer(
            use.span, index.name, use.variable, f"{one.lo}..{one.hi}", chosen.span, chosen.variable, f"{other.lo}..{other.hi}", ahead != 0,
            narrower=bracket.replace("?", narrower) if bracket and narrower else f"[{narrower}]" if narrower else "", resized=resized(use, chosen),
        )  # fmt: skip

    def _given(self, index: Index, use: Use) -> Domain:
        """What a plain use lets an index run over: the axis, and where the index is ahead, the axis with it, but for reads at its own place."""
        return use.domain if use.place.const == 0 else moved(use.domain, self.shifts.get(index, 0))

    def _largest_inside(self, index: Index) -> Problem | None:
        lo: Bound | None = None
        hi: Bound | None = None
        last: Use | None = None
        for use in self.uses.get(index, ()):
            step = use.place.coefficient(index)
            others = Affine(use.place.const, tuple((i, c) for i, c in use.place.terms if i is not index))
            if any(not is_set(i) for i in others.indices):
                continue
            if use.open_ and step == 1:
                index.domain = use.domain
                return None
            a, b = others.range()
            dlo, dhi = use.domain.lo, use.domain.hi
            if step > 0:
                first, end = -quotient(a - dlo, step), quotient(dhi - b, step)
            else:
                first, end = -quotient(dhi - b, -step), quotient(a - dlo, -step)
            lo = first if lo is None else _pick(lo, first, larger=True)
            hi = end if hi is None else _pick(hi, end, larger=False)
            last = use
            if lo is None or hi is None:
                return None  # two lengths that cannot be compared: an explicit range must say
        if lo is None or hi is None or last is None:
            return None
        room = difference(hi, lo)
        if room is not None and room < 0:
            window = [i for i in last.place.indices if i is not index]
            return EmptyRange(
                last.span, index.name, last.variable, str(last.domain), tuple((i.name, str(i.domain)) for i in window)
            )
        index.domain = Domain(lo, hi)
        return None


def moved(domain: Domain, by: Bound) -> Domain:
    return Domain(domain.lo + by, domain.hi + by, domain.name) if by != 0 else domain


def _pick(a: Bound, b: Bound, larger: bool) -> Bound | None:
    d = difference(a, b)
    return None if d is None else a if (d >= 0) is larger else b
