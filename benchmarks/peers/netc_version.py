"""The step that `netc train` takes, on the native backend: data by batches, gradients, clipping, optimiser, bookkeeping."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import netc
import numpy as np
from netc.runtime.train.progress import Silent, Step
from netc.runtime.train.runs import train

from benchmarks.peers.workload import ROOT, Workload

SEED = 1


class Told(Silent):
    """Passes on the loss of every step."""

    def __init__(self, stepped: Callable[[float], None]) -> None:
        self.stepped = stepped

    def step(self, taken: Step) -> None:
        self.stepped(taken.loss)


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
    train(
        net=net, data=data, shuffle=False, batch=workload.batch_size, epochs=10**6, progress=Told(stepped), **workload.optimiser.settings()
    )
