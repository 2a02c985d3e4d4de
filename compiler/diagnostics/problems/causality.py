"""Problems with the order in which equations can be computed."""

from __future__ import annotations

from typing import ClassVar

from netc.compiler.diagnostics.model import Diagnostic, Label, Problem, Severity
from netc.compiler.diagnostics.wording import quoted
from netc.compiler.source.text import Span


class NotYet(Problem):
    """The language has this, and netc cannot run it yet.

    What the language has and this version leaves out is read as all else, and named where it stands: no spec is run as
    something other than what it says.
    """

    code = "E0501"
    what: str

    def diagnose(self) -> Diagnostic:
        return self.worded(f"not yet: {self.what}", label="this version cannot run it", help="it is planned for the next version")


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
    cycle: tuple[tuple[str, str, Span], ...]  # what is computed, what it needs, where
    read: str = ""  # of what is needed: what could be read at an earlier point, `h[t]`
    earlier: str = ""  # that point, `h[t-1]`
    begins: str = ""  # the boundary that it lacks, `h[0] = 0`

    @property
    def _way_out(self) -> str:
        if not self.earlier:
            return f"read another value than `{self.cycle[0][1]}`; what is computed from itself has an index, `h[t] = ... h[t-1] ...`"
        one = "read" if len(self.cycle) == 1 else "let one of them read"
        return f"{one} an earlier point, `{self.earlier}` for `{self.read}`{f', with `{self.begins}`' if self.begins else ''}; or another value"

    def diagnose(self) -> Diagnostic:
        needs = [f"`{a}` needs `{b}`" for a, b, _ in self.cycle]
        if len(needs) == 1:
            message = f"this equation needs its own value at the same point: {needs[0]}"
        else:
            message = f"these equations need each other at the same point: {', '.join(needs)}"
        return self.worded(
            message, label=needs[0], labels=tuple(Label(span, text) for text, (_, _, span) in zip(needs[1:], self.cycle[1:], strict=True)),
            help=self._way_out,
        )  # fmt: skip


class NoOrder(Problem):
    """A recurrence goes no one way along any axis, so there is no point to begin at.

    All reads of what is being computed lie at earlier points (`h[t-1]`, or `s < t` in a sum), or all at later ones.

    Wrong:
        net N:
            input x: real[1..T]
            h[0] = 0
            h[T+1] = 0
            h[t] = tanh(x[t] + h[t-1] + h[t+1])
    Right:
        net N:
            input x: real[1..T]
            past[0] = 0
            past[t] = tanh(x[t] + past[t-1])
            future[T+1] = 0
            future[t] = tanh(x[t] + future[t+1])
            h[t] = past[t] + future[t]
    """

    code = "E0503"
    names: tuple[str, ...]
    reads: tuple[tuple[str, Span], ...]
    split: tuple[str, ...] = ()  # of one variable: `past[t]`, what it begins with, `future[t]`, what it begins with, and what joins them

    def diagnose(self) -> Diagnostic:
        here = [text for text, span in self.reads if span == self.span]
        elsewhere = {span: [t for t, s in self.reads if s == span] for _, span in self.reads if span != self.span}
        verb = "it reads" if len(self.names) == 1 else "they read"
        help = "let one variable read earlier points and another later ones, and join them in a third"
        if self.split:
            past, begins, future, ends, joined = self.split
            help = f"compute two: `{past}` reads earlier points alone, with {begins}, `{future}` later ones, with {ends}; then `{joined}`"
        return self.worded(
            f"no order computes {quoted(self.names)}: {verb} {quoted([t for t, _ in self.reads])}",
            label=f"reads {quoted(here)}" if here else "",
            labels=tuple(Label(span, f"reads {quoted(texts)}") for span, texts in elsewhere.items()),
            notes=("a recurrence reads earlier points of an axis, or later ones, and not both",),
            help=help,
        )


