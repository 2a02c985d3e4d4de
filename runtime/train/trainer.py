"""The training loop: seeded epochs, updates, validation, checkpoints; it can stop anywhere and go on bit for bit."""

from __future__ import annotations

import math
import signal
import threading
import time
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import numpy as np
from netc.compiler.diagnostics.error import DivergedError, NetcError
from netc.compiler.diagnostics.problems.training import Diverged, TooFewSamples
from netc.compiler.settings import Schedule, TrainSettings
from netc.compiler.settings.patterns import matches, unmatched
from netc.compiler.source.text import typed
from netc.runtime.backends.update import Held
from netc.runtime.data.fields.model import Splits
from netc.runtime.model.checkpoints import Checkpoint
from netc.runtime.model.initialise import Array
from netc.runtime.model.lags import norms_by_lag
from netc.runtime.model.net import Net
from netc.runtime.train.evaluation import Evaluation, evaluate
from netc.runtime.train.feed import Part, feed
from netc.runtime.train.progress import Progress, Silent, Step
from netc.runtime.train.rates import rate_at

DEFAULT_EPOCHS = 10.0


@dataclass
class Position:
    """Where a training stands. `done` counts batches (or chunks) of the epoch."""

    step: int = 0
    epoch: int = 0
    done: int = 0
    best: float = math.inf
    best_epoch: int = 0
    waited: int = 0  # epochs since the best
    total: float = 0.0  # of the losses of this epoch, each by what it observed
    seen: float = 0  # observed elements of this epoch


@dataclass
class Outcome:
    """How a training ended: `finished`, `stopped early`, `time limit` or `interrupted`."""

    reason: str
    position: Position
    history: list[dict[str, Any]] = field(default_factory=list)
    test: Evaluation | None = None
    seconds: float = 0.0
    pace: float = 0.0  # seconds of a training step, the median without the first


