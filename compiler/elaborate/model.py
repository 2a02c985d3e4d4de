"""What elaboration gives: a net as equations, with all layers inlined and every expression scalar."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, Protocol

from netc.compiler.diagnostics.model import Problem
from netc.compiler.source.text import Span
from netc.compiler.statements.domains import Length
from netc.compiler.statements.expressions import Affine, Expr, Index, Kind, Read, Variable, reads
from netc.compiler.syntax import tree


@dataclass(frozen=True, eq=False)
class Equation:
    """`target[place] = value` for all points of `indices`; a variable may have several (boundaries, joins, borders)."""

    target: Variable
    place: tuple[Affine | Read, ...]
    indices: tuple[Index, ...]
    value: Expr
    span: Span
    row: str  # the net's own name that this equation serves: `c1` for all that `c1 = image -> Conv(...) -> squash` inlines
    role: Literal["gate", "attention"] | None = None

    @cached_property
    def reads(self) -> tuple[Read, ...]:
        """Every read of the value, in the order of the text; found once."""
        return tuple(reads(self.value))


@dataclass(frozen=True, eq=False)
class Observation:
    """What a likelihood says of one element of an input: a `target` such as `x[t+1]`, and how it is distributed.

    `parameters` are those of the rule at that element: logits or probabilities (of class `choice` where there is one),
    a mean and a spread, a rate. Where there is a `condition`, only elements for which it holds count.
    """

    variable: Variable
    target: Read
    rule: str
    parameters: tuple[Expr, ...]
    choice: Index | None
    span: Span
    condition: Expr | None = None
    written: tuple[Span, ...] = ()  # where each parameter stands


@dataclass(frozen=True)
class Applied:
    """One layer applied for a row, for the table of `check`: `Conv` with its settings as the user would write them."""

    layer: str
    settings: tuple[tuple[str, str], ...]
    own: bool = False  # whether the net itself applies it, and the spec declares it


@dataclass(frozen=True)
class Row:
    """A name of the net that `check` shows, in the order of the text."""

    name: str
    kind: Literal["input", "equation", "likelihood", "loss", "metric"]
    span: Span
    variable: Variable | None
    layers: tuple[Applied, ...] = ()
    recurrent: bool = False  # whether anything in it is computed from itself


class Counts(Protocol):
    """The numbers that asserts ask for; a path names a row, a layer within it, or (empty) the whole net."""

    @property
    def lengths(self) -> Mapping[Length, int]: ...

    def parameters(self, path: str) -> int: ...

    def connections(self, path: str) -> int: ...

    def known(self, path: str) -> bool: ...


@dataclass(frozen=True, eq=False)
class Assertion:
    """An `assert` to be decided when the counts, and the lengths that it speaks of, are known.

    `decide` raises Silenced where it depends on an equation with a problem of its own.
    """

    span: Span
    statement: Span
    decide: Callable[[Counts | None, Mapping[Length, int]], Problem | None]


@dataclass(frozen=True, eq=False)
class Elaborated:
    """One net in one mode.

    Each loss term is an ordinary equation whose value reduces over BATCH (mean over samples; for `~` the mean over all
    observed elements, or with per="sample" the sum per sample averaged over samples). `loss` is their sum. Metrics are
    means over the batch.
    """

    name: str
    training: bool
    equations: tuple[Equation, ...]
    variables: dict[str, Variable]  # by path: inputs, parameters, states, constants, draws and every named equation
    rows: tuple[Row, ...]
    loss: Variable | None = None
    losses: dict[str, Variable] = field(default_factory=dict)
    metrics: dict[str, Variable] = field(default_factory=dict)
    outputs: dict[str, Variable] = field(default_factory=dict)
    updates: dict[Variable, Variable] = field(default_factory=dict)  # state -> its next value (training only)
    dims: dict[str, int] = field(default_factory=dict)
    observed: tuple[Variable, ...] = ()  # inputs that a likelihood names as its target
    predictions: dict[str, Variable] = field(default_factory=dict)  # observed input -> class probabilities or mean
    assertions: tuple[Assertion, ...] = ()
    lengths: dict[Length, Variable] = field(default_factory=dict)  # how long each sample is, one number for each
    counts: dict[Variable, Variable] = field(default_factory=dict)  # loss term or metric -> how many elements it is a mean of
    observations: tuple[Observation, ...] = ()
    moded: bool = True  # whether the other mode has other equations
    sound: bool = True  # whether all of the net is here; else only what has no mistake, for what can be said of that
    lost: frozenset[str] | None = None  # the names that statements speak of which are not here, because of mistakes; None for a whole net
    applied: frozenset[tree.Layer | tree.Def] = frozenset()  # the layers and functions that were looked into

    def leaves(self, kind: Kind) -> tuple[Variable, ...]:
        return tuple(v for v in self.variables.values() if v.kind is kind)


def unread_target(elaborated: Elaborated) -> str:
    """The likelihood that a net without one may lack: of an input that no equation reads, by the last equation. Else nothing."""
    read = {r.variable for e in elaborated.equations if e.row not in elaborated.metrics for r in e.reads}
    target = next((v for v in reversed(elaborated.leaves(Kind.INPUT)) if v not in read), None)
    last = next((r.name for r in reversed(elaborated.rows) if r.kind == "equation"), None)
    if target is None or last is None:
        return ""
    index = "" if not target.axes else "[t]" if target.axes[0].lo == 1 else "[i]"
    rule = f"softmax({last}{index})" if target.classes is not None else f"normal({last}{index}, 1)"
    return f"{target.name}{index} ~ {rule}" if len(target.axes) < 2 else ""
