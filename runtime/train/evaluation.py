"""Loss, metrics and confusions over a whole part of the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from netc.runtime.data.batches import sorted_batches
from netc.runtime.data.model import Dataset
from netc.runtime.data.ragged import Ragged
from netc.runtime.model.initialise import Array
from netc.runtime.model.net import Net
from netc.runtime.train.answers import judged

_BATCH = 256


@dataclass(frozen=True)
class Evaluation:
    """Means over what is observed; for each observed class input the counts [observed, predicted]."""

    size: int
    loss: float
    metrics: dict[str, float]
    confusions: dict[str, Array] = field(default_factory=dict)
    count: float = 0.0  # observed elements: samples, or symbols of sequences

    def error(self) -> tuple[str, float] | None:
        """The first error rate, if any."""
        return next(((n, v) for n, v in self.metrics.items() if n.startswith("error")), None)


def evaluate(net: Net, data: Dataset, batch: int = _BATCH) -> Evaluation:
    """Run the net over a part, as at test time. The means are exact: every batch counts by what it observes."""
    loss = observed = 0.0
    metrics: dict[str, float] = {}
    plain = {f.name for f in data.fields if not isinstance(f.values, Ragged) and f.values.ndim == 1}
    classes = {v.name: v.classes.points() for v in net.inputs if v.name in plain and v.classes is not None}
    guesses = judged(net) if classes else {}
    classes = {n: k for n, k in classes.items() if n in guesses}
    confusions = {n: np.zeros((k, k), np.int64) for n, k in classes.items()}
    for places in sorted_batches(data, batch):
        part = data.arrays(places)
        result = net.evaluate_step(part)
        observed += result.count
        loss += result.loss * result.count
        for name, value in result.metrics.items():
            metrics[name] = metrics.get(name, 0.0) + value * result.count
        for name, table in confusions.items():
            predicted = result.outputs.get(guesses[name])
            if predicted is not None:
                guessed = predicted.argmax(-1) if predicted.ndim > 1 else predicted.astype(int)
                np.add.at(table, (np.asarray(part[name]).astype(int), guessed), 1)
    n = observed or 1.0
    return Evaluation(data.size, loss / n, {k: v / n for k, v in metrics.items()}, confusions, observed)


def most_confused(table: Array, labels: tuple[str, ...] | None, count: int = 2) -> str:
    """`4→9 9 times, 7→2 8`."""
    wrong = table.copy()
    np.fill_diagonal(wrong, 0)
    places = np.dstack(np.unravel_index(np.argsort(-wrong, axis=None, kind="stable")[:count], wrong.shape))[0]
    named = labels or tuple(map(str, range(len(table))))
    found = [(named[a], named[b], int(wrong[a, b])) for a, b in places if wrong[a, b]]
    return ", ".join(f"{a}→{b} {n}" + (" times" if k == 0 else "") for k, (a, b, n) in enumerate(found))


def summary(e: Evaluation, labels: Mapping[str, tuple[str, ...] | None]) -> str:
    """One line: the error rate with its count, and what is confused most; the loss where there is no error rate."""
    error = e.error()
    if error is None:
        rest = " · ".join(f"{n} {v:.4g}" for n, v in e.metrics.items())
        return f"loss {e.loss:.4g}" + (f" · {rest}" if rest else "")
    name, value = error
    text = f"{name} {100 * value:.2f}% ({round(value * e.count):,} of {round(e.count):,})"
    for target, table in e.confusions.items():
        confused = most_confused(table, labels.get(target))
        if confused:
            text += f" · most confused {confused}"
    return text
