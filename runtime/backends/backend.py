"""What a backend is: flat blocks of numbers, and plans bound to them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, cycle, groupby, product, repeat
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from netc.compiler.plan import Sizes, make_plan
from netc.compiler.plan.model import Buffer, Draw, Elementwise, Loop, Operand, Plan, Step
from netc.compiler.schedule import Schedule
from netc.compiler.settings import Optimiser
from netc.compiler.statements.expressions import Variable
from netc.compiler.statements.program import Program
from netc.runtime.backends import random
from netc.runtime.backends.kernels import Function, make_kernel
from netc.runtime.backends.levels import Bounds, LevelLoop

if TYPE_CHECKING:
    from netc.runtime.backends.update import Held, Updater

Array = Any
Leaves = tuple[Sequence[Variable], Sequence[Variable]]  # parameters, states
Views = tuple[Any, ...]
_LINE = 64  # bytes of a line of the cache
_CALL = 400  # bytes of a call with its views, about


@dataclass(frozen=True, eq=False)
class Blocks:
    """The numbers that all plans of a net share: one flat array each."""

    parameters: Array
    gradients: Array
    states: Array


@dataclass(frozen=True, eq=False)
class Calls:
    """Functions that are called in turn, again and again, and the views of each call.

    A call costs one tuple of views: what collects garbage passes over those, and a long sequence has many.
    """

    functions: tuple[Function, ...]
    steps: tuple[Step, ...]  # one for each function
    views: list[Views]
    turns: bool = False  # whether one round of the functions is a turn of a loop


class Backend(Protocol):
    """Arrays of one module on one device."""

    @property
    def name(self) -> str: ...

    @property
    def xp(self) -> Any: ...

    @property
    def called(self) -> bool:
        """Whether each step of a plan is a call, which takes its time however small the step."""
        ...

    def view(self, base: Array, offset: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> Array: ...

    def to_host(self, array: Array) -> np.ndarray[Any, np.dtype[Any]]: ...

    def updater(self, blocks: Blocks, optimiser: Optimiser, held: Held) -> Updater: ...

    def bind(
        self, schedule: Schedule, program: Program, sizes: Sizes, dtype: str, leaves: Leaves, blocks: Blocks, updater: Updater | None = None
    ) -> Bound: ...


def bind_plan(
    backend: Backend, schedule: Schedule, program: Program, sizes: Sizes, dtype: str, leaves: Leaves, blocks: Blocks,
    updater: Updater | None = None,
) -> Bound:  # fmt: skip
    """A program as a plan of steps on arrays."""
    bound = Bound(make_plan(schedule, program, sizes, dtype, *leaves), blocks, backend)
    if updater is not None and program.loss is not None:
        bound.follow(updater, program.loss)
    return bound


def make_blocks(xp: Any, parameters: Sequence[Variable], states: Sequence[Variable], dtype: str) -> Blocks:
    """Zeroed blocks of the right sizes."""
    count, held = (sum(_points(v) for v in group) for group in (parameters, states))
    return Blocks(zeros(xp, count, dtype), zeros(xp, count, dtype), zeros(xp, held, dtype))


def zeros(xp: Any, count: int, dtype: Any) -> Array:
    """A flat array that begins where a line of the cache does: a vector then never lies across two."""
    if xp is not np:
        return xp.zeros(count, dtype)
    size = np.dtype(dtype).itemsize
    whole = np.zeros(count * size + _LINE, np.uint8)
    begin = -whole.ctypes.data % _LINE
    return whole[begin : begin + count * size].view(dtype)


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
        self._arena = zeros(xp, max(plan.arena, _LINE), xp.uint8)
        self._blocks = {"parameters": blocks.parameters, "gradients": blocks.gradients, "states": blocks.states}
        self._bases: dict[Buffer, Array] = {}
        for buffer, numbers in plan.literals.items():
            self._bases[buffer] = xp.asarray(numbers, xp.int32 if buffer.integer else self.real)
        self.inputs: dict[str, Array] = {name: self.array(plan.operands[v]) for name, v in plan.inputs.items()}
        self.constants = {v.name: v for v in plan.constants}
        for v, number in plan.known.items():
            self.write(v, np.float64(number))
        self.fixed: dict[str, Array] = {}
        self._views: dict[Variable, Array] = {}  # what has been read once
        self._key = (0, 0)
        self._follows: tuple[Updater, Variable] | None = None
        self._calls = self._make_calls(plan.steps)
        self.size = self._arena.nbytes + _CALL * sum(len(c.views) for c in self._calls)  # bytes, about

    def _base(self, buffer: Buffer) -> Array:
        if buffer not in self._bases:
            self._bases[buffer] = self._begun(buffer)
        return self._bases[buffer]

    def _begun(self, buffer: Buffer) -> Array:
        xp = self.backend.xp
        dtype = xp.dtype(xp.int32) if buffer.integer else self.real
        if buffer.block == "arena":
            return self._arena[buffer.offset : buffer.offset + max(buffer.elements, 1) * dtype.itemsize].view(dtype)
        if buffer.block in self._blocks:
            return self._blocks[buffer.block][buffer.offset : buffer.offset + buffer.elements]
        return zeros(xp, max(buffer.elements, 1), dtype)

    def array(self, operand: Operand, counts: tuple[int, ...] = ()) -> Array:
        """A view as an array; the turns of the loops around it are axes in front."""
        moves = operand.moves[: len(counts)]
        offset = 0 if 0 in operand.shape else operand.offset  # what has no elements may begin behind the end
        return self.backend.view(self._base(operand.buffer), offset, (*counts, *operand.shape), (*moves, *operand.strides))

    def write(self, variable: Variable, values: Any) -> None:
        """Set a constant, state or parameter."""
        self.array(self.plan.operands[variable])[...] = self.backend.xp.asarray(values)

    def read(self, variable: Variable) -> np.ndarray[Any, np.dtype[Any]]:
        """A copy of a variable on the host: batch first where it has one, then its declared axes."""
        return np.array(self.backend.to_host(self._view(variable)))

    def number(self, variable: Variable) -> float:
        """A variable that is a single number."""
        return float(self._view(variable))

    def _view(self, variable: Variable) -> Array:
        if variable not in self._views:
            self._views[variable] = self.array(self.plan.operands[variable])
        return self._views[variable]

    def set_noise(self, name: str, values: Array) -> None:
        """Draws of this name are these numbers from now on."""
        self.fixed[name] = self.backend.xp.asarray(values, self.real)

    def set_levels(self, tree: str, bounds: Bounds) -> None:
        """The nodes of this tree lie level by level from now on."""
        for function in chain.from_iterable(calls.functions for calls in self._calls):
            if isinstance(function, LevelLoop) and function.tree == tree:
                function.bounds = bounds

    # ---- calls ---------------------------------------------------------------------------------------------------

    def _make_calls(self, steps: Sequence[Step]) -> list[Calls]:
        """Every call, loops unrolled: a turn costs a call for each step and nothing else."""
        found: list[Calls] = []
        for loops, group in groupby(steps, lambda s: isinstance(s, Loop) and s.tree is None):
            if loops:
                found += [replace(self._turns(s.steps, (s.count,)), turns=True) for s in group if isinstance(s, Loop)]
            else:
                found.append(self._turns(tuple(group), ()))
        return found

    def _turns(self, steps: Sequence[Step], counts: tuple[int, ...]) -> Calls:
        """The calls of some steps in all turns of the loops around them."""
        functions: list[Function] = []
        origins: list[Step] = []
        columns: list[Iterator[tuple[Views, ...]]] = []  # for each step its calls, turn by turn
        for s in steps:
            if isinstance(s, Loop) and (s.tree is None or counts):
                inner = self._turns(s.steps, (*counts, s.count))
                functions += inner.functions * s.count
                origins += inner.steps * s.count
                columns.append(zip(*[iter(inner.views)] * (len(inner.functions) * s.count), strict=True))
                continue
            function, views = self._each(s, math.prod(counts), counts)
            functions.append(function)
            origins.append(s)
            columns.append(zip(views, strict=True))
        calls = chain.from_iterable(chain.from_iterable(zip(*columns, strict=True)))
        return Calls(tuple(functions), tuple(origins), list(calls))

    def _each(self, step: Step, turns: int, counts: tuple[int, ...]) -> tuple[Function, Iterable[Views]]:
        """A step in all turns. It is looked at once; what a turn adds are views that have moved on."""
        if isinstance(step, Draw):
            return self._draw, [(step,)]
        if isinstance(step, Loop):
            return LevelLoop(self.backend.xp, self.real.type, step, self.array), [()]
        function, given = make_kernel(self.backend.xp, step, self.real.type)
        return function, zip(*(self._through(a, turns, counts) for a in given), strict=True)

    def _through(self, argument: Any, turns: int, counts: tuple[int, ...]) -> Iterable[Any]:
        """What an argument is in each turn."""
        if not isinstance(argument, Operand):
            return repeat(argument, turns)
        if not argument.moves or not counts:
            return repeat(self.array(argument), turns)
        views = self.array(argument, counts)
        if not argument.shape:  # a turn's number as an array, which can be written to
            return (views[(*at, ...)] for at in product(*map(range, counts)))
        return chain.from_iterable(views[at] for at in product(*map(range, counts[:-1])))

    def follow(self, updater: Updater, loss: Variable) -> None:
        """Parameters are updated after each run from now on, unless its loss is infinite or undefined."""
        self._follows = updater, loss

    def run(self, seed: int = 0, step: int = 0) -> None:
        """Run every step once."""
        self._key = (seed, step)
        with np.errstate(all="ignore"):
            for calls in self._calls:
                for function, views in zip(cycle(calls.functions), calls.views, strict=False):
                    function(*views)
        if self._follows is not None and math.isfinite(self.number(self._follows[1])):
            self._follows[0].apply()

    def turns_to(self, variable: Variable) -> Iterator[int]:
        """Run, and stop in each turn of a loop before it writes the variable: gives the number of the turn, from 0.

        Whoever goes on may have changed what was written so far. What stands behind the loop is not run.
        """
        turn = 0
        last = max((k for k, calls in enumerate(self._calls) if calls.turns and _writes(calls, variable) is not None), default=-1)
        for calls in self._calls[: last + 1]:
            at = _writes(calls, variable) if calls.turns else None
            if at is None:
                self._run_some(calls, 0, len(calls.views))
                continue
            width = len(calls.functions)
            for start in range(0, len(calls.views), width):
                self._run_some(calls, start, start + at)
                yield turn
                self._run_some(calls, start + at, start + width)
                turn += 1

    def _run_some(self, calls: Calls, first: int, behind: int) -> None:
        offset = first % len(calls.functions)
        with np.errstate(all="ignore"):
            for function, views in zip(cycle(calls.functions[offset:] + calls.functions[:offset]), calls.views[first:behind], strict=False):
                function(*views)

    def _draw(self, draw: Draw) -> None:
        if draw.variable.name in self.fixed:
            given = self.fixed[draw.variable.name]
            self.array(self.plan.operands[draw.variable])[tuple(slice(n) for n in given.shape)] = given
            return
        out = self.array(draw.out)
        key = random.stream_key(*self._key, draw.number)
        (random.normal if draw.rule == "normal" else random.uniform)(self.backend.xp, key, out)

    def _opened(self) -> Iterator[tuple[Function, Views, Step]]:
        for calls in self._calls:
            for function, step, views in zip(cycle(calls.functions), cycle(calls.steps), calls.views, strict=False):
                if isinstance(function, LevelLoop):
                    yield from function.opened()
                else:
                    yield function, views, step

    def first_bad(self, seed: int, step: int) -> tuple[Variable, tuple[int, ...]] | None:
        """Run again, stopping where a number first becomes infinite or undefined: the variable and the place in it."""
        self._key = (seed, step)
        with np.errstate(all="ignore"):
            for function, views, s in self._opened():
                function(*views)
                origin, out = getattr(s, "origin", None), getattr(s, "out", None)
                if origin is None or out is None or out.buffer.integer or isinstance(s, Elementwise) and s.function == "fill":
                    continue
                bad = ~self.backend.xp.isfinite(views[-1])
                if bool(bad.any()):
                    return origin, self._place(origin, views[-1], tuple(np.argwhere(self.backend.to_host(bad))[0]))
        return None

    def _place(self, variable: Variable, view: Array, at: tuple[int, ...]) -> tuple[int, ...]:
        """Where in a variable, sample first, a bad number of a view of it stands; empty where the view is of something else."""
        whole = self.array(self.plan.operands[variable])
        before = self.backend.to_host(self.backend.xp.isfinite(whole)).copy()
        view[at] = 0  # the one place that becomes finite
        mended = np.argwhere(self.backend.to_host(self.backend.xp.isfinite(whole)) & ~before)
        return tuple(int(k) for k in mended[0]) if len(mended) else ()


def _writes(calls: Calls, variable: Variable) -> int | None:
    """Which call of a round is the first that computes a variable."""
    return next((k for k, s in enumerate(calls.steps) if getattr(s, "origin", None) is variable), None)
