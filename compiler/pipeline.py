"""The stages behind elaboration: what a program is to compute, and the equations lowered, differentiated and in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property, lru_cache

from netc.compiler.diagnostics.error import NetcError
from netc.compiler.elaborate.model import Elaborated
from netc.compiler.gradients import differentiate
from netc.compiler.plan import Sizes
from netc.compiler.rewrites import Wanted, lower
from netc.compiler.rewrites.stack_products import FEWEST
from netc.compiler.schedule import Circle, Schedule, schedule
from netc.compiler.statements.expressions import Kind, Variable
from netc.compiler.statements.garbage import unsearched
from netc.compiler.statements.program import Program
from netc.compiler.variants.align_shifts import align_shifts
from netc.compiler.variants.carry_state import Carried, carry_state
from netc.compiler.variants.draw_sequences import Drawing, draw_sequences, not_left_to_right
from netc.compiler.variants.feed_draws import feed_draws, no_order
from netc.compiler.variants.pad_lengths import pad_lengths
from netc.compiler.variants.tree_levels import tree_levels
from netc.compiler.variants.weighted_loss import weighted


@dataclass(frozen=True)
class Request:
    """What a program is to compute. The same request gives the same program."""

    training: bool = True
    wanted: Wanted = field(default_factory=Wanted)
    gradients: tuple[str, ...] = ()  # paths of parameters, inputs and equations
    weighted: tuple[str, ...] = ()  # the loss is the weighted sum of these equations' elements, instead of the net's own
    ragged: bool = False  # whether the samples of a batch differ in length
    carry: bool = False  # whether the samples are chunks of longer sequences
    levels: tuple[str, ...] = ()  # the trees whose nodes are numbered by height
    drawing: Drawing | None = None  # draw the observed sequences instead of taking them as given
    feeding: bool = False  # whether the net reads its own draws at a share of the points
    stacked: bool = False  # whether products of one recurrent value are one product

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        """Every step asks for a program by its request: it is worked out once."""
        return hash(tuple(getattr(self, f.name) for f in fields(self)))

    def at(self, sizes: Sizes, called: bool = True) -> Request:
        """The request as it is best run at these sizes.

        Products are stacked for a single sample where each step of the plan is a call (`called`): there a call costs more than its
        numbers, and a part of one row is a run of memory. With more samples the parts are strided, which takes what the fewer calls
        give. A short loop is not worth the copy.
        """
        return replace(self, stacked=called and sizes.batch == 1 and all(n >= FEWEST for n in sizes.lengths.values()))


@lru_cache
def training_request(paths: tuple[str, ...], carry: bool = False, feeding: bool = False) -> Request:
    """What a training step computes: the loss, of how many elements it is a mean, its gradient by these paths, the next states."""
    return Request(True, Wanted(metrics=False, counts=True), paths, carry=carry, feeding=feeding)


def whole_request(elaborated: Elaborated, gradients: bool = True) -> Request:
    """All that a net computes: a training step, or each of its equations where it has no loss."""
    if elaborated.loss is None:
        return Request(True, Wanted(False, names=tuple(r.name for r in elaborated.rows if r.variable is not None)))
    return Request(True, Wanted(), tuple(v.name for v in elaborated.leaves(Kind.PARAMETER)) if gradients else ())


@dataclass(frozen=True)
class Compiled:
    """A net lowered, differentiated and in order, for any batch size."""

    elaborated: Elaborated
    program: Program
    schedule: Schedule
    carried: tuple[Carried, ...] = ()


@unsearched()
def compile_net(elaborated: Elaborated, request: Request, aligned: bool = False) -> Compiled:
    """The stages after elaboration. What is drawn is aligned where there is no order otherwise."""
    given = elaborated
    if request.weighted:
        elaborated = weighted(elaborated, request.weighted)
    carried: tuple[Carried, ...] = ()
    wanted = request.wanted
    if request.drawing is not None:
        elaborated = draw_sequences(elaborated, request.drawing)
        elaborated = align_shifts(elaborated, frozenset(wanted.names)) if aligned else elaborated
    if request.feeding:
        elaborated = feed_draws(elaborated)
    if request.carry:
        elaborated, carried = carry_state(elaborated)
        wanted = replace(wanted, names=(*wanted.names, *(c.leaves.name for c in carried)))
    levels = tree_levels(elaborated)
    if request.ragged:
        elaborated = pad_lengths(elaborated, {n: v for n, v in levels.items() if n.name in request.levels})
    wrt = _variables(elaborated, request.gradients)
    wanted = replace(wanted, kept=tuple(v.name for v in wrt if v.kind is Kind.TEMPORARY))
    program = lower(elaborated, wanted, request.stacked)
    if wrt:
        program = differentiate(program, wrt)
    try:
        return Compiled(elaborated, program, schedule(program, tuple(levels.values())), carried)
    except Circle as circle:
        if request.drawing is not None and not aligned:
            return compile_net(given, request, aligned=True)
        if request.drawing is not None:
            raise NetcError(not_left_to_right(elaborated)) from circle
        if request.feeding:
            raise NetcError(no_order(elaborated)) from circle
        raise


def _variables(elaborated: Elaborated, paths: Sequence[str]) -> list[Variable]:
    return [elaborated.variables[p] for p in paths]
