"""A transformer language model (benchmarks/specs/transformer_lm.net): 4 layers of 128, 4 heads, T 128, batch 16; Adam."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from benchmarks.peers.workload import Array, Arrays, Jax, Optimiser, Torch, Workload, next_symbols, sample_first
from benchmarks.peers.workloads.recurrent import jax_cross_entropy

LAYERS, HEADS = 4, 4


def arrange(p: Arrays) -> Arrays:
    """Queries, keys and values as one matrix; all matrices as rows are multiplied by from the right."""
    found = {"E": p["E"], "P": p["P"], "U": p["U"].T.copy(), "g": p["n.LayerNorm.g"], "h": p["n.LayerNorm.b"]}
    for k in range(LAYERS):
        block = f"b.Block[{k}]"
        attention = f"{block}.m.CausalSelfAttention"
        found |= {f"{k}.{a}": p[f"{block}.{b}"] for a, b in (("g1", "u.LayerNorm.g"), ("h1", "u.LayerNorm.b"), ("g2", "n.LayerNorm.g"), ("h2", "n.LayerNorm.b"))}
        found[f"{k}.qkv"] = np.concatenate([_rows(p[f"{attention}.W{n}"]).T for n in "qkv"], 1)
        found[f"{k}.bqkv"] = np.concatenate([p[f"{attention}.b{n}"].reshape(-1) for n in "qkv"])
        found[f"{k}.o"] = np.ascontiguousarray(p[f"{attention}.Wo"].transpose(0, 2, 1).reshape(-1, p["E"].shape[1]))
        found[f"{k}.bo"] = p[f"{attention}.bo"]
        for n, dense in enumerate(("Dense", "Dense_2"), 1):
            found[f"{k}.m{n}"], found[f"{k}.b{n}"] = p[f"{block}.y.{dense}.W"].T.copy(), p[f"{block}.y.{dense}.b"]
    return found


def _rows(heads: Array) -> Array:
    """The matrices of all heads, one under the other."""
    return heads.reshape(-1, heads.shape[2])


def torch_loss(p: Any, batch: Any) -> Any:
    import torch
    import torch.nn.functional as F

    x, y = batch
    (b, t), d = x.shape, p["E"].shape[1]
    h = F.embedding(x, p["E"]) + p["P"]
    for k in range(LAYERS):
        g = partial(_weight, p, k)
        qkv = torch.addmm(g("bqkv"), F.layer_norm(h, (d,), g("g1"), g("h1")).view(b * t, d), g("qkv"))
        q, keys, v = qkv.view(b, t, 3, HEADS, d // HEADS).permute(2, 0, 3, 1, 4)
        a = F.scaled_dot_product_attention(q, keys, v, is_causal=True).transpose(1, 2).reshape(b * t, d)
        h = h + torch.addmm(g("bo"), a, g("o")).view(b, t, d)
        m = F.gelu(torch.addmm(g("b1"), F.layer_norm(h, (d,), g("g2"), g("h2")).view(b * t, d), g("m1")), approximate="tanh")
        h = h + torch.addmm(g("b2"), m, g("m2")).view(b, t, d)
    z = F.layer_norm(h, (d,), p["g"], p["h"]) @ p["U"]
    return F.cross_entropy(z.flatten(0, 1), y.flatten())


def _weight(p: Any, layer: int, name: str) -> Any:
    return p[f"{layer}.{name}"]


def jax_loss(p: Any, batch: Any) -> Any:
    import jax
    import jax.numpy as jnp

    x, y = batch
    (b, t), d = x.shape, p["E"].shape[1]
    seen = jnp.tril(jnp.ones((t, t), bool))

    def norm(x: Any, g: Any, h: Any) -> Any:
        m = x.mean(-1, keepdims=True)
        return (x - m) * jax.lax.rsqrt(((x - m) ** 2).mean(-1, keepdims=True) + 1e-5) * g + h

    h = p["E"][x] + p["P"]
    for k in range(LAYERS):
        g = partial(_weight, p, k)
        q, keys, v = (norm(h, g("g1"), g("h1")) @ g("qkv") + g("bqkv")).reshape(b, t, 3, HEADS, d // HEADS).transpose(2, 0, 3, 1, 4)
        s = jnp.where(seen, jnp.einsum("bhtd,bhsd->bhts", q, keys) / (d // HEADS) ** 0.5, -1e30)
        a = jnp.einsum("bhts,bhsd->bthd", jax.nn.softmax(s), v).reshape(b, t, d)
        h = h + a @ g("o") + g("bo")
        h = h + jax.nn.gelu(norm(h, g("g2"), g("h2")) @ g("m1") + g("b1")) @ g("m2") + g("b2")
    return jax_cross_entropy(norm(h, p["g"], p["h"]) @ p["U"], y)


WORKLOADS = (
    Workload(
        "transformer", "transformer, 4 layers of 128, T 128, batch 16", "benchmarks/specs/transformer_lm.net", 16, 16 * 128, next_symbols(128),
        sample_first("x", "y"), arrange, Optimiser("adam", 1e-3),
        {"torch eager": Torch(torch_loss), "torch compile": Torch(torch_loss, compile=True), "jax jit": Jax(jax_loss)},
        1.5,
    ),
)  # fmt: skip
