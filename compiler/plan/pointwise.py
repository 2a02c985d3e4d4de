"""Pointwise expressions as sequences of elementwise steps; the target itself serves as the first register."""

from __future__ import annotations

from collections.abc import Sequence

from netc.compiler.plan.model import Operand
from netc.compiler.plan.workspace import Fixed, Workspace
from netc.compiler.statements.domains import value
from netc.compiler.statements.expressions import Affine, Apply, Expr, Index, IndexValue, Number, Read


def evaluate(w: Workspace, e: Expr, order: Sequence[Index], fixed: Fixed, out: Operand | None) -> Operand | float:
    """The values of an expression over these axes; written to `out` where that has the whole shape, else to a register."""
    match e:
        case Number():
            return float(e.value)
        case IndexValue():
            return index_values(w, e.affine, order, fixed)
        case Read():
            return w.read(e, fixed).operand(order)
        case Apply(function="stop"):
            return evaluate(w, e.arguments[0], order, fixed, out)
        case Apply():
            return _apply(w, e, order, fixed, out)
        case _:
            raise TypeError(f"not in normal form: {type(e).__name__}")


def _shape(w: Workspace, e: Expr, order: Sequence[Index], fixed: Fixed) -> tuple[int, ...]:
    present = w.present(e)
    return tuple([w.size(i) if i in present and i not in fixed and i not in w.running else 1 for i in order])


def _apply(w: Workspace, e: Apply, order: Sequence[Index], fixed: Fixed, out: Operand | None) -> Operand:
    shape = _shape(w, e, order, fixed)
    target = out if out is not None and out.shape == shape and not out.buffer.integer else w.register(shape)
    values: dict[int, Operand | float] = {}
    spare: Operand | None = target
    # the first nested expression may use the target as its register; a read of the target itself must not be overwritten
    nested = [k for k, a in enumerate(e.arguments) if isinstance(a, Apply)]
    for k in nested:
        values[k] = evaluate(w, e.arguments[k], order, fixed, spare)
        if isinstance(values[k], Operand) and values[k] is target:
            spare = None
    for k, argument in enumerate(e.arguments):
        if k not in values:
            values[k] = evaluate(w, argument, order, fixed, None)
    apply(w, e.function, [values[k] for k in range(len(e.arguments))], target)
    return target


def apply(w: Workspace, function: str, operands: list[Operand | float], out: Operand) -> None:
    """One function into `out`, composed of others where no array library has it."""
    match function:
        case "sigmoid":  # 1/2 tanh(x/2) + 1/2 has no overflow
            w.elementwise("*", (operands[0], 0.5), out)
            w.elementwise("tanh", (out,), out)
            w.elementwise("*", (out, 0.5), out)
            w.elementwise("+", (out, 0.5), out)
        case "softplus":
            w.elementwise("logaddexp", (operands[0], 0.0), out)
        case "neg" if isinstance(operands[0], float):
            w.elementwise("fill", (-operands[0],), out)
        case "^" if operands[1] == 3.0 and isinstance(operands[0], Operand) and operands[0] is not out:
            w.elementwise("*", (operands[0], operands[0]), out)
            w.elementwise("*", (out, operands[0]), out)
        case _:
            w.elementwise(function, operands, out)


def index_values(w: Workspace, a: Affine, order: Sequence[Index], fixed: Fixed, integer: bool = False) -> Operand | float:
    """An index used as a number: known numbers along its axes."""
    at = {**fixed, **w.running}
    base = value(a.const, w.lengths) + sum(c * at[i] for i, c in a.terms if i in at)
    free = [(i, c) for i, c in a.terms if i not in at]
    turns = [sum(c * turn.get(i, 0) for i, c in a.terms) for turn in w.turns]
    if not free and not integer and not any(turns):
        return float(base)
    values = [base]
    for turn, count in zip(turns, w.counts, strict=True):
        values = [v + turn * k for v in values for k in range(count if turn else 1)]
    for i, c in free:
        values = [v + c * (w.low(i) + k) for v in values for k in range(w.size(i))]
    buffer = w.literal(tuple(float(v) for v in values), integer)
    strides: dict[Index, int] = {}
    step = 1
    for i, _ in reversed(free):
        strides[i] = step
        step *= w.size(i)
    moves: list[int] = []
    for turn, count in zip(reversed(turns), reversed(w.counts), strict=True):
        moves.insert(0, step if turn else 0)
        step *= count if turn else 1
    shape = tuple(w.size(i) if i in strides else 1 for i in order)
    return Operand(buffer, 0, shape, tuple(strides.get(i, 0) for i in order), tuple(moves) if any(moves) else ())
