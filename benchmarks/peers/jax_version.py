"""A training step in JAX: loss, gradient and optimiser jitted as one function, its arguments donated."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.peers.workload import Jax, Optimiser, Workload


def stepper(workload: Workload, version: Jax, start: Path) -> Callable[[], Callable[[], float]]:
    """Makes the step, which is called again and again and gives the loss."""

    def make() -> Callable[[], float]:
        p = {k: jnp.asarray(v) for k, v in np.load(start).items()}
        slots = _slots(workload.optimiser, p)
        batches = [tuple(jnp.asarray(a) for a in b) for b in workload.batches()]
        update = jax.jit(_updated(version, workload.optimiser), donate_argnums=(0, 1))
        count = 0

        def step() -> float:
            nonlocal p, slots, count
            p, slots, loss = update(p, slots, batches[count % len(batches)])
            count += 1
            jax.block_until_ready(p)
            return float(loss)

        return step

    return make


def _slots(o: Optimiser, p: Any) -> Any:
    zeros = [jax.tree_util.tree_map(jnp.zeros_like, p) for _ in range(2 if o.rule == "adam" else 1)]
    return (*zeros, jnp.zeros(()))


def _updated(version: Jax, o: Optimiser) -> Callable[[Any, Any, Any], Any]:
    each = jax.tree_util.tree_map

    def clipped(g: Any) -> Any:
        if o.clip_value is not None:
            g = each(lambda x: jnp.clip(x, -o.clip_value, o.clip_value), g)
        if o.clip_norm is not None:
            norm = jnp.sqrt(sum(jnp.sum(x * x) for x in g.values()))
            scale = jnp.minimum(1.0, o.clip_norm / (norm + 1e-6))
            g = each(lambda x: x * scale, g)
        return g

    def update(p: Any, slots: Any, batch: Any) -> Any:
        loss, g = jax.value_and_grad(version.loss)(p, batch)
        g, t = clipped(g), slots[-1] + 1
        match o.rule:
            case "sgd":
                m = each(lambda m, g: 0.9 * m + g, slots[0], g)
                return each(lambda p, m: p - o.rate * m, p, m), (m, t), loss
            case "adagrad":
                s = each(lambda s, g: s + g * g, slots[0], g)
                return each(lambda p, g, s: p - o.rate * g / (jnp.sqrt(s) + 1e-8), p, g, s), (s, t), loss
            case _:
                m = each(lambda m, g: 0.9 * m + 0.1 * g, slots[0], g)
                s = each(lambda s, g: 0.999 * s + 0.001 * g * g, slots[1], g)
                a, b = 1 - 0.9**t, 1 - 0.999**t
                return each(lambda p, m, s: p - o.rate * (m / a) / (jnp.sqrt(s / b) + 1e-8), p, m, s), (m, s, t), loss

    return update
