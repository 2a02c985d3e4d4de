"""Problems of drawing sequences from a net, and of `sample` blocks."""

from __future__ import annotations

from typing import Literal

from netc.compiler.diagnostics.model import Diagnostic, Problem
from netc.compiler.diagnostics.wording import quoted


class NotLeftToRight(Problem):
    """A net cannot generate a sequence, because it looks at symbols that are not drawn yet.

    Generation goes from left to right: each symbol is drawn from a likelihood that may depend on the symbols before it. A
    backward recurrence over the sequence, an attention without `s <= t`, or a sum over the whole of it would need symbols
    that come later; so would a net that reads `x[t]` and observes `x[t] ~ softmax(z[t])`.
    """

    code = "R501"
    drawn: str
    equation: str
    read: str
    points: Literal["later", "same", "all"]

    def diagnose(self) -> Diagnostic:
        if self.points == "same":
            return self.worded(
                f"`{self.drawn}` cannot be drawn from left to right: this foretells a point that `{self.equation}` has read",
                label=f"`{self.equation}` reads `{self.drawn}` at this very point",
                help=f"speak of the next point, `{self.drawn}[t+1] ~ ...`; or let `{self.equation}` read the one before, `{self.drawn}[t-1]`",
            )
        where = f"later points of `{self.read}`" if self.points == "later" else f"all points of `{self.read}`"
        return self.worded(
            f"`{self.drawn}` cannot be drawn from left to right: `{self.equation}` reads {where}, which depend on symbols still to come",
            label=f"`{self.equation}` looks ahead",
            help="let it read earlier points only, such as `h[t-1]` or `softmax[s <= t]`",
        )


class NothingToSample(Problem):
    """A net has no sequence to generate: no likelihood speaks of an input along a length.

    `netc sample` draws what `x[t+1] ~ softmax(z[t])` or `y[t] ~ normal(m[t], 1)` observes, for an input such as
    `x: class(V)[1..T]`. A net that tells one class for a whole sample has nothing of this kind: use `netc predict`.
    """

    code = "R502"
    net: str
    asked: bool = False  # whether a `sample` block stands at the place

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"`{self.net}` has no sequence to sample: no likelihood observes an input over a length",
            label="settings of sequences that are drawn" if self.asked else "the net's inputs begin here",
            help="a line such as `x[t+1] ~ softmax(z[t])` says how a sequence goes on; `netc predict` gives answers for given data",
        )


class NoDrawFrom(Problem):
    """A likelihood gives a loss, and there is no way to draw from it.

    Sequences are drawn from `softmax`, `categorical`, `sigmoid`, `bernoulli` and `normal`, one element for each point of a
    plain index: `x[t+1] ~ ...`, `y[t] ~ ...`.
    """

    code = "R503"
    name: str
    rule: str
    why: str

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"`{self.name}` cannot be drawn from this likelihood: {self.why}",
            label=f"`{self.rule}`",
            help="use `softmax`, `categorical`, `sigmoid`, `bernoulli` or `normal` over a plain index, as in `x[t+1] ~ softmax(z[t])`",
        )


class UnknownSampleSetting(Problem):
    """A `sample` block has a line that is no setting.

    Wrong:
        net N:
            input x: class(4)[1..T]
            param W[4, 4] init glorot
            x[t+1] ~ softmax(W @ x[t])
        sample:
            temprature = 0.8
    Right:
        net N:
            input x: class(4)[1..T]
            param W[4, 4] init glorot
            x[t+1] ~ softmax(W @ x[t])
        sample:
            temperature = 0.8
    """

    code = "E0711"
    name: str
    known: tuple[str, ...]
    guess: str | None

    def diagnose(self) -> Diagnostic:
        hint = f"did you mean `{self.guess}`? " if self.guess else ""
        known = ", ".join(f"`{k}`" for k in self.known)
        return self.worded(f"there is no sample setting `{self.name}`", label="unknown setting", help=f"{hint}the settings are {known}")


class SampleSettingUnfit(Problem):
    """A setting of a sample has a value that does not fit it.

    `prompt` is a text, `stop` a symbol, its number or a constant of the net, `limit` and `count` whole numbers of at least 1,
    `temperature` a number of at least 0, `top_k`, `seed` and `beam` whole numbers.

    Wrong:
        net N:
            input x: class(4)[1..T]
            param W[4, 4] init glorot
            x[t+1] ~ softmax(W @ x[t])
        sample:
            temperature = -1
    Right:
        net N:
            input x: class(4)[1..T]
            param W[4, 4] init glorot
            x[t+1] ~ softmax(W @ x[t])
        sample:
            temperature = 0
    """

    code = "E0712"
    name: str
    given: str
    wanted: str
    constants: tuple[str, ...] | None = None  # where a name stands that is none of them
    equation: str = ""  # what an equation of this name says

    def diagnose(self) -> Diagnostic:
        if self.equation:
            return self.worded(
                f"the sample setting `{self.name}` is {self.given}, which is an equation and no constant", label="no constant",
                help=f"declare it: `const {self.given.strip('`')} = {self.equation}`; a `;` ends a statement, and constants are parted by commas: `const A = 0, B = 1`",
            )  # fmt: skip
        if self.constants is not None:
            known = f"the constants here: {quoted(self.constants)}" if self.constants else "no constant is declared here"
            declared = f"declare it, `const {self.given.strip('`')} = 1`, or write a symbol in quotes or its number; {known}"
            return self.worded(f"the sample setting `{self.name}` is {self.given}, which is not declared", label="no constant is called so", help=declared)
        wanted = self.wanted.removesuffix(" is wanted")
        return self.worded(f"the sample setting `{self.name}` is {self.given}: {self.wanted}", label=wanted, help="change it, or leave it out")


class NoFirstSymbol(Problem):
    """A sequence cannot begin: its first point has no likelihood, and no prompt was given.

    `x[t+1] ~ softmax(z[t])` says how a sequence goes on, not how it begins. A prompt gives the beginning; a spec with
    `x[0] = START` and `x[t] ~ ...` needs none.
    """

    code = "R505"
    name: str
    known: int

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"`{self.name}` needs a prompt: nothing says what its first {'point is' if self.known == 1 else f'{self.known} points are'}",
            label="the likelihood speaks of later points",
            help='give one: `--prompt "A"`, or `prompt = "A"` in the `sample` block',
        )


class NoVectors(Problem):
    """Neighbours of a word are asked of a net that has no vector for each word, or of a parameter that is none of these.

    A table of vectors is a parameter that the net reads by symbol, `E[word[t]]` or `word[t] -> Embedding(D)`, where the symbols
    come from a text: its rows are the words' vectors.
    """

    code = "R506"
    net: str
    asked: str
    known: tuple[str, ...]

    def diagnose(self) -> Diagnostic:
        named = ", ".join(f"`{k}`" for k in self.known)
        return self.worded(
            f"`{self.asked}` of `{self.net}` holds no vectors of words" if self.asked else f"`{self.net}` has no vectors of words",
            label="its neighbours are asked for",
            help=f"the tables that the net reads by word: {named}" if self.known else "read a parameter by word in the spec: `e[t] = E[word[t]]`",
        )
