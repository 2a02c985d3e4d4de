"""Problems with what indices range over and where reads fall."""

from __future__ import annotations

from dataclasses import replace

from netc.compiler.diagnostics.model import LIBRARY, Diagnostic, Label, Problem
from netc.compiler.source.text import Span


class RangesDiffer(Problem):
    """One index runs over two different ranges.

    Plain uses `x[i]` and constantly shifted ones `x[i+1]` let the index run over the axis's own domain; all of them must
    agree.

    Wrong:
        net N:
            input x: real[3]
            input z: real[4]
            y[i] = x[i] + z[i]
    Right:
        net N:
            input x: real[3]
            input z: real[4]
            y[i in 0..2] = x[i] + z[i]
    """

    code = "E0307"
    index: str
    variable: str
    domain: str
    other: Span
    other_variable: str
    other_domain: str
    shifted: bool = False  # whether the left side is `h[t+1]`, which cannot hold a range
    swapped: str = ""  # the index that runs over the other two, the other way round
    turned: str = ""  # the variable in which they are swapped, with them in the other order: `W[j, i]`
    narrower: str = ""  # where it is bound, with a range that suits both: `y[t, j in 0..27]`
    resized: str = ""  # one of the two with the size of the other: `W[10, 28]`

    def crosses(self, other: RangesDiffer) -> bool:
        """Whether another index runs over the same two ranges the other way round, in the same variable."""
        return self.crossing(other)[0] != ""

    def crossing(self, other: RangesDiffer) -> tuple[str, bool]:
        """The variable in which another index has the range that this one has elsewhere; and whether elsewhere is in two others."""
        if self.index == other.index or self.span.line != other.span.line:
            return ("", False)
        for name, given, elsewhere, beside in self._sides:
            for named, other_given, other_elsewhere, other_beside in other._sides:
                if name == named and (given, elsewhere) == (other_elsewhere, other_given):
                    return name, len({name, beside, other_beside}) == 3
        return ("", False)

    @property
    def _sides(self) -> tuple[tuple[str, str, str, str], ...]:
        one, other = (self.variable, self.domain), (self.other_variable, self.other_domain)
        return (*one, other[1], other[0]), (*other, one[1], one[0])

    def diagnose(self) -> Diagnostic:
        without = f" on a left side without a shift: `h[{self.index}] = ...` for `h[{self.index}+1] = ...`" if self.shifted else ""
        ways = [f"say which points are meant: `{self.narrower}`{without}"] if self.narrower else []
        ways += [f"make the sizes equal: `{self.resized}`"] if self.resized else []
        if self.turned:
            ways = [f"the indices of `{self.turned.partition('[')[0]}` stand the other way round: write `{self.turned}`, or declare it the other way round"]
        elif self.swapped:
            ways = [f"are `{self.index}` and `{self.swapped}` swapped in `{self.variable}`, or in what it meets here?"]
        elif not ways:
            ways = [f"let `{self.variable}` and `{self.other_variable}` have the same points here"]
        return self.worded(
            f"index `{self.index}` runs over two different ranges",
            label=f"`{self.variable}` gives {_range(self.domain)}",
            labels=(Label(self.other, f"`{self.other_variable}` gives {_range(self.other_domain)}"),),
            help="; or ".join(ways),
        )


def _range(domain: str) -> str:
    return f"0..{int(domain) - 1}" if domain.isdigit() else domain


def _points(domain: str) -> str:
    """How many points `0..4` has, where that is known."""
    low, _, high = _range(domain).partition("..")
    return str(int(high) - int(low) + 1) if low.lstrip("-").isdigit() and high.lstrip("-").isdigit() else domain


class EmptyRange(Problem):
    """An index has no point at which every read stays inside: a window is larger than what it slides over.

    Wrong:
        net N:
            input x: real[1, 4, 4]
            y = Conv(2, 5)(x)
    Right:
        net N:
            input x: real[1, 8, 8]
            y = Conv(2, 5)(x)
    """

    code = "E0310"
    index: str
    variable: str
    domain: str
    window: tuple[tuple[str, str], ...]

    def diagnose(self) -> Diagnostic:
        library = self.span.source.name == LIBRARY
        over = " and ".join(f"`{n}` over {_range(d)}" for n, d in self.window)
        points = " × ".join(_points(d) for _, d in self.window)
        reason = f"the window ({over}) is larger than the axis, {_range(self.domain)}" if over else f"the axis is {_range(self.domain)}"
        return self.worded(
            f"the window does not fit: a window of {points} over an axis of {_points(self.domain)}" if library and points else f"the window does not fit: no `{self.index}` keeps this read inside `{self.variable}`",
            label=reason,
            outside=f"`{{layer}}` slides a window of {points} points over an axis of {_points(self.domain)}" if points else "",
            help="make the window smaller or the input larger, or pad with `border(x, p)` (layers: `pad=p`)",
        )


