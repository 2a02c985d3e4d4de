"""A training step in PyTorch: eager or compiled, with the fused optimiser."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.peers.workload import Array, Optimiser, Torch, Workload


def stepper(workload: Workload, version: Torch, start: Path) -> Callable[[], Callable[[], float]]:
    """Makes the step, which is called again and again and gives the loss."""

    def make() -> Callable[[], float]:
        torch.set_num_threads(version.threads or len(os.sched_getaffinity(0)))
        given = dict(np.load(start))
        if version.module is not None:
            module = version.module(given)
            parameters = list(module.parameters())
            loss: Callable[..., Any] = module
        else:
            named = {k: torch.nn.Parameter(torch.from_numpy(v)) for k, v in given.items()}
            if version.channels_last:
                for p in named.values():
                    if p.dim() == 4:
                        p.data = p.data.contiguous(memory_format=torch.channels_last)
            parameters = list(named.values())
            loss = _applied(version.loss, named)
        if version.compile:
            loss = torch.compile(loss)
        batches = [tuple(_tensor(a, version.channels_last) for a in b) for b in workload.batches()]
        return _step(loss, parameters, batches, workload.optimiser)

    return make


def _applied(loss: Callable[[Any, Any], Any], parameters: Any) -> Callable[..., Any]:
    """The loss as a function of the arrays of a batch."""
    return lambda *batch: loss(parameters, batch)


def _step(loss: Callable[..., Any], parameters: list[Any], batches: list[tuple[Any, ...]], o: Optimiser) -> Callable[[], float]:
    rule = _rule(parameters, o)
    count = 0

    def step() -> float:
        nonlocal count
        found = loss(*batches[count % len(batches)])
        count += 1
        rule.zero_grad(set_to_none=True)
        found.backward()
        if o.clip_value is not None:
            torch.nn.utils.clip_grad_value_(parameters, o.clip_value)
        if o.clip_norm is not None:
            torch.nn.utils.clip_grad_norm_(parameters, o.clip_norm)
        rule.step()
        return float(found.item())

    return step


def _rule(parameters: list[Any], o: Optimiser) -> Any:
    match o.rule:
        case "sgd":
            return torch.optim.SGD(parameters, lr=o.rate, momentum=0.9, fused=True)
        case "adagrad":
            return torch.optim.Adagrad(parameters, lr=o.rate, eps=1e-8, fused=True)
        case _:
            return torch.optim.Adam(parameters, lr=o.rate, eps=1e-8, fused=True)


def _tensor(array: Array, channels_last: bool) -> Any:
    t = torch.from_numpy(np.ascontiguousarray(array))
    t = t.long() if array.dtype.kind == "i" else t
    return t.contiguous(memory_format=torch.channels_last) if channels_last and t.dim() == 4 else t
