"""Language models of cells that nobody tuned (benchmarks/specs/cells.net): the peers' loops are compiled, their products hoisted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.peers.workload import Arrays, Jax, Optimiser, Torch, Workload, next_symbols, stacked, time_first
from benchmarks.peers.workloads.recurrent import Cell, Functions, State, jax_loss, torch_loss


def hoisted(f: Functions, p: Any, e: Any) -> Any:
    """All products of the symbols as one."""
    return (e @ p["W"] + p["bias"],)


def peephole(f: Functions, p: Any, at: Any, state: State) -> State:
    h, c = state
    i, forget, g, o = f.parts(f.plus_product(at[0], h, p["U"]), 4)
    i, forget = f.sigmoid(i + p["pi"] * c), f.sigmoid(forget + p["pf"] * c)
    c = forget * c + i * f.tanh(g)
    return f.sigmoid(o + p["po"] * c) * f.tanh(c), c


def mgu(f: Functions, p: Any, at: Any, state: State) -> State:
    (h,), (xf, xh) = state, f.parts(at[0], 2)
    forget = f.sigmoid(f.plus_product(xf, h, p["Uf"]))
    return (h + forget * (f.tanh(f.plus_product(xh, forget * h, p["Uh"])) - h),)


def mut2_before(f: Functions, p: Any, e: Any) -> Any:
    """The reset gate sees the symbol's vector itself."""
    return e @ p["W"] + p["bias"], e + p["br"]


def mut2(f: Functions, p: Any, at: Any, state: State) -> State:
    (h,), (xz, xh) = state, f.parts(at[0], 2)
    z, r = f.sigmoid(f.plus_product(xz, h, p["Uz"])), f.sigmoid(f.plus_product(at[1], h, p["Ur"]))
    return (h + z * (f.tanh(f.plus_product(xh, r * h, p["Uh"])) - h),)


def mut3(f: Functions, p: Any, at: Any, state: State) -> State:
    (h,), (xz, xr, xh) = state, f.parts(at[0], 3)
    z, r = f.sigmoid(f.plus_product(xz, f.tanh(h), p["Uz"])), f.sigmoid(f.plus_product(xr, h, p["Ur"]))
    return (h + z * (f.tanh(f.plus_product(xh, r * h, p["Uh"])) - h),)


def tide(f: Functions, p: Any, at: Any, state: State) -> State:
    (h, s), (xa, xh) = state, f.parts(at[0], 2)
    s = s + f.sigmoid(f.plus_product(xa, h, p["Ua"])) * (h - s)
    return f.tanh(f.plus_product(f.plus_product(xh, h - s, p["Uh"]), s, p["Us"])), s


def _workload(net: str, cell: Cell, gates: str, side_by_side: Mapping[str, Sequence[str]], matrices: Sequence[str] = (), vectors: Sequence[str] = ()) -> Workload:
    """`gates` name the input matrices and biases; what stands side by side is one matrix of the peers."""

    def arrange(p: Arrays) -> Arrays:
        found = {"E": p["E"], "V": stacked(p, "V'"), "b": p["b"]}
        found |= {"W": stacked(p, *(f"W{g}" for g in gates)), "bias": stacked(p, *(f"b{g}" for g in gates))}
        found |= {name: stacked(p, *parts) for name, parts in side_by_side.items()}
        return found | {n: stacked(p, n) for n in matrices} | {n: p[n] for n in vectors}

    return Workload(
        net.lower(), f"{net}, T 50, batch 32, 256 hidden", "benchmarks/specs/cells.net", 32, 1600, next_symbols(50), time_first("x", "y"),
        arrange, Optimiser("adam", 1e-3, clip_norm=5.0),
        {"torch loop": Torch(torch_loss(cell)), "torch compile": Torch(torch_loss(cell), compile=True), "jax scan": Jax(jax_loss(cell))},
        3.0, net=net,
    )  # fmt: skip


WORKLOADS = (
    _workload("Peephole", Cell(hoisted, peephole, 2), "ifgo", {"U": ("Ui", "Uf", "Ug", "Uo")}, vectors=("pi", "pf", "po")),
    _workload("MGU", Cell(hoisted, mgu), "fh", {}, ("Uf", "Uh")),
    _workload("MUT2", Cell(mut2_before, mut2), "zh", {}, ("Uz", "Ur", "Uh"), ("br",)),
    _workload("MUT3", Cell(hoisted, mut3), "zrh", {}, ("Uz", "Ur", "Uh")),
    _workload("Tide", Cell(hoisted, tide, 2), "ah", {}, ("Ua", "Uh", "Us")),
)