class RangeUnknown(Problem):
    """Nothing says what an index ranges over.

    An index gets its range from a plain use such as `x[i]`. Used only in arithmetic it needs a range of its own.

    Wrong:
        net N:
            input x: real[3]
            y[i] = 2 * i
    Right:
        net N:
            input x: real[3]
            y[i in 0..4] = 2 * i
    """

    code = "E0312"
    index: str
    meant: tuple[str, ...] = ()  # the elements that could be meant, where it is bound and stands nowhere: `d[k]`
    without: str = ""  # the reduction without a bracket

    def diagnose(self) -> Diagnostic:
        ranged = f"give it a range, such as `[{self.index} in 0..9]`"
        ways = " or ".join(f"`{m}`" for m in self.meant)
        return self.worded(
            f"nothing says what `{self.index}` ranges over" + (f": it is bound here, and nothing is read at `{self.index}`" if self.meant else ""),
            label=f"`{self.index}` has no range",
            help=f"write {ways}" + (f"; or `{self.without}`, without a bracket" if self.without else "") if self.meant else ranged,
        )


class ReadOutside(Problem):
    """A read leaves the domain of its variable, and no boundary equation covers the place.

    Nothing is silently zero. A recurrence says how it begins: `h[0] = 0` where `h[t]` reads `h[t-1]` with t in 1..T, and
    `b[T+1] = 0` where it reads `b[t+1]`. A boundary may give a whole side, `x[t < 1] = 0`; and a range may keep reads inside.

    Wrong:
        net N:
            input x: real[1..T, 3]
            h[t] = tanh(x[t] + h[t-1])
            d[t] = x[t+1] - x[t]
    Right:
        net N:
            input x: real[1..T, 3]
            h[0] = 0
            h[t] = tanh(x[t] + h[t-1])
            d[t in 1..T-1] = x[t+1] - x[t]
    """

    code = "E0313"
    variable: str
    axis: str  # first, second
    reached: str
    domain: str
    index: str
    beyond: str  # the boundary that would cover all of the side that the read leaves: `x[i < 0] = 0`
    given: tuple[tuple[str, Span], ...] = ()  # the boundaries that there are, which lie elsewhere
    narrower: str = ""  # a range of the index that keeps the read inside: `t in 1..T-1`
    padded: bool = False  # whether a border could be what is wanted
    inner: str = ""  # of a read at a fixed point: the last one inside
    counted: str = ""  # of `h[-1]`, which other languages count from the end: the point that may be meant
    before: tuple[str, ...] = ()  # of a class that nothing precedes: the points that a boundary would give
    spread: str = ""  # what the indices range over
    missing: tuple[str, ...] = ()  # where the variable is computed from itself: the points that nothing gives
    behind: str = ""  # the left side that begins where such a boundary ends
    instead: str = ""  # a boundary at the other end, which this read does not need
    apart: bool = False  # whether a boundary stands where neither the axis nor another boundary reaches
    along: tuple[str, str, str] = ("", "", "")  # the axis that is a sequence, its range, and the read that would step along it
    net: str = ""
    further: tuple[tuple[str, Span], ...] = ()  # other reads that leave on this side

    def joined(self, other: Problem) -> Problem | None:
        """A recurrence that does not say how it begins is one mistake, however often it looks back."""
        if not isinstance(other, ReadOutside) or not self.missing or not other.missing or (self.net, self.applied) != (other.net, other.applied):
            return None
        if (self.variable, self.axis, self.domain, self.beyond) != (other.variable, other.axis, other.domain, other.beyond):
            return None
        first, second = sorted((self, other), key=lambda p: p.span.start)
        return replace(
            first, missing=tuple(dict.fromkeys((*max(self.missing, other.missing, key=len), *self.missing, *other.missing))),
            further=(*self.further, *other.further, (second.reached, second.span)),
        )  # fmt: skip

    @property
    def places(self) -> tuple[Span, ...]:
        return (self.shown_at, *(span for _, span in self.further))

    @property
    def meets(self) -> tuple[Span, ...]:
        return (self.span,) if self.missing else ()

    def diagnose(self) -> Diagnostic:
        axis = f"the {self.axis} axis of `{self.variable}` is {_range(self.domain)}"
        labels = tuple(Label(span, f"a boundary stands at `{point}`") for point, span in self.given)
        if not self.missing:
            return self.worded(
                f"this reads `{self.variable}` at {self.reached}, outside its domain {_range(self.domain)}",
                label=f"`{self.span.text}` reaches {self.reached}, with {self.spread}" if self.spread else axis,
                labels=labels,
                notes=("nothing is silently zero outside a domain",),
                help=self._ways_inside(),
            )
        begins = " and ".join(f"`{point} = 0`" for point in self.missing)
        sequence, over, step = self.along
        if self.instead:
            help = f"say how it begins at this end: {begins} for `{self.instead} = ...`"
        else:
            help = f"say how it begins, with a boundary equation: {begins}, or another value"
        help += f"; or begin behind the boundary: `{self.behind} = ...`" if self.behind else ""
        help += f"; or step along the sequence: {step}" if step else ""
        return self.worded(
            f"`{self.variable}` is computed from itself, and nothing gives `{self.missing[0]}`",
            label=f"{axis}, and this reads it at {self.reached}",
            labels=(*labels, *(Label(span, f"and this at {reached}") for reached, span in self.further)),
            notes=(f"the sequence is the {sequence} axis, {over}; a net is one sample, and has no axis for the batch",) if step else (),
            help=help,
        )

    def _ways_inside(self) -> str:
        if self.counted:
            return f"{self.reached} does not count from the end: {'the last is' if self.reached == '-1' else 'write'} `{self.counted}`"
        begins = " and ".join(f"`{point} = 0`" for point in self.before)
        ways = [f"say how it begins, with a boundary equation: {begins}, or another class"] if begins else []
        ways += [f"{'or ' if ways else ''}give `{self.index}` a smaller range: `[{self.narrower}]`"] if self.narrower else []
        ways += [f"the {'first' if '<' in self.beyond else 'last'} point is `{self.inner}`"] if self.inner else []
        ways += ["pad with `border(x, p)`"] if self.padded else []
        if begins:
            return "; ".join(ways)
        return "; ".join([*ways, f"{'or ' if ways else ''}say what lies outside: `{self.beyond}`"])


