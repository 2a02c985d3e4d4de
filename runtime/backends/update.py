"""How the parameters of a net move after a step: clipping, the optimiser's rule, and limits of norms, on the flat blocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from netc.compiler.settings import Optimiser, Update, update_of
from netc.compiler.statements.expressions import Apply, Expr, Number, Read
from netc.runtime.backends.backend import Blocks, zeros
from netc.runtime.backends.kernels import UFUNCS

Array = Any
PIECE = 1 << 15  # numbers


@dataclass(frozen=True, eq=False)
class Held:
    """What an update is held to. Places are those of the flat blocks."""

    clip: float | None = None  # the gradient's norm
    clip_value: float | None = None  # each of its numbers
    frozen: tuple[slice, ...] = ()
    scale: Array | None = None  # a factor of the rate for each parameter, 0 where it is frozen; None where all are 1
    norms: tuple[tuple[slice, int, float], ...] = ()  # where weights lie, into how many units, and the largest norm of a unit's


class Updater:
    """Moves the parameters after each step, by an optimiser and within bounds; it keeps the optimiser's slots."""

    def __init__(self, xp: Any, blocks: Blocks, optimiser: Optimiser, held: Held) -> None:
        self.xp, self.blocks, self.held = xp, blocks, held
        self.update = update_of(optimiser)
        p = blocks.parameters
        self.slots: list[Array] = [zeros(xp, p.size, p.dtype) for _ in self.update.slots]
        self._rates = None if held.scale is None else xp.empty_like(p)
        self._calls: _Calls | None = None
        self._norm = 0.0

    @property
    def norm(self) -> float:
        """The norm of the last gradient, before it was clipped; 0 where it is not clipped by its norm."""
        return self._norm

    def begin(self, rate: float, step: int) -> None:
        """The rate of the next step, and its number from 1."""
        self._rate, self._step = rate, step

    def apply(self) -> None:
        """The update."""
        xp, p, g, held = self.xp, self.blocks.parameters, self.blocks.gradients, self.held
        real = p.dtype.type
        for where in held.frozen:
            g[where] = 0
        if held.clip_value is not None:
            xp.clip(g, -real(held.clip_value), real(held.clip_value), out=g)
        if held.clip is not None:
            self._norm = clip_norm(xp, g, held.clip)
        rate = real(self._rate)
        if self._rates is not None:
            rate = xp.multiply(held.scale, rate, out=self._rates)
        if self._calls is None:
            self._calls = _Calls(xp, self.update, {"p": p, "g": g, **dict(zip(self.update.slots, self.slots, strict=True))}, self._rates is not None)
        self._calls.run(rate, self.update.numbers(self._step))
        for where, units, limit in held.norms:
            limit_norms(xp, p[where].reshape(units, -1), limit)


def clip_norm(xp: Any, g: Array, limit: float) -> float:
    """G if |G| <= limit, else limit * G / |G|; gives |G| before."""
    norm = float(xp.sqrt(xp.sum(xp.square(g, dtype=xp.float64))))
    if norm > limit:
        g *= g.dtype.type(limit / norm)
    return norm


def limit_norms(xp: Any, weights: Array, limit: float) -> None:
    """The weights into each unit (first axis) are scaled back to a norm of at most `limit`."""
    norms = xp.sqrt((weights * weights).sum(1, keepdims=True))
    weights *= xp.minimum(1, limit / xp.maximum(norms, 1e-12))


class _Calls:
    """An update as calls of array functions, which write into what exists.

    In the host's memory they go piece by piece, so that what they pass on stays in the cache; all is element by element, so
    the numbers are the same.
    """

    def __init__(self, xp: Any, update: Update, arrays: Mapping[str, Array], rate_varies: bool) -> None:
        self.xp, self.arrays, self.shared = xp, arrays, tuple(update.shared)
        p = arrays["p"]
        self.piece = min(PIECE, max(p.size, 1)) if xp is np else max(p.size, 1)
        self.places: dict[str, int] = {}
        self.numbers: dict[int, float] = {}
        self.once: list[tuple[Any, list[int], int]] = []  # what all parameters share
        self.each: list[tuple[Any, list[int], int]] = []  # what is done to every piece
        self.varies = {self._place(n) for n in (*arrays, *(["rate"] if rate_varies else []))}
        for a in update.assignments:
            self._write(a.value, 0, a.target)
        scratch = [n for n, k in self.places.items() if k in self.varies and n not in arrays and n != "rate"]
        self.scratch = {n: xp.empty(self.piece, p.dtype) for n in scratch}

    def _place(self, name: str) -> int:
        return self.places.setdefault(name, len(self.places))

    def _write(self, e: Expr, level: int, target: str) -> int:
        """The calls for an expression; where its values are. What is passed on at a level is used up at it."""
        if isinstance(e, Read):
            return self._place(e.variable.name)
        if isinstance(e, Number):
            k = self._place(f"number {e.value}")
            self.numbers[k] = e.value
            return k
        assert isinstance(e, Apply)
        operands: list[int] = []
        below = level
        for argument in e.arguments:
            operands.append(self._write(argument, below, f"level {below}"))
            below += operands[-1] == self.places.get(f"level {below}")
        each = any(k in self.varies for k in operands)
        out = self._place(target if each else f"once {len(self.once)}")
        if each:
            self.varies.add(out)
        module, calls = (self.xp, self.each) if each else (np, self.once)
        calls.append((getattr(module, UFUNCS[e.function]), operands, out))
        return out

    def run(self, rate: Any, numbers: list[float]) -> None:
        """Once over all parameters."""
        values: list[Any] = [None] * len(self.places)
        for k, number in self.numbers.items():
            values[k] = number
        values[self.places["rate"]] = rate
        for name, number in zip(self.shared, numbers, strict=True):
            values[self.places[name]] = number
        with np.errstate(all="ignore"):
            for function, operands, out in self.once:
                values[out] = function(*(values[k] for k in operands))
            moving = {**self.arrays, **({"rate": rate} if self.places["rate"] in self.varies else {})}
            size = self.arrays["p"].size
            for first in range(0, size, self.piece):
                for name, array in moving.items():
                    values[self.places[name]] = array[first : first + self.piece]
                for name, array in self.scratch.items():
                    values[self.places[name]] = array[: size - first]
                for function, operands, out in self.each:
                    function(*(values[k] for k in operands), values[out])
