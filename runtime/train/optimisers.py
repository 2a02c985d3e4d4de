"""Optimisers on flat arrays. One row each: how many slots it keeps, and its update. The formulas are those of the papers.

p: parameters, g: gradients (may be overwritten), slots: arrays like p, rate: a number or an array of rates, t: step from 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from netc.compiler.settings import SLOTS, Optimiser

Array = Any
_PIECE = 1 << 15  # numbers
Update = Callable[[Any, Array, Array, list[Array], Any, int, Optimiser], None]


@dataclass(frozen=True)
class Rule:
    """An update rule and the number of arrays it keeps from step to step."""

    slots: int
    update: Update

    def step(self, xp: Any, p: Array, g: Array, slots: list[Array], rate: Any, t: int, o: Optimiser) -> None:
        """The update of all parameters. In the host's memory it goes piece by piece, so that temporaries stay small and in
        the cache; every rule is element by element, so the numbers are the same.
        """
        size = _PIECE if isinstance(p, np.ndarray) else max(p.size, 1)
        for first in range(0, p.size, size):
            piece = slice(first, first + size)
            rates = rate[piece] if np.ndim(rate) else rate
            self.update(xp, p[piece], g[piece], [s[piece] for s in slots], rates, t, o)


def _decayed(p: Array, g: Array, o: Optimiser) -> None:
    """L2 decay: the gradient of decay/2 * |p|^2 is added."""
    decay = o.constant("decay", 0.0)
    if decay:
        g += decay * p


def sgd(xp: Any, p: Array, g: Array, slots: list[Array], rate: Any, t: int, o: Optimiser) -> None:
    """Gradient descent, with momentum (Polyak 1964) or its Nesterov form (Sutskever et al. 2013)."""
    _decayed(p, g, o)
    momentum = o.constant("momentum", 0.0)
    if not momentum:
        g *= rate
        p -= g
        return
    (velocity,) = slots
    if t == 1:
        velocity[...] = g
    else:
        velocity *= momentum
        velocity += g
    if o.constant("nesterov", 0.0):
        g += momentum * velocity
        p -= rate * g
    else:
        p -= rate * velocity


def adagrad(xp: Any, p: Array, g: Array, slots: list[Array], rate: Any, t: int, o: Optimiser) -> None:
    """Duchi, Hazan, Singer 2011."""
    _decayed(p, g, o)
    (total,) = slots
    total += g * g
    p -= rate * g / (xp.sqrt(total) + o.constant("eps", 1e-10))


def rmsprop(xp: Any, p: Array, g: Array, slots: list[Array], rate: Any, t: int, o: Optimiser) -> None:
    """Tieleman and Hinton 2012, lecture 6.5; momentum after Graves 2013."""
    _decayed(p, g, o)
    rho, momentum = o.constant("rho", 0.99), o.constant("momentum", 0.0)
    mean, velocity = slots
    mean *= rho
    mean += (1 - rho) * g * g
    g /= xp.sqrt(mean) + o.constant("eps", 1e-8)
    if momentum:
        velocity *= momentum
        velocity += g
        p -= rate * velocity
    else:
        p -= rate * g


def adadelta(xp: Any, p: Array, g: Array, slots: list[Array], rate: Any, t: int, o: Optimiser) -> None:
    """Zeiler 2012."""
    _decayed(p, g, o)
    rho, eps = o.constant("rho", 0.9), o.constant("eps", 1e-6)
    squares, moves = slots
    squares *= rho
    squares += (1 - rho) * g * g
    move = xp.sqrt(moves + eps) / xp.sqrt(squares + eps) * g
    moves *= rho
    moves += (1 - rho) * move * move
    p -= rate * move


def _adam(xp: Any, p: Array, g: Array, slots: list[Array], rate: Any, t: int, o: Optimiser) -> None:
    beta1, beta2 = o.constant("beta1", 0.9), o.constant("beta2", 0.999)
    mean, squares = slots
    mean *= beta1
    mean += (1 - beta1) * g
    squares *= beta2
    squares += (1 - beta2) * g * g
    spread = xp.sqrt(squares / (1 - beta2**t)) + o.constant("eps", 1e-8)
    p -= rate / (1 - beta1**t) * mean / spread


def adam(xp: Any, p: Array, g: Array, slots: list[Array], rate: Any, t: int, o: Optimiser) -> None:
    """Kingma and Ba 2015, algorithm 1."""
    _decayed(p, g, o)
    _adam(xp, p, g, slots, rate, t, o)


def adamw(xp: Any, p: Array, g: Array, slots: list[Array], rate: Any, t: int, o: Optimiser) -> None:
    """Loshchilov and Hutter 2019, algorithm 2: decay apart from the gradient."""
    p *= 1 - rate * o.constant("decay", 0.01)
    _adam(xp, p, g, slots, rate, t, o)


_UPDATES: dict[str, Update] = {"sgd": sgd, "adagrad": adagrad, "rmsprop": rmsprop, "adadelta": adadelta, "adam": adam, "adamw": adamw}
RULES: dict[str, Rule] = {name: Rule(SLOTS[name], update) for name, update in _UPDATES.items()}


def clip_norm(xp: Any, g: Array, limit: float) -> float:
    """G if |G| <= limit, else limit * G / |G|; gives |G| before."""
    norm = float(xp.sqrt(xp.sum(xp.square(g, dtype=xp.float64))))
    if norm > limit:
        g *= g.dtype.type(limit / norm)
    return norm
