"""Statements and programs: what rewrites, gradients, schedule and plan take and return."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

from netc.compiler.statements.expressions import Affine, Expr, Index, Kind, Read, Variable, reads

if TYPE_CHECKING:
    from netc.compiler.source.text import Span


class Operation(Enum):
    MAP = "map"  # body: any pointwise expression
    SUM = "sum"  # body: one read, or the product of two
    MAX = "max"  # body: one read; MIN, ARGMAX, ARGMIN too
    MIN = "min"
    ARGMAX = "argmax"
    ARGMIN = "argmin"
    SOFTMAX = "softmax"  # body: one read; `over` stays bound on the left
    CUMSUM = "cumsum"  # body: one read; `over` (one index) stays bound on the left: sum of the points up to it
    GATHER = "gather"  # body: one read with data indices
    SCATTER = "scatter"  # accumulates; a data index on the left; body: one read
    SELECT = "select"  # the gradient of max: adds `body` at the first point of `over` where `source[0]` equals `source[1]`


@dataclass(frozen=True, eq=False)
class Statement:
    """`target[place] (+)= operation over indices of body`. A variable may have several: its pieces.

    `indices` are the free indices (the batch is implicit: it is there when the target is per sample). `over` are the
    reduced ones; BATCH may be among them. `accumulate` adds to what earlier pieces wrote.
    """

    target: Variable
    place: tuple[Affine | Read, ...]
    indices: tuple[Index, ...]
    body: Expr
    operation: Operation = Operation.MAP
    over: tuple[Index, ...] = ()
    accumulate: bool = False
    condition: Expr | None = None  # of SOFTMAX, MAX, MIN, ARGMAX, ARGMIN: which points take part
    source: tuple[Read, ...] = ()  # of SELECT: the read that max was taken of, and the maximum
    span: Span | None = field(default=None, repr=False)

    def expressions(self) -> Iterator[Expr]:
        """Everything this statement reads through, data indices on the left too."""
        yield self.body
        if self.condition is not None:
            yield self.condition
        yield from self.source
        for p in self.place:
            if isinstance(p, Read):
                yield p

    @cached_property
    def _reads(self) -> tuple[Read, ...]:
        return tuple(r for e in self.expressions() for r in reads(e))

    def reads(self) -> tuple[Read, ...]:
        """Every read, in the order of the text; found once."""
        return self._reads

    @property
    def covers_target(self) -> bool:
        """Whether the left side is the variable's own axes, each by an index of its own."""
        seen: set[Index] = set()
        for place, axis in zip(self.place, self.target.axes, strict=True):
            if not isinstance(place, Affine) or place.plain is None or place.const != 0 or place.plain in seen:
                return False
            if place.plain.domain != axis:
                return False
            seen.add(place.plain)
        return True

    @property
    def read(self) -> Read:
        """The body of an operation that takes one read."""
        assert isinstance(self.body, Read)
        return self.body


@dataclass(frozen=True, eq=False)
class Program:
    """A flat list of statements and what is wanted of them. Their order means nothing before `schedule`."""

    statements: tuple[Statement, ...]
    loss: Variable | None = None  # the total, a shared scalar
    losses: dict[str, Variable] = field(default_factory=dict)  # its terms, shared scalars
    metrics: dict[str, Variable] = field(default_factory=dict)  # shared scalars (means over the batch)
    values: dict[str, Variable] = field(default_factory=dict)  # outputs and equations asked for by name
    updates: dict[Variable, Variable] = field(default_factory=dict)  # state -> its next value
    gradients: dict[Variable, Variable] = field(default_factory=dict)  # parameter or input -> dloss/d it
    counts: dict[Variable, Variable] = field(default_factory=dict)  # loss term or metric -> of how many elements it is a mean
    primal: dict[Variable, Variable] = field(default_factory=dict)  # adjoint -> the variable it belongs to
    kept: tuple[Variable, ...] = ()  # values that nothing may be read in place of: their adjoints are wanted
    notes: dict[str, tuple[str, ...]] = field(default_factory=dict)  # what a rewrite did -> with which equations
    origin: str = ""  # all that it was made from, where that is known: what has the same is the same

    def roots(self) -> list[Variable]:
        """What must be computed."""
        wanted = [] if self.loss is None else [self.loss]
        wanted += [*self.losses.values(), *self.metrics.values(), *self.values.values()]
        wanted += [*self.updates.values(), *self.gradients.values(), *self.counts.values(), *self.kept]
        return list(dict.fromkeys(wanted))

    def noting(self, what: str, targets: Iterable[Variable]) -> Program:
        """The program with a note that this was done with the equations of these variables."""
        names = dict.fromkeys((*self.notes.get(what, ()), *(v.name.split("'")[0] for v in targets)))
        return replace(self, notes={**self.notes, what: tuple(names)})

    def pieces(self) -> dict[Variable, list[Statement]]:
        """The statements that define each variable."""
        result: dict[Variable, list[Statement]] = {}
        for statement in self.statements:
            result.setdefault(statement.target, []).append(statement)
        return result

    def variables(self) -> list[Variable]:
        """Every variable read, written or wanted, in order of appearance."""
        seen: dict[Variable, None] = dict.fromkeys(self.roots())
        for statement in self.statements:
            seen[statement.target] = None
            seen.update(dict.fromkeys(r.variable for r in statement.reads()))
        seen.update(dict.fromkeys(self.updates))
        return list(seen)

    def leaves(self, kind: Kind) -> list[Variable]:
        return [v for v in self.variables() if v.kind is kind]
