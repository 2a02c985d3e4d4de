"""What is shared while a net is elaborated: the build as a whole, one scope for each body, and how both fail."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Literal

from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.limits import ArrayTooLarge
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.elaborate.made import Made
from netc.compiler.elaborate.model import Applied, Assertion, Equation, Observation, Row
from netc.compiler.elaborate.module import Module
from netc.compiler.elaborate.ranges.edges import Edge
from netc.compiler.elaborate.ranges.planned import PlannedRead
from netc.compiler.elaborate.ranges.ranges import Ranges, is_set
from netc.compiler.elaborate.values import Array, Place, StarIndices, Value
from netc.compiler.source.text import Span
from netc.compiler.statements.domains import Domain, Extent, Length
from netc.compiler.statements.expressions import (
    Affine,
    Index,
    Initialiser,
    Kind,
    Read,
    Support,
    Type,
    Variable,
    affine,
)
from netc.compiler.syntax import tree

LARGEST = 1 << 34  # numbers in one array; beyond this nothing is planned, let alone allocated


class Broken(Exception):
    """The equation cannot be elaborated further; `problem` says why. Caught at the equation."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


class Silenced(Exception):
    """A value depends on something whose mistake was reported already."""


@dataclass(frozen=True)
class Options:
    """How a net is elaborated."""

    training: bool = True
    dims: Mapping[str, int] = field(default_factory=dict)
    per: Literal["element", "sample"] = "element"


Environment = dict[str, "Index | Affine | StarIndices | Array | int"]  # an affine place: `h[t+1] = ...` counts by what stands on its left


