"""What a backend is: flat blocks of numbers, and plans bound to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import numpy as np
from netc.compiler.plan import Sizes, make_plan
from netc.compiler.plan.model import Draw, Elementwise, Loop, Operand, Plan, Step
from netc.compiler.schedule import Schedule
from netc.compiler.statements.expressions import Variable
from netc.compiler.statements.program import Program
from netc.runtime.backends import random
from netc.runtime.backends.kernels import Call, View, make_call
from netc.runtime.backends.levels import Bounds, LevelLoop

Array = Any
Leaves = tuple[Sequence[Variable], Sequence[Variable]]  # parameters, states
_CALL = 1000  # bytes of a call with its views, about


@dataclass(frozen=True, eq=False)
class Blocks:
    """The numbers that all plans of a net share: one flat array each."""

    parameters: Array
    gradients: Array
    states: Array


Planned = tuple[Call | Draw | LevelLoop, Step, View]  # what to run, the step it is made of, and the arrays of its operands


class Backend(Protocol):
    """Arrays of one module on one device."""

    @property
    def name(self) -> str: ...

    @property
    def xp(self) -> Any: ...

    def to_host(self, array: Array) -> np.ndarray[Any, np.dtype[Any]]: ...

    def bind(self, schedule: Schedule, program: Program, sizes: Sizes, dtype: str, leaves: Leaves, blocks: Blocks) -> Bound: ...


def bind_plan(backend: Backend, schedule: Schedule, program: Program, sizes: Sizes, dtype: str, leaves: Leaves, blocks: Blocks) -> Bound:
    """A program as a plan of steps on arrays."""
    return Bound(make_plan(schedule, program, sizes, dtype, *leaves), blocks, backend)


def make_blocks(xp: Any, parameters: Sequence[Variable], states: Sequence[Variable], dtype: str) -> Blocks:
    """Zeroed blocks of the right sizes."""
    count, held = (sum(_points(v) for v in group) for group in (parameters, states))
    return Blocks(xp.zeros(count, dtype), xp.zeros(count, dtype), xp.zeros(held, dtype))


def _points(v: Variable) -> int:
    total = 1
    for axis in v.axes:
        total *= axis.points()
    return total


class Bound:
    """A plan with its arena, ready to run. `inputs` are the arrays to fill: batch first, then the declared axes."""

    def __init__(self, plan: Plan, blocks: Blocks, backend: Backend) -> None:
        self.plan, self.backend = plan, backend
        xp = backend.xp
        self.real = xp.dtype(plan.dtype)
        self._arena = xp.zeros(max(plan.arena, 64), xp.uint8)
        self._blocks = {"parameters": blocks.parameters, "gradients": blocks.gradients, "states": blocks.states}
        self._own: dict[int, Array] = {}
        for buffer, numbers in plan.literals.items():
            self._own[id(buffer)] = xp.asarray(numbers, xp.int32 if buffer.integer else self.real)
        self.inputs: dict[str, Array] = {name: self.array(plan.operands[v]) for name, v in plan.inputs.items()}
        self.constants = {v.name: v for v in plan.constants}
        for v, number in plan.known.items():
            self.write(v, np.float64(number))
        self.fixed: dict[str, Array] = {}
        self._views: dict[tuple[Operand, tuple[int, ...]], Array] = {}
        self._calls = self._make_calls(plan.steps)
        self._views.clear()
        self.size = self._arena.nbytes + _CALL * len(self._calls)  # bytes, about

    def _base(self, operand: Operand) -> Array:
        buffer, xp = operand.buffer, self.backend.xp
        dtype = xp.dtype(xp.int32) if buffer.integer else self.real
        if buffer.block == "arena":
            return self._arena[buffer.offset : buffer.offset + max(buffer.elements, 1) * dtype.itemsize].view(dtype)
        if buffer.block in self._blocks:
            return self._blocks[buffer.block][buffer.offset : buffer.offset + buffer.elements]
        if id(buffer) not in self._own:
            self._own[id(buffer)] = xp.zeros(max(buffer.elements, 1), dtype)
        return self._own[id(buffer)]

    def array(self, operand: Operand) -> Array:
        """A view as an array."""
        base = self._base(operand)
        size = base.itemsize
        strided = self.backend.xp.lib.stride_tricks.as_strided
        return strided(base[operand.offset :], operand.shape, tuple(s * size for s in operand.strides))

    def write(self, variable: Variable, values: Any) -> None:
        """Set a constant, state or parameter."""
        self.array(self.plan.operands[variable])[...] = self.backend.xp.asarray(values)

    def read(self, variable: Variable) -> np.ndarray[Any, np.dtype[Any]]:
        """A copy of a variable on the host: batch first where it has one, then its declared axes."""
        return np.array(self.backend.to_host(self.array(self.plan.operands[variable])))

    def set_noise(self, name: str, values: Array) -> None:
        """Draws of this name are these numbers from now on."""
        self.fixed[name] = self.backend.xp.asarray(values, self.real)

    def set_levels(self, tree: str, bounds: Bounds) -> None:
        """The nodes of this tree lie level by level from now on."""
        for call, _, _ in self._calls:
            if isinstance(call, LevelLoop) and call.tree == tree:
                call.bounds = bounds

    def _make_calls(self, steps: Sequence[Step]) -> list[Planned]:
        """Every call with its step, loops unrolled: a turn costs a call for each step and nothing else."""
        found: list[Planned] = []
        for s in steps:
            if isinstance(s, Draw):
                found.append((s, s, self.array))
            elif isinstance(s, Loop):
                found += self._unrolled(s, (), ()) if s.tree is None else [(LevelLoop(self.backend.xp, s, self.array), s, self.array)]
            else:
                found.append((make_call(self.backend.xp, s, self.array), s, self.array))
        return found

    def _unrolled(self, loop: Loop, turns: tuple[int, ...], counts: tuple[int, ...]) -> list[Planned]:
        found: list[Planned] = []
        counts = (*counts, loop.count)
        for k in range(loop.count):
            at = (*turns, k)
            for s in loop.steps:
                if isinstance(s, Loop):
                    found += self._unrolled(s, at, counts)
                else:
                    view = partial(self._moved, turns=at, counts=counts)
                    found.append((make_call(self.backend.xp, s, view), s, view))
        return found

    def _moved(self, operand: Operand, turns: tuple[int, ...], counts: tuple[int, ...]) -> Array:
        """A view in one turn of the loops around it."""
        if (operand, counts) not in self._views:
            moves = operand.moves or (0,) * len(counts)
            base = self._base(operand)
            strides = tuple(s * base.itemsize for s in (*moves, *operand.strides))
            back = [min(0, m * (n - 1)) for m, n in zip(moves, counts, strict=True)]
            first = operand.offset + sum(back)
            turned = tuple(slice(None, None, -1) if m < 0 else slice(None) for m in moves)
            strides = (*(abs(m) * base.itemsize for m in moves), *strides[len(moves) :])
            strided = self.backend.xp.lib.stride_tricks.as_strided
            self._views[operand, counts] = strided(base[first:], (*counts, *operand.shape), strides)[turned]
        return self._views[operand, counts][turns]

    def run(self, seed: int = 0, step: int = 0) -> None:
        """Run every step once."""
        with np.errstate(all="ignore"):
            for call, _, _ in self._calls:
                if isinstance(call, Draw):
                    self._draw(call, seed, step)
                else:
                    call()

    def _draw(self, draw: Draw, seed: int, step: int) -> None:
        if draw.variable.name in self.fixed:
            given = self.fixed[draw.variable.name]
            self.array(self.plan.operands[draw.variable])[tuple(slice(n) for n in given.shape)] = given
            return
        out = self.array(draw.out)
        key = random.stream_key(seed, step, draw.number)
        (random.normal if draw.rule == "normal" else random.uniform)(self.backend.xp, key, out)

    def _opened(self) -> Iterator[Planned]:
        for planned in self._calls:
            yield from planned[0].opened() if isinstance(planned[0], LevelLoop) else (planned,)

    def first_bad(self, seed: int, step: int) -> tuple[Variable, tuple[int, ...]] | None:
        """Run again, stopping where a number first becomes infinite or undefined: the variable and the place in its view."""
        xp = self.backend.xp
        with np.errstate(all="ignore"):
            for call, s, view in self._opened():
                if isinstance(call, Draw):
                    self._draw(call, seed, step)
                    continue
                call()
                origin = getattr(s, "origin", None)
                out = getattr(s, "out", None)
                if origin is None or out is None or out.buffer.integer:
                    continue
                bad = ~xp.isfinite(view(out))
                if bool(bad.any()) and not (isinstance(s, Elementwise) and s.function == "fill"):
                    return origin, tuple(int(k) for k in np.argwhere(self.backend.to_host(bad))[0])
        return None


