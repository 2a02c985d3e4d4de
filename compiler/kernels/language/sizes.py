"""Sizes as polynomials in what is known only when a kernel runs: the batch, the lengths, the samples of a tile.

One kernel serves all batches and lengths; it is compiled once.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from netc.compiler.statements.domains import BATCH_LENGTH, Bound, Extent, Length

Monomial = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Size:
    """A sum of products of named sizes, sorted; no coefficient is zero."""

    terms: tuple[tuple[Monomial, int], ...] = ()

    @staticmethod
    @lru_cache(4096)
    def of(x: int | str) -> Size:
        if isinstance(x, str):
            return Size((((x,), 1),))
        return Size((((), x),)) if x else Size()

    def __add__(self, other: Size | int) -> Size:
        other = as_size(other)
        if not self.terms or not other.terms:
            return self if self.terms else other
        total = dict(self.terms)
        for monomial, c in other.terms:
            total[monomial] = total.get(monomial, 0) + c
        return _size(total)

    def __mul__(self, other: Size | int) -> Size:
        if isinstance(other, int):
            return self._times(other)
        if (number := other.known) is not None:  # most are
            return self._times(number)
        if (number := self.known) is not None:
            return other._times(number)
        total: dict[Monomial, int] = {}
        for a, x in self.terms:
            for b, y in other.terms:
                monomial = tuple(sorted((*a, *b)))
                total[monomial] = total.get(monomial, 0) + x * y
        return _size(total)

    def _times(self, number: int) -> Size:
        return self if number == 1 else Size(tuple((m, c * number) for m, c in self.terms) if number else ())

    def __sub__(self, other: Size | int) -> Size:
        return self + as_size(other) * -1

    @property
    def known(self) -> int | None:
        """The number, where it is one."""
        if not self.terms:
            return 0
        return self.terms[0][1] if len(self.terms) == 1 and not self.terms[0][0] else None

    def value(self, names: Mapping[str, int]) -> int:
        return sum(c * math.prod(names[n] for n in monomial) for monomial, c in self.terms)

    def __str__(self) -> str:
        parts = []
        for monomial, c in sorted(self.terms, key=lambda t: (-len(t[0]), t[0])):
            factors = [*([str(c)] if c != 1 or not monomial else []), *monomial]
            parts.append(" * ".join(factors))
        text = " + ".join(parts) or "0"
        return text.replace("+ -", "- ")

    @property
    def factor(self) -> str:
        """As an operand of a product."""
        return str(self) if len(self.terms) <= 1 and not str(self).startswith("-") else f"({self})"


def as_size(x: Size | int) -> Size:
    return x if isinstance(x, Size) else Size.of(x)


def _size(total: Mapping[Monomial, int]) -> Size:
    return Size(tuple(sorted((m, c) for m, c in total.items() if c)))


class Usual(dict[str, int]):
    """Sizes to compare by: every one is 16. What a kernel says must not depend on the sizes it is bound to first."""

    def __missing__(self, name: str) -> int:
        return 16


class Names:
    """C names of the lengths of one program; a quotient of a length is worked out when the kernel starts."""

    def __init__(self, lengths: Iterable[Length]) -> None:
        self.names: dict[Length, str] = {}
        self._sizes: dict[Extent, Size] = {}
        self.derived: dict[str, tuple[Size, int]] = {}  # a length whose name is a quotient: of what, and by what
        for length in lengths:
            self._add(length)
        self.given = tuple(self.names.values())

    def _add(self, length: Length) -> str:
        name = "batch" if length is BATCH_LENGTH else identifier(f"n_{length.name}")
        while name in self.names.values():
            name += "_"
        self.names[length] = name
        return name

    def size(self, bound: Bound) -> Size:
        if isinstance(bound, int):
            return Size.of(bound)
        if bound not in self._sizes:
            self._sizes[bound] = self._size(bound)
        return self._sizes[bound]

    def _size(self, bound: Extent) -> Size:
        total = Size.of(bound.const)
        for length, c in bound.terms:
            total = total + Size.of(self._name(length)) * c
        return total

    def _name(self, length: Length) -> str:
        if length not in self.names:
            assert isinstance(length.whole, Extent)
            whole = self.size(length.whole)
            name = self._add(Length(f"part{len(self.derived)}"))
            self.names[length] = name
            self.derived[name] = whole, length.divisor
        return self.names[length]

    def values(self, lengths: Mapping[Length, int]) -> dict[str, int]:
        """The sizes by name."""
        found = {self.names[n]: k for n, k in lengths.items()}
        for name, (whole, divisor) in self.derived.items():
            found[name] = whole.value(found) // divisor
        return found


def identifier(text: str) -> str:
    """A spec's name as a C name."""
    return re.sub(r"\W", "_", text.replace("'", "_"), flags=re.ASCII)
