"""What training takes step by step: whole samples in batches, or chunks of sequences whose state goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from netc.compiler.settings import TrainSettings
from netc.compiler.variants.carry_state import FRESH
from netc.runtime.data.feeding.batches import batches
from netc.runtime.data.feeding.streams import Chunk, chunks, lengths_of, one_text, streams
from netc.runtime.data.fields.model import Dataset
from netc.runtime.data.fields.ragged import Ragged
from netc.runtime.model.initialise import Array
from netc.runtime.model.inputs import Measure, Samples, check
from netc.runtime.model.net import Net
from netc.runtime.model.results import StepResult


@dataclass(frozen=True)
class Part:
    """One step's samples, and what they start from where they are chunks."""

    samples: Samples
    carried: dict[str, Array] | None = None

    @property
    def arrays(self) -> Mapping[str, Array | Ragged]:
        """By the names of the inputs."""
        return self.samples.arrays

    @property
    def size(self) -> int:
        return self.samples.batch


class Feed(Protocol):
    """The parts of an epoch, in order: a function of the data, the settings and the epoch alone."""

    def begin(self, epoch: int) -> int:
        """Put an epoch's parts in order; how many there are."""
        ...

    def part(self, k: int) -> Part: ...

    def keep(self, k: int, result: StepResult) -> None:
        """Take up what the part came to."""
        ...

    def tensors(self) -> dict[str, Array]:
        """What going on after an interruption needs."""
        ...

    def restore(self, tensors: Mapping[str, Array]) -> None: ...


class Batches:
    """Whole samples, shuffled anew in each epoch."""

    def __init__(self, net: Net, data: Dataset, settings: TrainSettings, shuffle: bool) -> None:
        self.data, self.settings, self.shuffle, self.measure = data, settings, shuffle, Measure(net.inputs)

    def begin(self, epoch: int) -> int:
        self.order = batches(self.data, self.settings.batch, self.settings.seed, epoch, self.shuffle)
        return len(self.order)

    def part(self, k: int) -> Part:
        return Part(self.measure(self.data.arrays(self.order[k]), len(self.order[k])))

    def keep(self, k: int, result: StepResult) -> None:
        """Nothing goes on from batch to batch."""

    def tensors(self) -> dict[str, Array]:
        return {}

    def restore(self, tensors: Mapping[str, Array]) -> None:
        """Nothing to restore."""


class Chunks:
    """Sequences side by side in chunks of k points (`bptt = k`): a text as parallel streams, or samples one after the other."""

    def __init__(self, net: Net, data: Dataset, k: int, places: int, settings: TrainSettings | None = None, shuffle: bool = False) -> None:
        self.settings, self.shuffle, self.k, self.places, self.overlap = settings, shuffle, k, places, net.steps.overlap
        self.text, self.measure = one_text(data), Measure(net.inputs)
        self.data = streams(data, places, self.overlap) if self.text else data
        self.state = net.steps.beginning(places)

    def begin(self, epoch: int) -> int:
        order: Array = np.arange(self.data.size)
        if self.settings is not None and not self.text:
            order = np.concatenate(batches(self.data, self.places, self.settings.seed, epoch, self.shuffle))
        self.order: list[Chunk] = chunks(lengths_of(self.data), order, self.places, self.k, self.overlap)
        return len(self.order)

    def part(self, k: int) -> Part:
        chunk = self.order[k]
        carried = {n: a[chunk.places] for n, a in self.state.items()}
        carried[FRESH] = chunk.fresh
        return Part(self.measure(chunk.arrays(self.data), len(chunk.places)), carried)

    def keep(self, k: int, result: StepResult) -> None:
        for name, values in result.carried.items():
            self.state[name][self.order[k].places] = values

    def tensors(self) -> dict[str, Array]:
        return {f"chunk/{n}": a.copy() for n, a in self.state.items() if n != FRESH}

    def restore(self, tensors: Mapping[str, Array]) -> None:
        for name, values in self.state.items():
            if name != FRESH:
                values[...] = tensors[f"chunk/{name}"]


def feed(net: Net, data: Dataset, settings: TrainSettings, shuffle: bool) -> Feed:
    """What the settings ask for. Raises NetcError where data do not fit the inputs; the parts are taken without another look."""
    check(data.arrays(), net.inputs)
    if settings.bptt is None:
        return Batches(net, data, settings, shuffle)
    return Chunks(net, data, settings.bptt, settings.batch, settings, shuffle)


def streamed(net: Net, data: Dataset, count: int) -> Chunks | None:
    """A text as at most `count` streams of at least a thousand points, to be evaluated with its state going on; else None."""
    if not one_text(data):
        return None
    points: Any = lengths_of(data).sum() - data.size
    return Chunks(net, data, 100, int(max(1, min(count, points // 1000))))
