"""Elman networks over symbols (benchmarks/specs/elman.net): one sequence of 25, and 50 of 50; adagrad, gradients clipped by value."""

from __future__ import annotations

from functools import partial
from typing import Any

from benchmarks.peers.workload import Array, Arrays, Jax, Optimiser, Torch, Workload, stacked, symbols
from benchmarks.peers.workloads.recurrent import Cell, jax_loss, torch_loss

CELL = Cell(lambda f, p, e: (e + p["bh"],), lambda f, p, at, s: (f.tanh(f.plus_product(at[0], s[0], p["Whh"])),))


def arrange(p: Arrays) -> Arrays:
    """The input matrix is a table of symbols."""
    return {"E": stacked(p, "Wxh"), "Whh": stacked(p, "Whh"), "bh": p["bh"], "V": stacked(p, "Why"), "b": p["by"]}


def batch(b: Arrays) -> tuple[Array, ...]:
    """The net tells each next symbol of one sequence."""
    x = b["x"].T
    return x[:-1].copy(), x[1:].copy()


def data(count: int, length: int) -> Arrays:
    return {"x": symbols(count, length + 1)}


def nn_rnn(p: Arrays) -> Any:
    """torch.nn.RNN over one-hot vectors."""
    import torch
    import torch.nn.functional as F

    class Model(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            symbols_, width = p["E"].shape
            self.rnn, self.out = torch.nn.RNN(symbols_, width), torch.nn.Linear(width, symbols_)
            self.rnn.bias_hh_l0.requires_grad = False  # one bias, as in the net
            given = ((self.rnn.weight_ih_l0, p["E"].T), (self.rnn.weight_hh_l0, p["Whh"].T), (self.rnn.bias_ih_l0, p["bh"]),
                     (self.rnn.bias_hh_l0, 0 * p["bh"]), (self.out.weight, p["V"].T), (self.out.bias, p["b"]))  # fmt: skip
            with torch.no_grad():
                for target, values in given:
                    target.copy_(torch.from_numpy(values.copy()))

        def forward(self, x: Any, y: Any) -> Any:
            h, _ = self.rnn(F.one_hot(x, self.out.out_features).float())
            return F.cross_entropy(self.out(h).flatten(0, 1), y.flatten())

    return Model()


def _workload(name: str, length: int, batch_size: int, width: int, target: float) -> Workload:
    return Workload(
        name, f"Elman, T {length}, batch {batch_size}, {width} hidden", "benchmarks/specs/elman.net", batch_size, length * batch_size,
        partial(data, length=length), batch, arrange, Optimiser("adagrad", 0.005, clip_value=5.0),
        {
            "torch loop": Torch(torch_loss(CELL)), "torch loop, one thread": Torch(torch_loss(CELL), threads=1),
            "torch nn.RNN": Torch(module=nn_rnn), "torch compile": Torch(torch_loss(CELL), compile=True), "jax scan": Jax(jax_loss(CELL)),
        },
        target, define={"H": width},
    )  # fmt: skip


WORKLOADS = (_workload("elman_b1", 25, 1, 100, 4.0), _workload("elman_b50", 50, 50, 128, 2.5))
