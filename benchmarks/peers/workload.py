"""What a workload is: a net of a spec, its data and optimiser, and the same step written for other systems."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
Arrays = dict[str, Array]
Loss = Callable[[Any, Any], Any]  # parameters by name and the arrays of a batch to a scalar
ROOT = Path(__file__).parents[2]
BATCHES = 16  # they come round in this order


@dataclass(frozen=True)
class Optimiser:
    """`sgd` (momentum 0.9), `adagrad` or `adam`, and what is done to the gradient before."""

    rule: str
    rate: float
    clip_norm: float | None = None
    clip_value: float | None = None

    def settings(self) -> dict[str, Any]:
        """As netc's settings."""
        constants = {"sgd": "momentum=0.9", "adagrad": "eps=1e-8", "adam": "eps=1e-8"}[self.rule]
        found: dict[str, Any] = {"optimizer": f"{self.rule}({self.rate!r}, {constants})"}
        if self.clip_norm is not None:
            found["clip"] = self.clip_norm
        if self.clip_value is not None:
            found["clip_value"] = self.clip_value
        return found


@dataclass(frozen=True)
class Torch:
    """A version in PyTorch: a loss over parameters by name, or what makes a module whose call gives the loss."""

    loss: Loss | None = None
    module: Callable[[Arrays], Any] | None = None
    compile: bool = False
    channels_last: bool = False
    threads: int | None = None


@dataclass(frozen=True)
class Jax:
    """A version in JAX: a loss, jitted with its gradient and the optimiser."""

    loss: Loss


@dataclass(frozen=True)
class Workload:
    """`arrange` lays netc's parameters out as the peers like them best; `batch` does so with one batch of the data."""

    name: str
    title: str
    spec: str  # below the root of the repository
    batch_size: int
    samples: int  # what a step learns from: images, or symbols
    data: Callable[[int], Arrays]  # so many samples by netc's input names
    batch: Callable[[Arrays], tuple[Array, ...]]
    arrange: Callable[[Arrays], Arrays]
    optimiser: Optimiser
    versions: Mapping[str, Torch | Jax]
    target: float  # best peer's time to netc's
    net: str | None = None
    define: Mapping[str, int] = field(default_factory=dict)

    def all_data(self) -> Arrays:
        """All batches, end to end: equal at every call."""
        return self.data(BATCHES * self.batch_size)

    def batches(self) -> list[tuple[Array, ...]]:
        """The batches as the peers like them."""
        data, n = self.all_data(), self.batch_size
        return [self.batch({k: v[i * n : (i + 1) * n] for k, v in data.items()}) for i in range(BATCHES)]


FILES = ("lenet5", "elman", "lstm", "mut1", "transformer", "seq2seq", "resnet18", "cells")


def all_workloads() -> dict[str, Workload]:
    """Every workload by name, in the order of the table."""
    modules = [importlib.import_module(f"benchmarks.peers.workloads.{f}") for f in FILES]
    return {w.name: w for m in modules for w in m.WORKLOADS}


def symbols(count: int, length: int, classes: int = 84, seed: int = 2) -> Array:
    """[samples, points]: walks through the symbols by steps of 0 to 3, which a net can learn to foresee in part."""
    rng = np.random.default_rng(seed)
    return (np.cumsum(rng.integers(0, 4, (count, length)), 1) % classes).astype(np.int32)


def next_symbols(length: int) -> Callable[[int], Arrays]:
    """Data of language models with two inputs: `x`, and `y` one symbol later."""

    def data(count: int) -> Arrays:
        found = symbols(count, length + 1)
        return {"x": found[:, :-1].copy(), "y": found[:, 1:].copy()}

    return data


def time_first(*names: str) -> Callable[[Arrays], tuple[Array, ...]]:
    """A batch of sequences with time in front, where recurrent peers want it."""
    return lambda b: tuple(np.ascontiguousarray(b[n].T) for n in names)


def sample_first(*names: str) -> Callable[[Arrays], tuple[Array, ...]]:
    """A batch as it is."""
    return lambda b: tuple(b[n] for n in names)


def stacked(p: Arrays, *names: str) -> Array:
    """Matrices side by side, transposed: what rows of a batch are multiplied by from the right. Vectors end to end."""
    return np.ascontiguousarray(np.concatenate([p[n].T if p[n].ndim == 2 else p[n] for n in names], -1))
