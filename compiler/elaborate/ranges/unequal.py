"""Two reads that let one index run over different ranges: the points that suit both, and the size that would make them equal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netc.compiler.source.text import Span
from netc.compiler.statements.domains import Bound, Domain, difference
from netc.compiler.statements.expressions import Affine, Index, Kind, Variable

_SIZED = (Kind.PARAMETER, Kind.INPUT, Kind.STATE)  # in the order in which a size is rather corrected


@dataclass(frozen=True, eq=False)
class Use:
    """`place` stands at an axis with this domain; `open_` where what lies beyond an end is given by a boundary equation."""

    place: Affine
    domain: Domain
    span: Span
    variable: str
    open_: bool = False
    axis: int = 0
    declared: Variable | None = None


def common_range(index: Index, uses: Sequence[Use]) -> Domain | None:
    """Where every plain use of an index stays inside: an axis of one size and one of a length meet at the length. None where no point does."""
    lo: Bound | None = None
    hi: Bound | None = None
    for use in uses:
        if use.place.plain is not index:
            continue
        first, last = use.domain.lo - use.place.const, use.domain.hi - use.place.const
        lo = first if lo is None else _pick(lo, first, larger=True)
        hi = last if hi is None else _pick(hi, last, larger=False)
    if lo is None or hi is None:
        return None
    room = difference(hi, lo)
    return Domain(lo, hi) if room is None or room >= 0 else None


def _pick(a: Bound, b: Bound, larger: bool) -> Bound:
    d = difference(a, b)
    if d is None:
        return b if isinstance(a, int) else a  # a length is what a sample has; a size is how much may come
    return a if (d >= 0) is larger else b


def resized(one: Use, other: Use) -> str:
    """A declaration of one of two variables with the size of the other: `W[10, 28]`. Nothing where neither declares it."""
    pairs = [(u, v) for u, v in ((one, other), (other, one)) if u.declared is not None and u.declared.kind in _SIZED and u.place.const == v.place.const == 0]
    for use, wanted in sorted(pairs, key=lambda p: _SIZED.index(p[0].declared.kind) if p[0].declared else 0):
        lengths = use.declared is not None and use.declared.kind is Kind.INPUT  # what is learnt has no length of a sample
        found = redeclared(use.declared, use.axis, wanted.domain) if wanted.domain.known or lengths else ""
        if found:
            return found
    return ""


def redeclared(variable: Variable | None, axis: int, wanted: Domain) -> str:
    """The declaration as it is written, with another size for one axis."""
    text = variable.span.text if variable is not None and variable.span is not None else ""
    start = text.rfind("]")
    begin, commas, depth = start, [start], 0
    for k in range(start, -1, -1):
        depth += {"]": 1, ")": 1, "[": -1, "(": -1}.get(text[k], 0)
        if text[k] == "," and depth == 1:
            commas.insert(0, k)
        if depth == 0:
            begin = k
            break
    ends = [begin, *commas]
    if start < 0 or variable is None or len(commas) != len(variable.axes) or axis >= len(commas) or "\n" in text:
        return ""
    before, after = ends[axis] + 1, ends[axis + 1]
    named, colon, _ = text[before:after].rpartition(":")
    space = " " if axis else ""
    size = wanted.name or str(wanted)
    return f"{text[:before]}{space}{named.strip()}{': ' if colon else ''}{size}{text[after:]}"
