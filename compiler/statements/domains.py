"""Sizes and domains. A bound is an integer, or affine in lengths that are known only when a plan is bound.

The batch is one more length. Everything before the plan compares bounds by their difference, which is an integer
whenever two bounds speak of the same length.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Length:
    """A size that each sample (or the batch) brings along: `T` in `real[1..T]`; or the quotient of such a size: `T // 2`."""

    name: str
    whole: Extent | None = None
    divisor: int = 1


@dataclass(frozen=True, slots=True)
class Extent:
    """`const + sum coefficient * length`, with at least one length. Make one by arithmetic on `Extent.of(length)`."""

    const: int
    terms: tuple[tuple[Length, int], ...]

    @staticmethod
    def of(length: Length) -> Extent:
        return Extent(0, ((length, 1),))

    def __add__(self, other: Bound) -> Bound:
        if isinstance(other, int):
            return Extent(self.const + other, self.terms)
        total = dict(self.terms)
        for length, coefficient in other.terms:
            total[length] = total.get(length, 0) + coefficient
        return _extent(self.const + other.const, total)

    __radd__ = __add__

    def __mul__(self, factor: int) -> Bound:
        return _extent(self.const * factor, {length: c * factor for length, c in self.terms})

    __rmul__ = __mul__

    def __neg__(self) -> Bound:
        return self * -1

    def __sub__(self, other: Bound) -> Bound:
        return self + (-other)

    def __rsub__(self, other: Bound) -> Bound:
        return -self + other

    def __str__(self) -> str:
        parts = [f"{c if c != 1 else ''}{length.name}" for length, c in self.terms]
        return "+".join(parts) + (f"{self.const:+d}" if self.const else "")


Bound = int | Extent


def _extent(const: int, terms: Mapping[Length, int]) -> Bound:
    left = tuple(sorted(((length, c) for length, c in terms.items() if c), key=lambda t: t[0].name))
    return Extent(const, left) if left else const


def difference(a: Bound, b: Bound) -> int | None:
    """`a - b` where that is one integer for all lengths, else None."""
    d = a - b
    return d if isinstance(d, int) else None


def may_reach(low: Bound, high: Bound) -> bool:
    """Whether `low <= high` for some lengths, each at least 1."""
    room = high - low
    if isinstance(room, int):
        return room >= 0
    const, slopes = _at_most(room)
    return any(c > 0 for c in slopes.values()) or const + sum(slopes.values()) >= 0


def _at_most(bound: Bound) -> tuple[Fraction, dict[Length, Fraction]]:
    """A bound from above that is affine in whole lengths: `T // 2` is at most T/2 and at least (T-1)/2."""
    if isinstance(bound, int):
        return Fraction(bound), {}
    const, slopes = Fraction(bound.const), dict[Length, Fraction]()
    for length, c in bound.terms:
        if length.whole is None:
            slopes[length] = slopes.get(length, Fraction(0)) + c
            continue
        share = Fraction(abs(c), length.divisor)
        inner, further = _at_most(length.whole if c > 0 else length.divisor - 1 - length.whole)
        const += share * inner
        for n, slope in further.items():
            slopes[n] = slopes.get(n, Fraction(0)) + share * slope
    return const, slopes


def less(low: Bound, high: Bound) -> bool:
    """Whether `low < high` for all lengths."""
    return not may_reach(high, low)


def quotient(bound: Bound, divisor: int) -> Bound:
    """`bound // divisor`, rounded down."""
    if isinstance(bound, int):
        return bound // divisor
    shown = str(bound) if str(bound).isidentifier() else f"({bound})"
    return bound if divisor == 1 else Extent.of(Length(f"{shown}//{divisor}", bound, divisor))


def value(bound: Bound, lengths: Mapping[Length, int]) -> int:
    """The bound as an integer, given each length."""
    if isinstance(bound, int):
        return bound
    return bound.const + sum(c * _length(length, lengths) for length, c in bound.terms)


def _length(length: Length, lengths: Mapping[Length, int]) -> int:
    return lengths[length] if length.whole is None else value(length.whole, lengths) // length.divisor


def sample_lengths(bound: Bound) -> tuple[Length, ...]:
    """The lengths, other than the batch, that a bound is made of."""
    found: dict[Length, None] = {}
    stack = [bound]
    while stack:
        b = stack.pop()
        if isinstance(b, Extent):
            for length, _ in b.terms:
                if length.whole is not None:
                    stack.append(length.whole)
                elif length is not BATCH_LENGTH:
                    found[length] = None
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Domain:
    """The integers `lo` to `hi`, both included. `name` is the `dim` it was declared with; it does not enter equality."""

    lo: Bound
    hi: Bound
    name: str | None = field(default=None, compare=False)

    @property
    def size(self) -> Bound:
        return self.hi - self.lo + 1

    @property
    def known(self) -> bool:
        """Whether both ends are integers."""
        return isinstance(self.lo, int) and isinstance(self.hi, int)

    @property
    def first(self) -> int:
        """The lowest point; 0 where it hangs on a length."""
        return self.lo if isinstance(self.lo, int) else 0

    def points(self, lengths: Mapping[Length, int] | None = None) -> int:
        """How many points, as an integer (never negative). Raises KeyError for a length that is not given."""
        return max(0, value(self.size, lengths or {}))

    def __str__(self) -> str:
        return f"{self.lo}..{self.hi}" if self.lo != 0 else str(self.size)


def sized(n: Bound, name: str | None = None) -> Domain:
    """The domain of a size: 0..n-1."""
    return Domain(0, n - 1, name)


BATCH_LENGTH = Length("batch")
