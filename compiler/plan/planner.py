"""The last stage of the compiler: a schedule, bound to sizes, as steps over one arena."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from netc.compiler.plan.arena import place
from netc.compiler.plan.binder import Binder
from netc.compiler.plan.layout import choose_orders
from netc.compiler.plan.model import (
    ITEM_SIZES,
    Buffer,
    Draw,
    Einsum,
    Elementwise,
    Gather,
    Loop,
    MatMul,
    Operand,
    Plan,
    Reduction,
    Scatter,
    Sizes,
    Step,
)
from netc.compiler.plan.workspace import Workspace
from netc.compiler.schedule import Schedule
from netc.compiler.statements.domains import Length, value
from netc.compiler.statements.expressions import Index, IndexValue, Kind, Variable, affine
from netc.compiler.statements.garbage import unsearched
from netc.compiler.statements.program import Program


@unsearched()
def make_plan(
    schedule: Schedule, program: Program, sizes: Sizes, dtype: str, parameters: Sequence[Variable] = (), states: Sequence[Variable] = ()
) -> Plan:
    """Bind a schedule. Parameters (with their gradients) and states lie in flat blocks, in the given order."""
    w = Workspace(program, schedule.statements, choose_orders(program, schedule), sizes)
    offset = 0
    for v in parameters:
        gradient = program.gradients.get(v)
        if gradient is not None:
            w.adopt(gradient, "gradients", offset)
        offset = w.adopt(v, "parameters", offset)
    offset = 0
    for v in states:
        offset = w.adopt(v, "states", offset)
    Binder(w).run(schedule.items)
    for state, following in program.updates.items():
        w.origin = following
        order = [Index("s", axis) for axis in state.axes]
        places = [affine(i) for i in order]
        w.elementwise("copy", (w.access(following, places, {}).operand(order),), w.access(state, places, {}).operand(order))
    leaves = program.variables()
    operands = {v: w.logical(v) for v in leaves}
    _lifetimes(w, program, operands)
    total = place([b for b in w.arena if b.first >= 0], ITEM_SIZES[dtype])
    return bound_plan(sizes.batch, dtype, tuple(w.steps), total, operands, dict(w.literals), leaves, w.lengths)


def bound_plan(
    batch: int, dtype: str, steps: tuple[Step, ...], arena: int, operands: dict[Variable, Operand], literals: dict[Buffer, tuple[float, ...]],
    variables: Sequence[Variable], lengths: Mapping[Length, int],
) -> Plan:  # fmt: skip
    """A plan with tables of what the caller gives it."""
    return Plan(
        batch, dtype, steps, arena, operands, literals, _known_sizes(variables, lengths),
        {v.name: v for v in variables if v.kind in (Kind.INPUT, Kind.LENGTH)},
        tuple(v for v in variables if v.kind is Kind.CONSTANT),
        {v.name: v for v in variables if v.kind is Kind.RANDOM},
    )  # fmt: skip


def _known_sizes(variables: Sequence[Variable], lengths: Mapping[Length, int]) -> dict[Variable, float]:
    """Sizes that are used as numbers, and their inverses."""
    found: dict[Variable, float] = {}
    for v in variables:
        if v.init is not None and v.init.rule in ("size", "inverse size"):
            assert isinstance(v.init.expression, IndexValue)
            size = max(0, value(v.init.expression.affine.const, lengths))
            found[v] = size if v.init.rule == "size" else 1 / size if size else 0.0
    return found


def _lifetimes(w: Workspace, program: Program, operands: dict[Variable, Operand]) -> None:
    """From the first step that writes a buffer to the last that touches it; what is wanted lasts to the end."""
    for n, step in enumerate(w.steps):
        for buffer in touched(step):
            if buffer.first < 0:
                buffer.first = n
            buffer.last = n
    for v in program.roots():
        buffer = operands[v].buffer
        buffer.first, buffer.last = max(buffer.first, 0), len(w.steps)


def touched(step: Step) -> list[Buffer]:
    """The buffers that a step reads or writes."""
    match step:
        case Elementwise():
            return [o.buffer for o in (*step.operands, step.out) if isinstance(o, Operand)]
        case MatMul() | Einsum():
            return [step.a.buffer, step.b.buffer, step.out.buffer]
        case Reduction():
            return [step.operand.buffer, step.out.buffer]
        case Gather():
            return [step.table.buffer, step.out.buffer, *(p.place.buffer for p in step.picks if isinstance(p.place, Operand))]
        case Scatter():
            return [step.table.buffer, step.value.buffer, *(p.place.buffer for p in step.picks if isinstance(p.place, Operand))]
        case Draw():
            return [step.out.buffer]
        case Loop():
            return [b for s in step.steps for b in touched(s)]