class ReadBeyondSample(Problem):
    """A sample is too short, or too long, for what an equation reads.

    `x[5]` of a sequence `x: real[1..T]` exists where T is at least 5, and `P[t]` of a table `P[1..80]` where t goes no further.
    Whether that holds is seen when samples are given; what lies beyond a sample's end is never read.
    """

    code = "E0321"
    variable: str
    at: int
    domain: str
    here: str
    sample: str = ""

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"this reads `{self.variable}` at {self.at}, and it is {self.here} there",
            label=f"`{self.variable}` is {self.domain}", notes=(self.sample,) if self.sample else (),
            help=f"give other samples, or say what lies outside: a boundary equation of `{self.variable}`, or a range",
        )  # fmt: skip


class ClassTooLarge(Problem):
    """A class number picks a point of an axis that is too short for it.

    Wrong:
        net N:
            input w: class(10)
            param E[5, 3] init 0
            y = E[w]
    Right:
        net N:
            input w: class(10)
            param E[10, 3] init 0
            y = E[w]
    """

    code = "E0314"
    variable: str
    domain: str
    classes: str
    instead: str = ""  # how to pick along the axis that is as long as there are classes

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"a class of {_range(self.classes)} picks from `{self.variable}`, whose axis is {_range(self.domain)}",
            label=f"takes {_range(self.classes)}",
            help=f"write `{self.instead}`, which picks along the other axis" if self.instead else "make the axis as long as there are classes",
        )


class AlreadyBound(Problem):
    """A reduction binds an index that is bound already.

    A reduction introduces its index and removes it again; a normaliser such as `softmax[s]` keeps an index that is bound.

    Wrong:
        net N:
            input x: real[3]
            y[i] = sum[i](x[i])
    Right:
        net N:
            input x: real[3]
            y[i] = x[i] / sum[k](x[k])
    """

    code = "E0315"
    index: str
    operation: str
    meant: str = ""  # what stands in brackets of the body, and nothing binds
    fitting: str = ""  # of a condition alone: with the index before it

    def diagnose(self) -> Diagnostic:
        if self.fitting:
            return self.worded(
                f"`{self.operation}` is given a condition and no index", label="this binds nothing",
                help=f"a condition stands behind the index and a comma: `{self.fitting}(...)`",
            )  # fmt: skip
        return self.worded(
            f"`{self.operation}` binds `{self.index}`, which is bound already", label="bound again",
            help=f"write `{self.operation}[{self.meant}]`: nothing binds `{self.meant}`" if self.meant else "choose another letter for it",
        )  # fmt: skip


class NotBound(Problem):
    """A normaliser names an index that nothing binds.

    `softmax[s]` keeps its index: it must stand on the left side (or in a reduction around it).

    Wrong:
        net N:
            input x: real[3]
            y = softmax[i](x[i])
    Right:
        net N:
            input x: real[3]
            y[i] = softmax[i](x[i])
    """

    code = "E0316"
    index: str
    operation: str
    left: str  # the left side that would bind it: `y[t, s]`

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"`{self.operation}` normalises over `{self.index}`, which nothing binds",
            label="not bound",
            help=f"bind it on the left side: `{self.left} = {self.operation}[{self.index}](...)`",
        )