@dataclass(eq=False)
class Scope:
    """One body being elaborated: a net, or a layer applied somewhere.

    `context` are the indices under which a layer is applied: they lead the axes of everything made inside.
    """

    path: str
    context: tuple[Index, ...] = ()
    names: dict[str, Value] = field(default_factory=dict)
    row: str = ""  # the net's own name being defined
    owner: str = "_"  # the name on the left of the equation at hand
    layer: str = ""  # the layer whose body this is
    applied: tuple[tuple[str, Span], ...] = ()
    declared: dict[str, tuple[Domain, ...]] = field(default_factory=dict)  # axes fixed by a header or a `:`
    defined: dict[str, tree.Expr] = field(default_factory=dict)  # names that equations of this scope define
    occurrences: dict[tuple[str, str], list[tree.Call]] = field(default_factory=dict)
    edges: dict[Variable, dict[int, Edge]] = field(default_factory=dict)  # what boundary equations give, by axis
    spans: dict[str, Span] = field(default_factory=dict)  # where each name was declared
    unread: set[str] = field(default_factory=set)  # names of which some equation could not be read
    widened: bool = False  # whether the owner could have a further index: a loss is one number
    of_prelude: bool = False  # whether this is the body of the standard library's own

    def qualified(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    @property
    def net_level(self) -> bool:
        return not self.layer


@dataclass(eq=False)
class Build:
    """One net in one mode, while it is being elaborated."""

    module: Module
    net: str
    options: Options
    reporter: Reporter
    evaluate: Callable[[tree.Expr, Scope, Environment], Value] = field(init=False)
    apply: Callable[[Value, list[Value], Scope, Environment, Span], Value] = field(init=False)
    run: Callable[[tuple[tree.Statement, ...], Scope], None] = field(init=False)
    ranges: Ranges = field(default_factory=Ranges)
    variables: dict[str, Variable] = field(default_factory=dict)
    equations: list[Equation] = field(default_factory=list)
    pending: list[tuple[tuple[Index, ...], Callable[[], None]]] = field(default_factory=list)  # waiting for these ranges
    reads: list[PlannedRead] = field(default_factory=list)  # to be checked when ranges are known
    doubtful: list[PlannedRead] = field(default_factory=list)  # those that stay inside for some lengths only
    rows: list[Row] = field(default_factory=list)
    layers: dict[str, list[Applied]] = field(default_factory=dict)  # by row
    lengths: dict[Length, Variable] = field(default_factory=dict)
    tables: dict[Variable, tree.Table] = field(default_factory=dict)  # the constants that are drawn
    trees: dict[str, Variable] = field(default_factory=dict)  # the structure of each tree, by the name of its dim
    counts: dict[Variable, Variable] = field(default_factory=dict)
    losses: dict[str, Variable] = field(default_factory=dict)
    metrics: dict[str, Variable] = field(default_factory=dict)
    outputs: dict[str, Variable] = field(default_factory=dict)
    predictions: dict[str, Variable] = field(default_factory=dict)
    updates: dict[Variable, Variable] = field(default_factory=dict)
    observed: list[Variable] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    assertions: list[Assertion] = field(default_factory=list)
    dims: dict[str, int] = field(default_factory=dict)
    recurrent: set[Variable] = field(default_factory=set)  # those computed from themselves
    extended: dict[Variable, Variable] = field(default_factory=dict)  # an input with boundary points -> the input
    made: dict[Hashable, Made] = field(default_factory=dict)  # by form: layers that can be copied
    judging: bool = False  # while what cannot be defined is looked through for further mistakes
    guessing: bool = False  # while its sizes are looked for: what has none stands aside
    typing: bool = False  # while the sizes of a recurrence are being found
    globals: dict[str, Value] = field(default_factory=dict)  # sizes and constants of the file
    applied: set[tree.Layer | tree.Def] = field(default_factory=set)  # the layers and functions whose bodies were run
    failed: set[Equation] = field(default_factory=set)  # made for what could not be elaborated to its end
    together: bool = False  # while equations that need each other are looked at: their ranges are those of all
    kept: set[Index] = field(default_factory=set)  # indices on the left of `~`, where no range is written
    blamed: set[Span] = field(default_factory=set)  # reads that are a mistake themselves: that they do not fit is no other
    lost: set[str] = field(default_factory=set)  # the names that statements without equations speak of
    moded: bool = False  # whether anything asked if this is training
    depth: int = 0
    largest: float = LARGEST

    @contextmanager
    def trial(self, report: bool = False, guess: bool = False) -> Iterator[None]:
        """Evaluate for the sizes alone: everything made within is forgotten, and with `report` all but the problems.

        With `report` what failed is known by its sizes, where these are; with `guess`, what has none stands aside.
        """
        kept = {
            k: dict(v) if isinstance(v, dict) else list(v)
            for k, v in vars(self).items() if isinstance(v, dict | list) and k != "globals"
        }  # fmt: skip
        layers = {k: list(v) for k, v in self.layers.items()}
        uses, explicit = {k: list(v) for k, v in self.ranges.uses.items()}, set(self.ranges.explicit)
        reporter, flags = self.reporter, (self.typing, self.judging, self.guessing)
        self.reporter = reporter if report else Reporter()
        self.typing, self.judging, self.guessing = True, self.judging or report or guess, guess
        try:
            yield
        finally:
            vars(self).update(kept)
            self.layers, self.reporter = layers, reporter
            self.typing, self.judging, self.guessing = flags
            self.ranges.uses, self.ranges.explicit = uses, explicit

    def seen(self, scope: Scope) -> Mapping[str, Value]:
        """The file's own sizes and constants, where they can be seen: the `C` of a layer of the standard library is its own."""
        return {} if scope.of_prelude else self.globals

    def report(self, problem: Problem, scope: Scope) -> None:
        if not self.blamed.isdisjoint(problem.meets):
            return
        self.reporter.report(replace(problem, applied=scope.applied) if scope.applied and not problem.applied else problem)

    def unique(self, path: str) -> str:
        """The path itself, or the path with a number where it is taken."""
        if path not in self.variables:
            return path
        k = 2
        while f"{path}~{k}" in self.variables:
            k += 1
        return f"{path}~{k}"

    def variable(
        self, path: str, axes: tuple[Domain, ...], kind: Kind, type: Type = Type.REAL, *, span: Span,
        classes: Domain | None = None, init: Initialiser | None = None, support: Support | None = None,
        fill: float | None = None, per_sample: bool = False, tree: bool = False,
    ) -> Variable:  # fmt: skip
        """A new variable under a path of its own. Raises Broken where it would be too large to exist."""
        total = 1
        for axis in axes:
            total *= axis.points() if axis.known else 1
        if total > self.largest:
            raise Broken(ArrayTooLarge(span, path, total, LARGEST))
        name = self.unique(path)
        made = Variable(name, axes, kind, type, per_sample, fill, support, init, tree, classes, span)
        self.variables[name] = made
        return made

    def emit(
        self, target: Variable, place: tuple[Affine | Read, ...], indices: tuple[Index, ...], value: Array,
        rest: tuple[Index, ...], span: Span, row: str, role: Literal["gate", "attention"] | None = None,
    ) -> None:  # fmt: skip
        e = value.at([affine(i) for i in rest])
        self.equations.append(Equation(target, place, indices, e, span, row, role))

    def later(self, indices: tuple[Index, ...], make: Callable[[], None]) -> None:
        """Do this when all these indices have their ranges."""
        self.pending.append((indices, make))

    def resolve(self, indices: Iterable[Index], span: Span) -> None:
        """Give the indices their ranges, then do what waited for them. Raises Broken."""
        problem = self.ranges.resolve(indices, span)
        if problem is not None:
            raise Broken(problem)
        waiting, self.pending = self.pending, []
        for needs, make in waiting:
            if all(is_set(i) for i in needs):
                make()
            else:
                self.pending.append((needs, make))
        if self.typing:
            return  # what lies beyond the ends is not known yet
        unchecked, self.reads = self.reads, []
        for read in unchecked:
            if all(is_set(i) for i in read.place.indices):
                problem = read.outside()
                if problem is not None:
                    raise Broken(problem)
                if not read.certain:
                    self.doubtful.append(read)
            else:
                self.reads.append(read)


def reading(variable: Variable, context: tuple[Index, ...] = ()) -> Array:
    """A variable as a value, read at the indices of the context."""
    lead = tuple(affine(i) for i in context)

    def at(places: Sequence[Place]) -> Read:
        return Read(variable, (*lead, *places))

    return Array(variable.axes[len(context) :], at, variable.type, variable.classes, variable)


def as_place(value: Value) -> Place | None:
    """An index value as a place in a read."""
    if isinstance(value, Affine):
        return value
    if isinstance(value, bool):
        return None
    if isinstance(value, int | Extent):
        return Affine(value)
    if isinstance(value, Array) and not value.axes and value.type is not Type.REAL:
        return value.at(())
    return None