class Trainer:
    """Trains one net on one set of data."""

    def __init__(
        self, net: Net, data: Splits, settings: TrainSettings, *, progress: Progress | None = None, shuffle: bool = True,
        save: Callable[[str, Checkpoint], None] | None = None, log: Callable[[dict[str, Any]], None] | None = None,
    ) -> None:  # fmt: skip
        self.net, self.data, self.settings, self.shuffle = net, data, settings, shuffle
        self.progress: Progress = progress or Silent()
        self.save, self.log = save, log
        self.position = Position()
        self.history: list[dict[str, Any]] = []
        lost = unmatched(settings, net.params.slices, net.state.slices)
        if lost:
            raise NetcError(*lost)
        self.frozen = [path for pattern in settings.freeze for path in self._matching(pattern)]
        self.trained = tuple(p for p in net.params.slices if p not in self.frozen)
        self.held = self._held()
        self.updater = net.backend.updater(net.engine.blocks, settings.optimizer, self._bounds())
        self.stop_asked = threading.Event()
        if data.train.size == 0:
            raise NetcError(TooFewSamples(typed("data", data.name)))
        self.feed = feed(net, data.train, settings, shuffle)
        self.batches = self.feed.begin(0)
        if self.batches == 0:
            raise NetcError(TooFewSamples(typed("data", data.name)))
        self.epochs = settings.epochs or (settings.steps / self.batches if settings.steps else DEFAULT_EPOCHS)
        self.steps = settings.steps or math.ceil(self.epochs * self.batches)

    # ---- groups --------------------------------------------------------------------------------------------------

    def _matching(self, pattern: str) -> list[str]:
        return [p for p in self.net.params.slices if matches(p, pattern)]

    def _held(self) -> list[tuple[slice, Array]]:
        """States that stay: those of layers whose parameters are all frozen, such as a frozen BatchNorm's."""
        found = []
        for path, (where, _) in self.net.state.slices.items():
            layer = path.rpartition(".")[0]
            beside = [p for p in self.net.params.slices if p.rpartition(".")[0] == layer]
            if any(matches(path, p) for p in self.settings.freeze) or (beside and all(p in self.frozen for p in beside)):
                found.append((where, self.net.state_flat[where].copy()))
        return found

    def _bounds(self) -> Held:
        """What the update is held to."""
        settings, slices = self.settings, self.net.params.slices
        limited = [(slices[path], limit) for pattern, limit in settings.max_norm for path in self._matching(pattern)]
        return Held(
            settings.clip, settings.clip_value, tuple(slices[path][0] for path in self.frozen), self._scales(),
            tuple((where, shape[0] if shape else 1, limit) for (where, shape), limit in limited),
        )  # fmt: skip

    def _scales(self) -> Array | None:
        """A factor of the rate for each parameter: 0 where frozen; None where all are 1."""
        if not self.settings.freeze and not self.settings.rates:
            return None
        scale = np.ones(self.net.parameters_flat.shape, self.net.dtype)
        for pattern, factor in self.settings.rates:
            for path in self._matching(pattern):
                scale[self.net.params.slices[path][0]] = factor
        for path in self.frozen:
            scale[self.net.params.slices[path][0]] = 0
        moved: Array = self.net.backend.xp.asarray(scale)
        return moved

    # ---- running -------------------------------------------------------------------------------------------------

    def run(self) -> Outcome:
        """Train from the present position to the end, or until it is stopped."""
        begun, taken = time.monotonic(), array("d")
        reason = "finished"
        while not self._finished():
            if self.stop_asked.is_set():
                reason = "interrupted"
                break
            if self.settings.time_limit and time.monotonic() - begun > self.settings.time_limit:
                reason = "time limit"
                break
            if self.settings.patience and self.position.done == 0 and self.position.waited >= self.settings.patience:
                reason = "stopped early"
                break
            before = time.monotonic()
            self._one_step()
            taken.append(time.monotonic() - before)
            if self.position.done == self.batches or self._finished():
                self._end_of_epoch()
        if self.data.validation is None and reason != "interrupted":
            self._take_the_last()
        self._checkpoint("last")
        self.progress.close()
        pace = median(taken[1:]) if len(taken) > 1 else 0.0  # in the first step something is planned or compiled, and in few others
        return Outcome(reason, self.position, self.history, None, time.monotonic() - begun, pace)

    def _finished(self) -> bool:
        """Whether all steps are done. An epoch in chunks may have more or fewer than the one before."""
        p = self.position
        if self.settings.steps:
            return p.step >= self.steps
        return p.epoch >= self.epochs if p.done == 0 else p.epoch * self.batches + p.done >= math.ceil(self.epochs * self.batches)

    def _one_step(self) -> None:
        p = self.position
        if p.done == 0:
            self.batches = self.feed.begin(p.epoch)
            p.total, p.seen = 0.0, 0
        part = self.feed.part(p.done)
        rate, share = self._scheduled(self.settings.optimizer.rate), self._share()
        self.updater.begin(rate, p.step + 1)
        result = self.net.steps.train(
            part.samples, seed=self.settings.seed, step=p.step, paths=self.trained, carried=part.carried, share=share, updater=self.updater
        )
        for where, values in self.held:
            self.net.state_flat[where] = values
        if not math.isfinite(result.loss):
            self._diverged(part, rate, share)
        self.feed.keep(p.done, result)
        p.step += 1
        p.done += 1
        p.total += result.loss * result.count
        p.seen += result.count
        mean = p.total / max(p.seen, 1)
        self.progress.step(Step(p.epoch + 1, math.ceil(self.epochs), p.done, self.batches, result.loss, mean, rate, part.size))

    def _scheduled(self, schedule: Schedule) -> float:
        """What a schedule says at the present step."""
        p = self.position
        return rate_at(schedule, p.step, p.epoch + p.done / self.batches, p.step / max(self.steps - 1, 1))

    def _share(self) -> float:
        """At which share of its points the net reads its own draws."""
        schedule = self.settings.scheduled_sampling
        return 0.0 if schedule is None else self._scheduled(schedule)

    def _diverged(self, part: Part, rate: float, share: float) -> None:
        p = self.position
        bad = self.net.steps.first_bad(part.arrays, self.settings.seed, p.step, part.carried, share)
        span = bad.span if bad and bad.span else typed("training", "loss")
        self.progress.close()
        raise DivergedError(Diverged(span, bad.name if bad else "loss", p.step, bad.where() if bad else "", rate))

    # ---- epochs --------------------------------------------------------------------------------------------------

    def _end_of_epoch(self) -> None:
        p = self.position
        share = self._share()
        p.epoch += 1
        p.done = 0
        entry: dict[str, Any] = {"epoch": p.epoch, "step": p.step, "loss": p.total / max(p.seen, 1)}
        if self.settings.scheduled_sampling is not None:
            entry["share_of_draws"] = share
        if self.settings.lags is not None:
            entry["gradient_by_lag"] = norms_by_lag(self.net, self.feed.part(self.batches - 1).arrays, self.settings.lags)
        watched, unit = entry["loss"], ""
        if self.data.validation is not None:
            checked = evaluate(self.net, self.data.validation, streams=self.settings.batch if self.settings.bptt else None)
            entry |= {"validation_loss": checked.loss, **{f"validation_{k}": v for k, v in checked.metrics.items()}}
            error, unit = checked.error(), " nats" if checked.text is not None else ""
            # How often the likeliest symbol comes says little of a text, where many could come.
            watched = error[1] + 1e-9 * checked.loss if error and checked.text is None else checked.loss
        if watched < p.best:
            p.best, p.best_epoch, p.waited = watched, p.epoch, 0
            if self.data.validation is not None:
                self._checkpoint("best")
        else:
            p.waited += 1
        self.history.append(entry)
        if self.log is not None:
            self.log(entry)
        self._checkpoint("last")
        self.progress.epoch(self._line(entry, unit))

    def _take_the_last(self) -> None:
        """Without a validation part nothing tells which epoch was best: the last one counts."""
        p = self.position
        p.best, p.best_epoch = (self.history[-1]["loss"] if self.history else math.inf), p.epoch
        self._checkpoint("best")

    def _line(self, entry: dict[str, Any], unit: str) -> str:
        text = f"epoch {entry['epoch']}/{math.ceil(self.epochs)}  loss {entry['loss']:.4g}{unit}"
        if "validation_loss" in entry:
            text += f"  validation loss {entry['validation_loss']:.4g}{unit}"
        error = next((v for k, v in entry.items() if k.startswith("validation_error")), None)
        others = {k.removeprefix("validation_"): v for k, v in entry.items() if k.startswith("validation_") and k != "validation_loss"}
        text += f"  error {100 * error:.2f}%" if error is not None else ""
        return text + "".join(f"  {k} {v:.4g}" for k, v in others.items() if not k.startswith("error"))

    # ---- checkpoints ---------------------------------------------------------------------------------------------

    def _checkpoint(self, name: str) -> None:
        if self.save is not None:
            self.save(name, self.checkpoint())

    def checkpoint(self) -> Checkpoint:
        """Everything that going on needs."""
        host = self.net.backend.to_host
        tensors = self.net.tensors()
        tensors |= {f"slot/{k}": np.array(host(s)) for k, s in enumerate(self.updater.slots)} | self.feed.tensors()
        return Checkpoint(tensors, {"position": vars(self.position).copy(), "history": list(self.history), "seed": self.settings.seed})

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go on from a checkpoint of the same net and settings."""
        self.net.restore(checkpoint.tensors)
        for k, slot in enumerate(self.updater.slots):
            slot[...] = self.net.backend.xp.asarray(checkpoint.tensors[f"slot/{k}"])
        self.position = Position(**checkpoint.facts["position"])
        self.history = list(checkpoint.facts["history"])
        self.feed.restore(checkpoint.tensors)
        if self.position.done:
            self.batches = self.feed.begin(self.position.epoch)


@contextmanager
def interruptible(trainer: Trainer) -> Iterator[None]:
    """Ctrl-C and SIGTERM let the step end and the run be saved; a second Ctrl-C stops at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ask(number: int, frame: object) -> None:
        if trainer.stop_asked.is_set():
            raise KeyboardInterrupt
        trainer.stop_asked.set()

    before = {s: signal.signal(s, ask) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for s, handler in before.items():
            signal.signal(s, handler)


