"""Indices, affine maps, variables and scalar expressions over them.

An index is an identity, not a position; the batch is one more index. `Reduce` and `Normalise` stand in expressions only
until `rewrites.normal_form` has made each of them a statement of its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, final

from netc.compiler.statements.domains import BATCH_LENGTH, Bound, Domain, Extent

if TYPE_CHECKING:
    from netc.compiler.source.text import Span

_serial = itertools.count()


class Index:
    """A bound index. Equality is identity; `serial` orders indices as they were made."""

    __slots__ = ("domain", "name", "serial")

    def __init__(self, name: str, domain: Domain) -> None:
        self.name = name
        self.domain = domain
        self.serial = next(_serial)

    def __repr__(self) -> str:
        return self.name


BATCH = Index("B", Domain(0, Extent.of(BATCH_LENGTH) - 1))


def _serial_of(term: tuple[Index, int]) -> int:
    return term[0].serial


@final
@dataclass(frozen=True, slots=True)
class Affine:
    """`const + sum coefficient * index`; terms are sorted by serial and have no zero coefficient."""

    const: Bound
    terms: tuple[tuple[Index, int], ...] = ()

    @staticmethod
    def make(const: Bound, terms: Mapping[Index, int]) -> Affine:
        kept = [(i, c) for i, c in terms.items() if c]
        if len(kept) > 1:
            kept.sort(key=_serial_of)
        return Affine(const, tuple(kept))

    def __add__(self, other: Affine | Bound) -> Affine:
        if not isinstance(other, Affine):
            return Affine(self.const + other, self.terms)
        total = dict(self.terms)
        for index, coefficient in other.terms:
            total[index] = total.get(index, 0) + coefficient
        return Affine.make(self.const + other.const, total)

    def __mul__(self, factor: int) -> Affine:
        return Affine.make(self.const * factor, {i: c * factor for i, c in self.terms})

    def __sub__(self, other: Affine | Bound) -> Affine:
        return self + (other * -1 if isinstance(other, Affine) else -other)

    def substitute(self, mapping: Mapping[Index, Affine]) -> Affine:
        const, total = self.const, dict[Index, int]()
        for index, coefficient in self.terms:
            given = mapping.get(index)
            if given is None:
                total[index] = total.get(index, 0) + coefficient
                continue
            const = const + given.const * coefficient
            for i, c in given.terms:
                total[i] = total.get(i, 0) + c * coefficient
        return Affine.make(const, total)

    @property
    def plain(self) -> Index | None:
        """The index where the map is `i + c`, else None."""
        return self.terms[0][0] if len(self.terms) == 1 and self.terms[0][1] == 1 else None

    @property
    def indices(self) -> tuple[Index, ...]:
        return tuple([i for i, _ in self.terms])

    def coefficient(self, index: Index) -> int:
        return next((c for i, c in self.terms if i is index), 0)

    def range(self) -> tuple[Bound, Bound]:
        """The smallest and largest value over the domains of its indices."""
        lo = hi = self.const
        for index, c in self.terms:
            a, b = index.domain.lo * c, index.domain.hi * c
            lo, hi = (lo + a, hi + b) if c > 0 else (lo + b, hi + a)
        return lo, hi

    def __repr__(self) -> str:
        parts = [f"{'' if c == 1 else '-' if c == -1 else f'{c}*'}{i}" for i, c in self.terms]
        if self.const != 0 or not parts:
            parts.append(str(self.const))
        return "+".join(parts).replace("+-", "-")


def affine(x: Index | Bound) -> Affine:
    return Affine(0, ((x, 1),)) if isinstance(x, Index) else Affine(x)


class Kind(Enum):
    INPUT = "input"
    PARAMETER = "param"
    STATE = "state"
    CONSTANT = "const"
    TEMPORARY = "temp"
    LENGTH = "length"  # how long each sample is: it comes with the data
    RANDOM = "random"  # standard uniform on [0, 1) or standard normal, drawn anew each step: see `init`


class Type(Enum):
    REAL = "real"
    INTEGER = "integer"
    BOOLEAN = "bool"


@dataclass(frozen=True, slots=True)
class Support:
    """Where a variable is not known to be zero: `condition` over one index for each axis."""

    indices: tuple[Index, ...]
    condition: Expr


@dataclass(frozen=True, slots=True)
class Initialiser:
    """How a parameter, state, constant or random variable gets its values.

    `rule` is one of: fill (arguments: a number), values (arguments: the flat numbers, row by row), load (arguments: a path),
    expression (an `Expr` over `indices`, one for each axis), open (a const the caller must give), uniform, normal,
    glorot, he, lecun98, orthogonal. `uniform(a, b)` and `normal(m, s)` have two arguments; a RANDOM variable's have none.
    """

    rule: str
    arguments: tuple[float | str, ...] = ()
    indices: tuple[Index, ...] = ()
    expression: Expr | None = None


@dataclass(eq=False)
class Variable:
    """A named array over domains. `per_sample` says that it carries the batch; the batch is not among its axes."""

    name: str  # a path for what the user can name: `c1.Conv.K`
    axes: tuple[Domain, ...]
    kind: Kind = Kind.TEMPORARY
    type: Type = Type.REAL
    per_sample: bool = False
    fill: float | None = None  # the value read outside all pieces (borders); None where reads stay inside
    support: Support | None = None
    init: Initialiser | None = None
    tree: bool = False  # positions of children: each stands before its parent
    classes: Domain | None = None  # of an integer variable: which values it takes (`class(n)`, `index(1..N)`)
    span: Span | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        return self.name


@final
@dataclass(frozen=True, slots=True)
class Number:
    value: float | int | bool


@final
@dataclass(frozen=True, slots=True)
class IndexValue:
    """An index used as a number."""

    affine: Affine


@final
@dataclass(frozen=True, slots=True)
class Read:
    """One element. An expression among the indices is a data index: its integer value picks the point."""

    variable: Variable
    indices: tuple[Affine | Expr, ...] = ()

    def __repr__(self) -> str:
        return f"{self.variable}[{', '.join(map(repr, self.indices))}]" if self.indices else self.variable.name


@final
@dataclass(frozen=True, slots=True)
class Apply:
    """A scalar function of `functions.scalar` (arithmetic, comparisons and `where` among them)."""

    function: str
    arguments: tuple[Expr, ...]

    def __repr__(self) -> str:
        return f"{self.function}({', '.join(map(repr, self.arguments))})"


@final
@dataclass(frozen=True, slots=True)
class Reduce:
    """sum mean max min prod argmax argmin logsumexp any, over indices that it binds (BATCH may be one).

    Only points where `condition` holds take part. argmax and argmin give the point of their single index.
    """

    operation: str
    indices: tuple[Index, ...]
    condition: Expr | None
    body: Expr


@final
@dataclass(frozen=True, slots=True)
class Normalise:
    """softmax log_softmax cumsum over indices that stay bound outside; points that fail the condition get 0."""

    operation: str
    indices: tuple[Index, ...]
    condition: Expr | None
    body: Expr


Expr = Number | IndexValue | Read | Apply | Reduce | Normalise


def children(e: Expr) -> tuple[Expr, ...]:
    if type(e) is Apply:
        return e.arguments
    if type(e) is Read:
        return tuple([i for i in e.indices if type(i) is not Affine])
    if type(e) is Reduce or type(e) is Normalise:
        return (e.body,) if e.condition is None else (e.body, e.condition)
    return ()


def walk(e: Expr) -> Iterator[Expr]:
    """The expression and everything below it, data indices too."""
    stack = [e]
    while stack:
        x = stack.pop()
        yield x
        if type(x) is Apply:
            stack.extend(x.arguments[::-1])
        elif type(x) is not Number and type(x) is not IndexValue:
            stack.extend(reversed(children(x)))


def reads(e: Expr) -> list[Read]:
    return [x for x in walk(e) if type(x) is Read]


def rebuild(e: Expr, f: Callable[[Expr], Expr]) -> Expr:
    """The same node with `f` applied to its children."""
    if type(e) is Apply:
        arguments = tuple([f(a) for a in e.arguments])
        return e if all([a is b for a, b in zip(arguments, e.arguments, strict=True)]) else Apply(e.function, arguments)
    if type(e) is Read:
        return Read(e.variable, tuple([i if type(i) is Affine else f(i) for i in e.indices]))
    if type(e) is Reduce or type(e) is Normalise:
        return type(e)(e.operation, e.indices, None if e.condition is None else f(e.condition), f(e.body))
    return e


def substitute(e: Expr, mapping: Mapping[Index, Affine]) -> Expr:
    """Replace free indices by affine maps."""

    def at(x: Expr) -> Expr:
        if type(x) is Read:
            return Read(x.variable, tuple([i.substitute(mapping) if type(i) is Affine else at(i) for i in x.indices]))
        return IndexValue(x.affine.substitute(mapping)) if type(x) is IndexValue else rebuild(x, at)

    return at(e) if mapping else e


def map_reads(e: Expr, f: Callable[[Read], Expr]) -> Expr:
    """Apply `f` to every read, inner reads first."""

    def at(x: Expr) -> Expr:
        if type(x) is not Read:
            return rebuild(x, at)
        return f(x if all([type(i) is Affine for i in x.indices]) else Read(x.variable, tuple([i if type(i) is Affine else at(i) for i in x.indices])))

    return at(e)


def total(terms: Sequence[Expr]) -> Expr:
    """a + b + c, added from the left."""
    first, *others = terms
    for t in others:
        first = Apply("+", (first, t))
    return first


def free_indices(e: Expr) -> dict[Index, None]:
    """Free indices in order of first appearance, as an ordered set. The batch is implicit and never listed."""
    found: dict[Index, None] = {}
    _gather(e, found)
    return found


def _gather(e: Expr, found: dict[Index, None]) -> None:
    if type(e) is Read:
        for place in e.indices:
            if type(place) is Affine:
                for index, _ in place.terms:
                    found[index] = None
            else:
                _gather(place, found)
    elif type(e) is IndexValue:
        for index, _ in e.affine.terms:
            found[index] = None
    elif type(e) is Reduce:
        found.update((i, None) for c in children(e) for i in free_indices(c) if i not in e.indices)
    else:
        for child in children(e):
            _gather(child, found)
        if type(e) is Normalise:
            found.update(dict.fromkeys(e.indices))