class NeedsWholeAxis(Problem):
    """A softmax along an axis needs all points of it at once, and they are computed one after the other.

    In attention the weights of one reader sum to 1 over what is read: the index of the softmax is the one that is summed over.

    Wrong:
        net N:
            input x: real[1..S, 4]
            input y: real[1..T, 4]
            d[0] = 0
            attention a[t, s] = softmax[t](d[t-1] @ x[s])
            d[t] = y[t] + sum[s](a[t, s] * x[s])
            output d
    Right:
        net N:
            input x: real[1..S, 4]
            input y: real[1..T, 4]
            d[0] = 0
            attention a[t, s] = softmax[s](d[t-1] @ x[s])
            d[t] = y[t] + sum[s](a[t, s] * x[s])
            output d
    """

    code = "E0504"
    name: str
    index: str
    operation: str  # `softmax[t]`
    earlier: tuple[str, Span] | None  # the read of an earlier point that begins the recurrence, and its equation
    others: tuple[str, ...]  # indices that the variable has besides

    def diagnose(self) -> Diagnostic:
        reads = f", and by `{self.earlier[0]}` they come one after the other" if self.earlier else ""
        other = f"`{self.operation.partition('[')[0]}[{self.others[0]}]`, if the sum goes over `{self.others[0]}`" if self.others else "over an index of its own"
        return self.worded(
            f"`{self.operation}` needs every point of `{self.index}` at once{reads}",
            label=f"`{self.name}` is computed point by point along `{self.index}`",
            labels=(Label(self.earlier[1], f"reads `{self.earlier[0]}`"),) if self.earlier and self.earlier[1] != self.span else (),
            help=f"take {other}; or let the score read nothing that is computed from `{self.name}`",
        )


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


class SeesItsChunk(Problem):
    """With `bptt = k` an equation over all points of a sequence sees those of its chunk.

    What recurrences carry goes on from chunk to chunk; attention, sums and means over the length begin anew with each.

    Wrong:
        net N:
            input x: real[1..T, 3]
            h[0] = 0
            h[t] = tanh(x[t] + h[t-1])
            a[t, s] = softmax[s <= t](h[t] @ h[s])
            c[t] = sum[s](a[t, s] * h[s])
            x[t+1] ~ normal(c[t], 1)
        train:
            bptt = 25
    Right:
        net N:
            input x: real[1..T, 3]
            h[0] = 0
            h[t] = tanh(x[t] + h[t-1])
            a[t, s] = softmax[s <= t](h[t] @ h[s])
            c[t] = sum[s](a[t, s] * h[s])
            x[t+1] ~ normal(c[t], 1)
    """

    code = "W0520"
    severity: ClassVar[Severity] = Severity.WARNING
    setting: Span
    name: str

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"`{self.name}` goes over the points of a sequence, and with `bptt` it sees those of its own chunk only",
            label="begins anew with each chunk", labels=(Label(self.setting, "chunks are asked for here"),),
            help="leave `bptt` out where it is to see the whole sequence, or take chunks that are long enough",
        )  # fmt: skip


class DrawsUnfit(Problem):
    """`scheduled_sampling` lets a net read its own draws in training, and this net cannot.

    It serves nets that predict a sequence from its earlier points: what `x[t+1] ~ softmax(z[t])` gives is drawn and read in
    place of `x[t+1]`. A net whose sequence is computed from something else reads no draws; one that looks ahead in it has
    no order in which they could come.

    Wrong:
        net N:
            input x: class(4)[1..T]
            input y: class(4)[1..T]
            param W[4, 4] init glorot
            y[t] ~ softmax(W @ x[t])
        train:
            scheduled_sampling = linear(0, 0.25)
    Right:
        net N:
            input y: class(4)[1..T]
            param W[4, 4] init glorot
            y[t+1] ~ softmax(W @ y[t])
        train:
            scheduled_sampling = linear(0, 0.25)
    """

    code = "E0521"
    reason: str
    mend: str
    setting: Span | None = None

    def diagnose(self) -> Diagnostic:
        labels = (Label(self.setting, "asked for here"),) if self.setting is not None and self.setting != self.span else ()
        return self.worded(f"this net cannot read its own draws: {self.reason}", label="no draws can be read", labels=labels, help=self.mend)
