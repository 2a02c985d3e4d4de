"""Turns of a loop done at once: each step gets one more axis in front, along which the turns lie.

A widened operand's `moves` says how many points of its first axis belong to one turn; without it, it is the same for all.

before, 7 turns: a[32, 24] moves 768, b[24, 24]     after: a[224, 24] moves 32, b[24, 24]     one product instead of seven
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from netc.compiler.plan.model import (
    Draw,
    Einsum,
    Elementwise,
    Gather,
    Loop,
    MatMul,
    Operand,
    Pick,
    Reduction,
    Scatter,
    Step,
)


def together(step: Step, loop: Loop) -> Step:
    """A step of a loop with all its turns at once, the first node's first whichever way the loop goes."""
    match step:
        case Elementwise():
            rank = len(step.out.shape)
            operands = tuple(_wide(o, loop, rank) if isinstance(o, Operand) else o for o in step.operands)
            return replace(step, operands=operands, out=_wide(step.out, loop))
        case MatMul():
            return _product(step, loop)
        case Einsum():
            a, b, out = step.subscripts.replace("->", ",").split(",")
            return replace(step, subscripts=f"Z{a},Z{b}->Z{out}", a=_wide(step.a, loop), b=_wide(step.b, loop), out=_wide(step.out, loop))
        case Reduction():
            return replace(step, operand=_wide(step.operand, loop), out=_wide(step.out, loop), axes=tuple(k + 1 for k in step.axes))
        case Gather():
            table, picks = _picks(step, loop)
            return replace(step, table=table, picks=picks, out=_wide(step.out, loop))
        case Scatter():
            table, picks = _picks(step, loop)
            return replace(step, table=table, picks=picks, value=_wide(step.value, loop))
        case Draw() | Loop():
            raise TypeError("neither draws nor loops are done together")
        case _:
            assert_never(step)


def stretch(step: Step, first: int, last: int) -> Step:
    """A widened step for the turns `first` to `last` only."""
    match step:
        case Elementwise():
            operands = tuple(_turns(o, first, last) if isinstance(o, Operand) else o for o in step.operands)
            return replace(step, operands=operands, out=_turns(step.out, first, last))
        case MatMul() | Einsum():
            return replace(step, a=_turns(step.a, first, last), b=_turns(step.b, first, last), out=_turns(step.out, first, last))
        case Reduction():
            return replace(step, operand=_turns(step.operand, first, last), out=_turns(step.out, first, last))
        case Gather() | Scatter():
            picks = tuple(replace(p, place=_turns(p.place, first, last)) if isinstance(p.place, Operand) else p for p in step.picks)
            if step.table.moves:  # picked from by the turn as well
                picks = (replace(picks[0], place=range(last - first + 1)), *picks[1:])
            table = _turns(step.table, first, last)
            if isinstance(step, Gather):
                return replace(step, table=table, picks=picks, out=_turns(step.out, first, last))
            return replace(step, table=table, picks=picks, value=_turns(step.value, first, last))
        case Draw() | Loop():
            raise TypeError("neither draws nor loops are done together")
        case _:
            assert_never(step)


def _turns(o: Operand, first: int, last: int) -> Operand:
    """Some turns of a widened view."""
    if not o.moves:
        return o
    (points,) = o.moves
    return replace(o, offset=o.offset + first * points * o.strides[0], shape=((last - first + 1) * points, *o.shape[1:]))


def _wide(o: Operand, loop: Loop, rank: int = 0) -> Operand:
    """All turns of a view, along a new first axis."""
    along = o.moves[0] if o.moves else 0
    first = o.offset if loop.forward else o.offset + along * (loop.count - 1)
    missing = (1,) * (rank - len(o.shape))
    return Operand(o.buffer, first, (loop.count, *missing, *o.shape), (along if loop.forward else -along, *missing, *o.strides), (1,))


def _product(step: MatMul, loop: Loop) -> MatMul:
    """Rows of all turns are the rows of one product, where the other side is the same in all."""
    a, b, out = step.a, step.b, step.out
    if b.moves and not a.moves:
        a, b, out = _turned(b), _turned(a), _turned(out)
    rows, written = (_rows(_wide(o, loop)) for o in (a, out))
    if rows and written and not b.moves and len(out.shape) == 2:
        return replace(step, a=rows, b=b, out=written)
    sides = (_wide(o, loop) if o.moves else o for o in (step.a, step.b))
    return replace(step, a=next(sides), b=next(sides), out=_wide(step.out, loop))


def _rows(o: Operand) -> Operand | None:
    """Turns and rows as one axis, or None where they are not evenly spaced."""
    if len(o.shape) != 3:
        return None
    (turns, rows, columns), (along, down, across) = o.shape, o.strides
    if rows > 1 and along != down * rows:
        return None
    return Operand(o.buffer, o.offset, (turns * rows, columns), (down if rows > 1 else along, across), (rows,))


def _turned(o: Operand) -> Operand:
    return replace(o, shape=(*o.shape[:-2], o.shape[-1], o.shape[-2]), strides=(*o.strides[:-2], o.strides[-1], o.strides[-2]))


def _picks(step: Gather | Scatter, loop: Loop) -> tuple[Operand, tuple[Pick, ...]]:
    """Table and picks of all turns; a table that moves from turn to turn is picked from by the turn as well."""
    picks = tuple(_wide_pick(p, loop) for p in step.picks)
    if not step.table.moves:
        return step.table, picks
    return _wide(step.table, loop), (Pick(range(loop.count), axis=0), *picks)


def _wide_pick(pick: Pick, loop: Loop) -> Pick:
    if isinstance(pick.place, Operand):
        return replace(pick, place=_wide(pick.place, loop))
    return replace(pick, axis=pick.axis + 1) if isinstance(pick.place, range) else pick
