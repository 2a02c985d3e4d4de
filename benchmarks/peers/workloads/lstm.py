"""An LSTM language model (specs/text/lstm_lm.net): T 50, batch 32, 256 hidden, 84 symbols; Adam, gradients clipped by norm."""

from __future__ import annotations

from typing import Any

from benchmarks.peers.workload import Arrays, Jax, Optimiser, Torch, Workload, next_symbols, stacked, time_first
from benchmarks.peers.workloads.recurrent import Cell, Functions, State, jax_loss, torch_loss


def turn(f: Functions, p: Any, at: Any, state: State) -> State:
    """Four gates in one product."""
    h, c = state
    i, forget, g, o = f.parts(f.plus_product(at[0], h, p["U"]), 4)
    c = f.sigmoid(forget) * c + f.sigmoid(i) * f.tanh(g)
    return f.sigmoid(o) * f.tanh(c), c


CELL = Cell(lambda f, p, e: (e @ p["W"] + p["bias"],), turn, 2)


def arrange(p: Arrays) -> Arrays:
    return {
        "E": p["E"], "W": stacked(p, "Wi", "Wf", "Wg", "Wo"), "U": stacked(p, "Ui", "Uf", "Ug", "Uo"), "bias": stacked(p, "bi", "bf", "bg", "bo"),
        "V": stacked(p, "V'"), "b": p["b"],
    }  # fmt: skip


def nn_lstm(p: Arrays) -> Any:
    """torch.nn.LSTM."""
    import torch
    import torch.nn.functional as F

    class Model(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            symbols, width = p["E"].shape
            self.table, self.rnn = torch.nn.Embedding(symbols, width), torch.nn.LSTM(width, width)
            self.out = torch.nn.Linear(width, symbols)
            self.rnn.bias_hh_l0.requires_grad = False  # one bias, as in the net
            given = ((self.table.weight, p["E"]), (self.rnn.weight_ih_l0, p["W"].T), (self.rnn.weight_hh_l0, p["U"].T),
                     (self.rnn.bias_ih_l0, p["bias"]), (self.rnn.bias_hh_l0, 0 * p["bias"]), (self.out.weight, p["V"].T),
                     (self.out.bias, p["b"]))  # fmt: skip
            with torch.no_grad():
                for target, values in given:
                    target.copy_(torch.from_numpy(values.copy()))

        def forward(self, x: Any, y: Any) -> Any:
            return F.cross_entropy(self.out(self.rnn(self.table(x))[0]).flatten(0, 1), y.flatten())

    return Model()


WORKLOADS = (
    Workload(
        "lstm", "LSTM, T 50, batch 32, 256 hidden", "specs/text/lstm_lm.net", 32, 1600, next_symbols(50), time_first("x", "y"), arrange,
        Optimiser("adam", 1e-3, clip_norm=5.0),
        {
            "torch loop": Torch(torch_loss(CELL)), "torch nn.LSTM": Torch(module=nn_lstm),
            "torch compile": Torch(torch_loss(CELL), compile=True), "jax scan": Jax(jax_loss(CELL)),
        },
        1.9,
    ),
)  # fmt: skip
