"""What the language models with a recurrent cell share in PyTorch and JAX: input products before the loop, outputs after it.

A cell is written once, over the functions of the system that runs it: `cell(f, p, before, t, state) -> state`, where `before` are
the products of all symbols and `state[0]` is what the output reads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

State = tuple[Any, ...]


@dataclass(frozen=True)
class Functions:
    """A system's names for what cells use."""

    sigmoid: Callable[[Any], Any]
    tanh: Callable[[Any], Any]
    plus_product: Callable[[Any, Any, Any], Any]  # a + x @ w
    parts: Callable[[Any, int], Any]  # side by side


@dataclass(frozen=True)
class Cell:
    """`before` gives what depends on the vectors of the symbols alone, `turn` a new state."""

    before: Callable[[Functions, Any, Any], Any]
    turn: Callable[[Functions, Any, Any, State], State]
    states: int = 1


def torch_loss(cell: Cell) -> Callable[[Any, Any], Any]:
    """Symbols [T, B] and the next ones to the mean loss, the loop in Python."""

    def loss(p: Any, batch: Any) -> Any:
        import torch
        import torch.nn.functional as F

        f = Functions(torch.sigmoid, torch.tanh, torch.addmm, lambda a, n: a.chunk(n, -1))
        x, y = batch
        before = cell.before(f, p, F.embedding(x, p["E"]))
        state = (torch.zeros(x.shape[1], p["V"].shape[0]),) * cell.states
        seen = []
        for t in range(x.shape[0]):
            state = cell.turn(f, p, tuple(b[t] for b in before), state)
            seen.append(state[0])
        z = torch.stack(seen) @ p["V"] + p["b"]
        return F.cross_entropy(z.flatten(0, 1), y.flatten())

    return loss


def jax_loss(cell: Cell) -> Callable[[Any, Any], Any]:
    """The same with a scan."""

    def loss(p: Any, batch: Any) -> Any:
        import jax
        import jax.numpy as jnp

        f = Functions(jax.nn.sigmoid, jnp.tanh, lambda a, x, w: a + x @ w, lambda a, n: jnp.split(a, n, -1))
        x, y = batch
        before = cell.before(f, p, p["E"][x])
        state = (jnp.zeros((x.shape[1], p["V"].shape[0])),) * cell.states

        def turn(state: State, at: Any) -> tuple[State, Any]:
            state = cell.turn(f, p, at, state)
            return state, state[0]

        _, seen = jax.lax.scan(turn, state, before)
        return jax_cross_entropy(seen @ p["V"] + p["b"], y)

    return loss


def jax_cross_entropy(z: Any, y: Any) -> Any:
    """The mean over all symbols."""
    import jax
    import jax.numpy as jnp

    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(z), y[..., None], -1))
