"""The step that `netc train` takes, on the native backend: data by batches, gradients, clipping, optimiser, bookkeeping."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import netc
import numpy as np
from netc.runtime.train.progress import Silent

from benchmarks.peers.workload import ROOT, Workload

SEED = 1


class Told(Silent):
    """The progress of a training, step by step: gives each step's own loss, taken back out of the epoch's mean."""

    def __init__(self, stepped: Callable[[float], None]) -> None:
        self.stepped, self.total = stepped, 0.0

    def step(self, epoch: int, epochs: int, done: int, of: int, loss: float, rate: float, samples: int) -> None:
        """The mean of `done` batches, all of one size, becomes the loss of the last."""
        before = self.total if done > 1 else 0.0
        self.total = loss * done
        self.stepped(self.total - before)


def built(workload: Workload, backend: str) -> netc.Net:
    """The net as every version begins with it."""
    spec = netc.load(ROOT / workload.spec, workload.define)
    spec = spec[workload.net] if workload.net else spec
    return spec.build(backend, seed=SEED)


def save_start(workload: Workload, path: Path) -> None:
    """The parameters that all versions begin with, as the peers like them."""
    net = built(workload, "numpy")
    np.savez(path, **workload.arrange({name: np.array(net.params[name]) for name in net.params}))


def run(workload: Workload, ready: Callable[[], None], stepped: Callable[[float], None]) -> None:
    """Train for ever: whoever is told of the steps ends it."""
    data = workload.all_data()
    net = built(workload, "native")
    ready()
    netc.train(
        net=net, data=data, shuffle=False, batch=workload.batch_size, epochs=10**6, progress=Told(stepped), **workload.optimiser.settings()
    )
