"""Loss, metrics and confusions over a whole part of the data."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from netc.runtime.data.feeding.batches import sorted_batches
from netc.runtime.data.fields.model import Dataset
from netc.runtime.data.fields.ragged import Ragged
from netc.runtime.data.fields.vocabulary import Vocabulary
from netc.runtime.model.initialise import Array
from netc.runtime.model.net import Net
from netc.runtime.model.results import StepResult
from netc.runtime.train.answers import asked
from netc.runtime.train.confusions import Confusions, most_confused
from netc.runtime.train.feed import streamed

_BATCH = 256


@dataclass(frozen=True)
class Evaluation:
    """Means over what is observed; for each observed class input the counts [observed, predicted]."""

    size: int
    loss: float
    metrics: dict[str, float]
    confusions: dict[str, Array] = field(default_factory=dict)
    count: float = 0.0  # observed elements: samples, or symbols of sequences
    counts: dict[str, float] = field(default_factory=dict)  # of how many elements each metric is a mean
    text: str | None = None  # the input that the net both reads and predicts, where the loss is its likelihood alone

    def error(self) -> tuple[str, float] | None:
        """The first error rate, if any."""
        return next(((n, v) for n, v in self.metrics.items() if n.startswith("error")), None)

    @property
    def perplexity(self) -> float:
        """Among how many equally likely symbols the net would be as unsure."""
        return math.exp(min(self.loss, 700.0))

    @property
    def bits(self) -> float:
        """Bits that a symbol costs."""
        return self.loss / math.log(2)


@dataclass
class _Mean:
    """Means of several batches, each by its own count."""

    total: dict[str, float] = field(default_factory=dict)
    count: dict[str, float] = field(default_factory=dict)

    def add(self, values: Mapping[str, float], counts: Mapping[str, float], otherwise: float) -> None:
        for name, value in values.items():
            n = counts.get(name, otherwise)
            self.count[name] = self.count.get(name, 0.0) + n
            if n:
                self.total[name] = self.total.get(name, 0.0) + value * n

    def means(self) -> dict[str, float]:
        return {n: self.total.get(n, 0.0) / (c or 1.0) for n, c in self.count.items()}


def evaluate(net: Net, data: Dataset | Sequence[Dataset], batch: int = _BATCH, streams: int | None = None) -> Evaluation:
    """Run the net over a part, or over several, as at test time. The means are exact: each counts every element that it observes once.

    With `streams`, windows of one text are put together again and run as so many streams (fewer where the text is short),
    each from its beginning to its end with the state going on.
    """
    losses, metrics = _Mean(), _Mean()
    confusions = Confusions(net)
    parts = [data] if isinstance(data, Dataset) else data
    for part, result in chain.from_iterable(_results(net, one, batch, streams) for one in parts):
        losses.add(result.losses, result.terms, result.count)
        metrics.add(result.metrics, result.counts, result.count)
        confusions.add(part, result.outputs)
    count = max(losses.count.values(), default=0.0)
    size = sum(one.size for one in parts)
    return Evaluation(size, sum(losses.means().values()), metrics.means(), confusions.tables, count, metrics.count, _text(net, set(losses.count)))


def _results(net: Net, data: Dataset, batch: int, count: int | None) -> Iterator[tuple[Mapping[str, Array | Ragged], StepResult]]:
    feed = streamed(net, data, count) if count is not None else None
    if feed is None:
        for places in sorted_batches(data, batch):
            arrays = data.arrays(places)
            yield arrays, net.steps.evaluate(arrays)
        return
    for k in range(feed.begin(0)):
        part = feed.part(k)
        result = net.steps.evaluate(part.arrays, part.carried)
        feed.keep(k, result)
        yield part.arrays, result


def _text(net: Net, losses: set[str]) -> str | None:
    """The class input over a length that the net predicts from itself, where nothing else is in the loss."""
    found = {v.name for v in net.inputs if v.name in net.observed and v.classes is not None and any(not a.known for a in v.axes)}
    read = {v.name for v in asked(net)} if found else set()
    return next(iter(losses)) if len(losses) == 1 and losses <= found & read else None


def summary(e: Evaluation, labels: Mapping[str, tuple[str, ...] | None]) -> str:
    """One line: the error rate with its count, and what is confused most; the loss where there is no error rate.

    Of a text it begins with the loss in nats, the perplexity, and of characters the bits.
    """
    error = e.error()
    if error is None:
        rest = " · ".join(f"{n} {v:.4g}" for n, v in e.metrics.items())
        return f"loss {e.loss:.4g}" + (f" · {rest}" if rest else "")
    name, value = error
    count = e.counts.get(name, e.count)
    text = f"{name} {100 * value:.2f}% ({round(value * count):,} of {round(count):,})"
    for target, table in e.confusions.items():
        confused = most_confused(table, labels.get(target))
        if confused:
            text += f" · most often {confused}"
    symbols = labels.get(e.text) if e.text is not None else None
    if symbols:
        bits = f" · {e.bits:.4g} bits per character" if Vocabulary(tuple(symbols)).characters else ""
        return f"loss {e.loss:.4g} nats · perplexity {e.perplexity:.4g}{bits} · token {text}"
    return text
