"""A MUT1 language model (specs/text/mut1_lm.net); sizes and optimiser of the LSTM."""

from __future__ import annotations

from typing import Any

from benchmarks.peers.workload import Arrays, Jax, Optimiser, Torch, Workload, next_symbols, stacked, time_first
from benchmarks.peers.workloads.recurrent import Cell, Functions, State, jax_loss, torch_loss


def before(f: Functions, p: Any, e: Any) -> Any:
    """A whole gate and two inputs depend on the symbol alone."""
    return f.sigmoid(e @ p["Wxz"] + p["bz"]), e @ p["Wxr"] + p["br"], f.tanh(e @ p["Wx"]) + p["bh"]


def turn(f: Functions, p: Any, at: Any, state: State) -> State:
    (h,), (z, xr, xh) = state, at
    r = f.sigmoid(f.plus_product(xr, h, p["Whr"]))
    return (f.tanh(f.plus_product(xh, r * h, p["Whh"])) * z + h * (1 - z),)


def as_printed(f: Functions, p: Any, e: Any) -> Any:
    """What a user writes first: nothing is taken out of the loop."""
    return (e,)


def turn_as_printed(f: Functions, p: Any, at: Any, state: State) -> State:
    return turn(f, p, before(f, p, at[0]), state)


CELL, PLAIN = Cell(before, turn), Cell(as_printed, turn_as_printed)


def arrange(p: Arrays) -> Arrays:
    matrices = {n: stacked(p, n) for n in ("Wxz", "Wxr", "Whr", "Wx", "Whh")}
    return {"E": p["E"], **matrices, **{n: p[n] for n in ("bz", "br", "bh")}, "V": stacked(p, "V'"), "b": p["b"]}


WORKLOADS = (
    Workload(
        "mut1", "MUT1, T 50, batch 32, 256 hidden", "specs/text/mut1_lm.net", 32, 1600, next_symbols(50), time_first("x", "y"), arrange,
        Optimiser("adam", 1e-3, clip_norm=5.0),
        {
            "torch loop, as printed": Torch(torch_loss(PLAIN)), "torch loop": Torch(torch_loss(CELL)),
            "torch compile": Torch(torch_loss(CELL), compile=True), "jax scan": Jax(jax_loss(CELL)),
        },
        4.0,
    ),
)  # fmt: skip
