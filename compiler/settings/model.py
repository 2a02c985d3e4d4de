"""Typed settings of a training run."""

from __future__ import annotations

from dataclasses import dataclass, field

from netc.compiler.source.text import Span, typed
from netc.compiler.syntax import tree

PRECISIONS = ("float32", "float64")
PER = ("element", "sample")  # what a mean over sequences weighs alike


@dataclass(frozen=True)
class Schedule:
    """A rate or a share over time: `constant`, `steps`, `linear`, `cosine`, with `warmup` steps before it.

    `steps` changes at the given epochs; `linear` and `cosine` run from the first to the second value over the training.
    Shares also: `exponential` is 1 - k^i and `inverse_sigmoid` 1 - k / (k + exp(i/k)) at step i (Bengio et al. 2015).
    """

    rule: str = "constant"
    values: tuple[float, ...] = (0.01,)
    epochs: tuple[float, ...] = ()
    warmup: int = 0


@dataclass(frozen=True)
class Optimiser:
    """A rule with its rate and those of its constants that were given, by name."""

    rule: str = "sgd"
    rate: Schedule = Schedule()
    constants: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Origin:
    """Where a setting comes from: `spec`, `command line`, `environment` or `default`."""

    source: str
    span: Span | None = None


@dataclass(frozen=True)
class Weights:
    """`weights("f.safetensors", into="encoder", names="map.txt", skip="fc.*")`: what a net begins with."""

    file: str
    span: Span
    into: str = ""
    names: str = ""
    skip: tuple[str, ...] = ()


@dataclass(frozen=True)
class TrainSettings:
    """Everything that decides a training run besides the net and the data themselves."""

    data: tree.Expr | None = None
    optimizer: Optimiser = Optimiser()
    batch: int = 32
    epochs: float | None = None
    steps: int | None = None
    clip: float | None = None  # by norm: G if its norm <= clip, else clip G / norm
    clip_value: float | None = None
    bptt: int | None = None  # sequences are taken in chunks of so many points; the state goes on, gradients do not
    scheduled_sampling: Schedule | None = None  # the share of points at which a net reads its own draw
    per: str = "element"
    seed: int = 1
    lags: int | None = None  # so far back the norms of dL/dh(t) are recorded, at the end of each epoch
    patience: int | None = None  # epochs without a better validation loss before stopping
    freeze: tuple[str, ...] = ()
    rates: tuple[tuple[str, float], ...] = ()
    max_norm: tuple[tuple[str, float], ...] = ()
    restarts: int = 1
    time_limit: float | None = None  # seconds
    load: Weights | None = None
    precision: str = "float32"
    origins: dict[str, Origin] = field(default_factory=dict)
    given: tuple[tuple[str, str], ...] = ()  # what the environment and the command line set, as texts: a resumed run sets it again

    def place(self, name: str) -> Span:
        """Where a setting was made."""
        origin = self.origins.get(name)
        return origin.span if origin is not None and origin.span is not None else typed("settings", name)
