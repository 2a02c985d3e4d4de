"""Trainings of one net from several seeds: what each came to, and the best parameters of all.

The data is parted by the first seed alone, so that all are judged by the same samples and the test part stays unseen.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from netc.runtime.model import checkpoints
from netc.runtime.model.checkpoints import Checkpoint
from netc.runtime.train.trainer import Outcome, Position


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
