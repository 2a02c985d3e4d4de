"""Problems with the order in which equations can be computed."""

from __future__ import annotations

from dataclasses import dataclass

from netc.compiler.diagnostics.model import Diagnostic, Label, Problem
from netc.compiler.source.text import Span


@dataclass(frozen=True)
class NotYet(Problem):
    """The language has this, and netc cannot run it yet.

    Lengths that differ between samples (`1..T`), recurrences, trees and sampling are described in the language reference;
    this version reads them and says where they stand.
    """

    code = "E0501"
    what: str

    def diagnose(self) -> Diagnostic:
        return self.worded(f"not yet: {self.what}", label="this version cannot run it", help="it is planned for the next version")


@dataclass(frozen=True)
class CycleWithoutDelay(Problem):
    """Equations need each other's values at the same point, so none can be computed first.

    Wrong:
        net N:
            input x: real[3]
            a = x + b
            b = 2 * a
    Right:
        net N:
            input x: real[3]
            a = x + 1
            b = 2 * a
    """

    code = "E0502"
    cycle: tuple[tuple[str, Span], ...]

    def diagnose(self) -> Diagnostic:
        names = [n for n, _ in self.cycle]
        circle = " → ".join(f"`{n}`" for n in [*names, names[0]])
        return self.worded(
            f"these equations need each other at the same point: {circle}",
            label=f"`{names[0]}` needs `{names[1 % len(names)]}`",
            labels=tuple(Label(s, f"`{n}` needs `{names[(k + 2) % len(names)]}`") for k, (n, s) in enumerate(self.cycle[1:])),
            help="break the circle: let one of them read an earlier point, such as `b[t-1]`, or another value",
        )


@dataclass(frozen=True)
class ChunksUnfit(Problem):
    """`bptt = k` takes sequences in chunks of k points, and this net cannot be taken apart so.

    A chunk starts from the state in which the chunk before it ended. That serves recurrences that run forward, over one
    length that all sequences share, with something observed at each point.

    Wrong:
        net N:
            input x: real[1..T, 3]
            b[T+1] = 0
            b[t] = tanh(x[t] + b[t+1])
            x[t] ~ normal(b[t+1], 1)
        train:
            bptt = 25
    Right:
        net N:
            input x: real[1..T, 3]
            b[0] = 0
            b[t] = tanh(x[t] + b[t-1])
            x[t] ~ normal(b[t-1], 1)
        train:
            bptt = 25
    """

    code = "E0520"
    reason: str
    mend: str
    setting: Span | None = None

    def diagnose(self) -> Diagnostic:
        labels = (Label(self.setting, "asked for here"),) if self.setting is not None and self.setting != self.span else ()
        return self.worded(f"`bptt` cannot take this net in chunks: {self.reason}", label="does not fit chunks", labels=labels, help=self.mend)
