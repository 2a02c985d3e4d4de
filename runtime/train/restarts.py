"""Trainings of one net from several seeds: what each came to, and the best parameters of all.

The data is parted by the first seed alone, so that all are judged by the same samples and the test part stays unseen.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from netc.compiler.settings import TrainSettings
from netc.runtime.data.fields.model import Splits
from netc.runtime.model import checkpoints
from netc.runtime.model.checkpoints import Checkpoint
from netc.runtime.model.net import Net
from netc.runtime.model.spec import Spec
from netc.runtime.train.progress import Progress
from netc.runtime.train.trainer import Outcome, Position, Trainer, interruptible
from netc.runtime.train.weights import Loaded, begin_with


@dataclass(frozen=True)
class Attempt:
    """One training: its seed, and how it ended."""

    seed: int
    reason: str
    position: dict[str, Any]
    history: list[dict[str, Any]]

    @property
    def best(self) -> float:
        """The validation error (or loss) of its best epoch."""
        return float(self.position["best"])

    def outcome(self, seconds: float) -> Outcome:
        return Outcome(self.reason, Position(**self.position), self.history, None, seconds)


@dataclass
class Keeper:
    """Keeps the checkpoints of a run, on disk where it has a folder: `last` of the training that goes on, `best` of all."""

    folder: Path | None
    facts: dict[str, Any]  # what every checkpoint says besides where its training stands
    done: list[Attempt] = field(default_factory=list)
    best: Checkpoint | None = None

    def save(self, name: str, checkpoint: Checkpoint) -> None:
        """`best` is kept only where it is better than the best of the trainings before."""
        checkpoint.facts |= {**self.facts, "restarts": [asdict(a) for a in self.done]}
        if name == "best":
            if self.done and not checkpoint.facts["position"]["best"] < min(a.best for a in self.done):
                return
            self.best = checkpoint
        if self.folder is not None:
            checkpoints.write(self.folder / f"{name}.safetensors", checkpoint)

    def take_up(self, last: Checkpoint) -> None:
        """Go on where a run was left."""
        assert self.folder is not None
        self.done = [Attempt(**a) for a in last.facts["restarts"]]
        if (self.folder / "best.safetensors").exists():
            self.best = checkpoints.read(self.folder / "best.safetensors")

    def winner(self) -> Attempt:
        """The first of the best trainings."""
        return min(self.done, key=lambda a: a.best if not math.isnan(a.best) else math.inf)


@dataclass
class Trainings:
    """One training after another, seed by seed, until all are done, the time is up, or somebody stops them."""

    spec: Spec
    settings: TrainSettings
    splits: Splits
    keeper: Keeper
    build: Callable[[int], Net]
    net: Net  # of the training that goes on
    progress: Progress | None = None
    shuffle: bool = True
    trainer: Trainer | None = None
    loaded: Loaded | None = None  # what became of the weights that it began with

    def run(self, last: Checkpoint | None, ready: Callable[[], None]) -> Outcome:
        """How the last of them ended. `last` is where the first was left; `ready` is called when it can begin."""
        if last is not None:
            self.keeper.take_up(last)
        s, started = self.settings, time.monotonic()
        outcome: Outcome | None = None
        for seed in range(s.seed + len(self.keeper.done), s.seed + s.restarts):
            left = s.time_limit - (time.monotonic() - started) if s.time_limit else None
            if outcome is not None:
                if left is not None and left <= 0:
                    break
                self.net = self.build(seed)
            trainer = self.trainer = self._made(replace(s, seed=seed, time_limit=left), last if outcome is None else None)
            if outcome is None:
                ready()
            if self.progress is not None and s.restarts > 1:
                self.progress.say(f"training {seed - s.seed + 1} of {s.restarts} · seed {seed}")
            with interruptible(trainer):
                outcome = trainer.run()
            if trainer.stop_asked.is_set() and seed + 1 < s.seed + s.restarts:
                outcome.reason = "interrupted"  # also where the last step of this training was just done
            if outcome.reason == "interrupted":
                break
            self.keeper.done.append(Attempt(seed, outcome.reason, vars(outcome.position).copy(), outcome.history))
            if outcome.reason == "time limit":
                break
        assert outcome is not None, "a run that is left has a training that is not done"
        return outcome

    def _made(self, settings: TrainSettings, last: Checkpoint | None) -> Trainer:
        """One training, from where it was left or with the weights that the settings name."""
        if last is None:
            self.loaded = begin_with(self.net, settings, self.spec, self.progress)
        trainer = Trainer(
            self.net, self.splits, settings, progress=self.progress, shuffle=self.shuffle, save=self.keeper.save, log=self._log(settings.seed)
        )
        if last is not None:
            trainer.restore(last)
        return trainer

    def _log(self, seed: int) -> Callable[[dict[str, Any]], None]:
        """Writes an entry for each epoch into the run's folder."""
        folder, several = self.keeper.folder, self.settings.restarts > 1

        def log(entry: dict[str, Any]) -> None:
            if folder is not None:
                with (folder / "log.jsonl").open("a", encoding="utf-8") as file:
                    file.write(json.dumps({"seed": seed, **entry} if several else entry, sort_keys=True) + "\n")

        return log
