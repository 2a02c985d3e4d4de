"""The optimisers: what each keeps of a parameter from step to step, and its lines. The formulas are those of the papers.

The lines are in the language, run in order, once for each parameter: `p` is the parameter, `g` its gradient, `rate` the rate of
the step and `t` its number, from 1. They stand here alone: every backend makes its update from them (`updates`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """An optimiser. What it is given by name, and in this order, are its rate and its constants; here are their defaults."""

    source: str
    rate: float
    constants: Mapping[str, float]
    slots: tuple[str, ...]  # what it keeps for each parameter from step to step; all begin at 0
    lines: tuple[str, ...]


_DECAY = "g = g + decay * p"  # that of decay/2 * |p|^2 is added
_ADAM = (
    "mean = beta1 * mean + (1 - beta1) * g",
    "squares = beta2 * squares + (1 - beta2) * g * g",
    "spread = sqrt(squares / (1 - beta2^t)) + eps",
    "p = p - rate / (1 - beta1^t) * mean / spread",
)

RULES: dict[str, Rule] = {
    "sgd": Rule(
        "Gradient descent, with momentum (Polyak 1964) or its Nesterov form (Sutskever et al. 2013)",
        0.01, {"momentum": 0, "nesterov": 0, "decay": 0}, ("velocity",),
        (
            _DECAY,
            "velocity = momentum * velocity + g",
            "p = p - rate * (g + momentum * velocity if nesterov else velocity)",
        ),
    ),
    "adagrad": Rule(
        "Duchi, Hazan, Singer 2011",
        0.01, {"eps": 1e-10, "decay": 0}, ("total",),
        (
            _DECAY,
            "total = total + g * g",
            "p = p - rate * g / (sqrt(total) + eps)",
        ),
    ),
    "rmsprop": Rule(
        "Tieleman and Hinton 2012, lecture 6.5; momentum after Graves 2013",
        1e-3, {"rho": 0.99, "eps": 1e-8, "momentum": 0, "decay": 0}, ("mean", "velocity"),
        (
            _DECAY,
            "mean = rho * mean + (1 - rho) * g * g",
            "velocity = momentum * velocity + g / (sqrt(mean) + eps)",
            "p = p - rate * velocity",
        ),
    ),
    "adadelta": Rule(
        "Zeiler 2012",
        1.0, {"rho": 0.9, "eps": 1e-6, "decay": 0}, ("squares", "moves"),
        (
            _DECAY,
            "squares = rho * squares + (1 - rho) * g * g",
            "move = sqrt(moves + eps) / sqrt(squares + eps) * g",
            "moves = rho * moves + (1 - rho) * move * move",
            "p = p - rate * move",
        ),
    ),
    "adam": Rule(
        "Kingma and Ba 2015, algorithm 1",
        1e-3, {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "decay": 0}, ("mean", "squares"),
        (_DECAY, *_ADAM),
    ),
    "adamw": Rule(
        "Loshchilov and Hutter 2019, algorithm 2: decay apart from the gradient",
        1e-3, {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "decay": 0.01}, ("mean", "squares"),
        ("p = (1 - rate * decay) * p", *_ADAM),
    ),
}  # fmt: skip
