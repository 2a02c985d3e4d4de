"""Sequence to sequence with additive attention (benchmarks/specs/seq2seq_attention.net): 20 to 20 symbols, batch 32, 128 hidden."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.peers.workload import Arrays, Jax, Optimiser, Torch, Workload, stacked, time_first
from benchmarks.peers.workloads.recurrent import jax_cross_entropy

LENGTH = 20


def arrange(p: Arrays) -> Arrays:
    """The gates of a GRU side by side (r, z, n); the decoder's input matrix in two: for the symbol, for the context."""
    found = {"Ex": p["Ex"], "Ey": p["Ey"], "Wa": stacked(p, "Wa"), "Ua": stacked(p, "Ua"), "va": p["va"]}
    found |= {"Wo": stacked(p, "Wo"), "Wc": stacked(p, "Wc"), "bo": p["bo"]}
    width = p["Wa"].shape[0]
    for side in ("encoder", "decoder"):
        cell = {n.rpartition(".")[2]: a for n, a in p.items() if n.startswith(f"{side}.")}
        inputs = stacked(cell, "Wr", "Wz", "Wn")
        found |= {f"{side}.W": inputs[:width].copy(), f"{side}.U": stacked(cell, "Ur", "Uz", "Un"), f"{side}.b": stacked(cell, "br", "bz", "bn")}
        found[f"{side}.c"] = cell["cn"]
        if side == "decoder":
            found["decoder.C"] = inputs[width:].copy()
    return found


def data(count: int) -> Arrays:
    """The answer is the question backwards."""
    x = np.random.default_rng(2).integers(1, 84, (count, LENGTH)).astype(np.int32)
    y = x[:, ::-1].copy()
    return {"x": x, "w": np.concatenate([0 * y[:, :1], y[:, :-1]], 1), "y": y}


def torch_loss(p: Any, batch: Any) -> Any:
    import torch
    import torch.nn.functional as F

    x, w, y = batch
    width = p["va"].shape[0]

    def gru(side: str, given: Any, h: Any) -> Any:
        r, z, n = given.chunk(3, 1)
        hr, hz, hn = (h @ p[f"{side}.U"]).chunk(3, 1)
        n = torch.tanh(n + torch.sigmoid(r + hr) * (hn + p[f"{side}.c"]))
        return h + torch.sigmoid(z + hz) * (n - h)

    given = F.embedding(x, p["Ex"]) @ p["encoder.W"] + p["encoder.b"]
    h = torch.zeros(x.shape[1], width)
    notes = []
    for s in range(x.shape[0]):
        h = gru("encoder", given[s], h)
        notes.append(h)
    notes = torch.stack(notes, 1)
    seen = notes @ p["Ua"]
    given = F.embedding(w, p["Ey"]) @ p["decoder.W"] + p["decoder.b"]
    states, contexts = [], []
    for t in range(w.shape[0]):
        a = torch.softmax(torch.tanh(seen + (h @ p["Wa"])[:, None]) @ p["va"], 1)
        context = torch.bmm(a[:, None], notes)[:, 0]
        h = gru("decoder", torch.addmm(given[t], context, p["decoder.C"]), h)
        states.append(h)
        contexts.append(context)
    z = torch.stack(states) @ p["Wo"] + torch.stack(contexts) @ p["Wc"] + p["bo"]
    return F.cross_entropy(z.flatten(0, 1), y.flatten())


def jax_loss(p: Any, batch: Any) -> Any:
    import jax
    import jax.numpy as jnp

    x, w, y = batch

    def gru(side: str, given: Any, h: Any) -> Any:
        r, z, n = jnp.split(given, 3, 1)
        hr, hz, hn = jnp.split(h @ p[f"{side}.U"], 3, 1)
        n = jnp.tanh(n + jax.nn.sigmoid(r + hr) * (hn + p[f"{side}.c"]))
        return h + jax.nn.sigmoid(z + hz) * (n - h)

    def encode(h: Any, given: Any) -> Any:
        h = gru("encoder", given, h)
        return h, h

    h, notes = jax.lax.scan(encode, jnp.zeros((x.shape[1], p["va"].shape[0])), p["Ex"][x] @ p["encoder.W"] + p["encoder.b"])
    notes = notes.transpose(1, 0, 2)
    seen = notes @ p["Ua"]

    def decode(h: Any, given: Any) -> Any:
        a = jax.nn.softmax(jnp.tanh(seen + (h @ p["Wa"])[:, None]) @ p["va"], 1)
        context = jnp.einsum("bs,bsh->bh", a, notes)
        h = gru("decoder", given + context @ p["decoder.C"], h)
        return h, (h, context)

    _, (states, contexts) = jax.lax.scan(decode, h, p["Ey"][w] @ p["decoder.W"] + p["decoder.b"])
    return jax_cross_entropy(states @ p["Wo"] + contexts @ p["Wc"] + p["bo"], y)


WORKLOADS = (
    Workload(
        "seq2seq", "seq2seq with attention, 20 to 20, batch 32, 128 hidden", "benchmarks/specs/seq2seq_attention.net", 32, 32 * LENGTH, data,
        time_first("x", "w", "y"), arrange, Optimiser("adam", 1e-3, clip_norm=5.0),
        {"torch loop": Torch(torch_loss), "torch compile": Torch(torch_loss, compile=True), "jax scan": Jax(jax_loss)},
        3.0,
    ),
)  # fmt: skip
