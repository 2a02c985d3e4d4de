"""What a run says while it goes: a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

_BARS = "▁▂▃▄▅▆▇█"


class Progress(Protocol):
    """Told of every step and epoch."""

    def say(self, text: str) -> None: ...

    def step(self, epoch: int, epochs: int, done: int, of: int, loss: float, rate: float, samples: int) -> None: ...

    def epoch(self, text: str) -> None: ...

    def close(self) -> None: ...


class Silent:
    """Says nothing: for Python callers."""

    def say(self, text: str) -> None:
        """Nothing."""

    def step(self, epoch: int, epochs: int, done: int, of: int, loss: float, rate: float, samples: int) -> None:
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

    def step(self, epoch: int, epochs: int, done: int, of: int, loss: float, rate: float, samples: int) -> None:
        now = time.monotonic()
        if now - self.last >= self.every:
            self.last = now
            self.write(f"epoch {epoch}/{epochs}  {done}/{of}  loss {loss:.4g}  lr {rate:.2g}")

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

    def step(self, epoch: int, epochs: int, done: int, of: int, loss: float, rate: float, samples: int) -> None:
        self.samples += samples
        now = time.monotonic()
        if now - self.drawn < 0.1 and done < of:
            return
        self.drawn = now
        self.losses.append(loss)
        if len(self.losses) > 400:
            self.losses = self.losses[::2]
        spent = now - self.begun
        share = ((epoch - 1) + done / max(of, 1)) / max(epochs, 1)
        left = spent / share - spent if share > 0 else 0.0
        bar_width = max(10, min(28, self.width - 52))
        filled = int(bar_width * done / max(of, 1))
        bar = "━" * filled + "╸" * (filled < bar_width) + " " * max(0, bar_width - filled - 1)
        first = f"epoch {epoch:>2}/{epochs} {bar} {100 * done // max(of, 1):>3}%  {done}/{of}  ETA {clock(left)}"
        second = f"loss {loss:.4g}  {sparkline(self.losses, 20)}  lr {rate:.2g}  {self.samples / max(spent, 1e-9):,.0f}/s"
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
