"""What a run says while it goes: a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

_BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Step:
    """A step that a training has taken."""

    epoch: int  # from 1
    epochs: int
    done: int  # steps of this epoch
    of: int
    loss: float  # of its own batch, before the update
    mean: float  # of the epoch so far, each loss by how many elements it observed
    rate: float
    samples: int  # in its batch


class Progress(Protocol):
    """Told of every step and epoch."""

    def say(self, text: str) -> None: ...

    def step(self, taken: Step) -> None: ...

    def epoch(self, text: str) -> None: ...

    def close(self) -> None: ...


class Silent:
    """Says nothing: for Python callers."""

    def say(self, text: str) -> None:
        """Nothing."""

    def step(self, taken: Step) -> None:
        """Nothing."""

    def epoch(self, text: str) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


@dataclass
class Plain:
    """One line for each epoch, and one every ten seconds within long ones; no control characters."""

    write: Callable[[str], None]
    every: float = 10.0
    last: float = field(default_factory=time.monotonic)

    def say(self, text: str) -> None:
        self.write(text)

    def step(self, taken: Step) -> None:
        now = time.monotonic()
        if now - self.last >= self.every:
            self.last = now
            self.write(f"epoch {taken.epoch}/{taken.epochs}  {taken.done}/{taken.of}  loss {taken.mean:.4g}  lr {taken.rate:.2g}")

    def epoch(self, text: str) -> None:
        self.last = time.monotonic()
        self.write(text)

    def close(self) -> None:
        """Nothing to tidy."""


@dataclass
class Live:
    """Two lines that are drawn over: the bar of the epoch, and the loss so far."""

    write: Callable[[str], None]  # raw text, without an end of line
    width: int = 80
    losses: list[float] = field(default_factory=list)
    drawn: float = 0.0
    begun: float = field(default_factory=time.monotonic)
    samples: int = 0
    shown: bool = False

    def say(self, text: str) -> None:
        self._clear()
        self.write(text + "\n")

    def step(self, taken: Step) -> None:
        self.samples += taken.samples
        now = time.monotonic()
        done, of = taken.done, max(taken.of, 1)
        if now - self.drawn < 0.1 and done < of:
            return
        self.drawn = now
        self.losses.append(taken.mean)
        if len(self.losses) > 400:
            self.losses = self.losses[::2]
        spent = now - self.begun
        share = ((taken.epoch - 1) + done / of) / max(taken.epochs, 1)
        left = spent / share - spent if share > 0 else 0.0
        bar_width = max(10, min(28, self.width - 52))
        filled = int(bar_width * done / of)
        bar = "━" * filled + "╸" * (filled < bar_width) + " " * max(0, bar_width - filled - 1)
        first = f"epoch {taken.epoch:>2}/{taken.epochs} {bar} {100 * done // of:>3}%  {done}/{of}  ETA {clock(left)}"
        second = f"loss {taken.mean:.4g}  {sparkline(self.losses, 20)}  lr {taken.rate:.2g}  {self.samples / max(spent, 1e-9):,.0f}/s"
        self._clear()
        self.write(first[: self.width - 1] + "\n" + second[: self.width - 1])
        self.shown = True

    def _clear(self) -> None:
        if self.shown:
            self.write("\r\x1b[K\x1b[1A\x1b[K")
            self.shown = False

    def epoch(self, text: str) -> None:
        """As many of its numbers, from the first, as the terminal has room for."""
        self._clear()
        parts = text.split("  ")
        while len(parts) > 1 and len("  ".join(parts)) >= self.width:
            parts.pop()
        self.write("  ".join(parts) + "\n")

    def close(self) -> None:
        self._clear()


def sparkline(values: list[float], width: int) -> str:
    """A curve in one line."""
    if not values:
        return ""
    stride = max(1, len(values) // width)
    picked = [sum(values[k : k + stride]) / len(values[k : k + stride]) for k in range(0, len(values), stride)][-width:]
    low, high = min(picked), max(picked)
    scale = (len(_BARS) - 1) / (high - low) if high > low else 0.0
    return "".join(_BARS[int((v - low) * scale)] for v in picked)


def clock(seconds: float) -> str:
    """h:mm:ss."""
    whole = int(seconds + 0.5)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
