"""Problems with values that a net is given: constants, parameters, inputs."""

from __future__ import annotations

import math

from netc.compiler.diagnostics.model import Diagnostic, Problem


def _sizes(shape: tuple[int | str, ...]) -> str:
    return "a single number" if not shape else "×".join(map(str, shape))


class ConstantOpen(Problem):
    """A constant without a value was not given one of the right size when the net was built.

    `const w[V]` without `=` leaves the numbers to the caller: `spec.build(consts={"w": array})` in Python.
    """

    code = "R410"
    name: str
    expected: tuple[int, ...]
    found: tuple[int, ...] | None

    def diagnose(self) -> Diagnostic:
        got = "nothing was given" if self.found is None else f"{_sizes(self.found)} was given"
        return self.worded(
            f"the constant `{self.name}` needs {_sizes(self.expected)}, and {got}",
            help=f'build the net with `consts={{"{self.name}": array}}`, or give the constant a value in the spec',
        )


class ConstantFileWrong(Problem):
    """A file of numbers for a constant is missing or holds something else.

    `const code[10, 84] = load("codes.txt")` reads as many numbers as the constant has points: numbers parted by blanks or
    commas, a drawn bitmap (`X` or `#` is +1, `.` is -1), or a `.npy` file of the same shape. The file lies in the spec's
    folder or below it.
    """

    code = "R411"
    path: str
    expected: tuple[int, ...]
    reason: str

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"`{self.path}` does not give {_sizes(self.expected)} numbers: {self.reason}",
            label=f"{_sizes(self.expected)} here",
            help="put the file beside the spec, with one number for each point",
        )


class ValueSizesDiffer(Problem):
    """An array that was given does not have the sizes that the spec says.

    Inputs carry a leading batch axis: `real[1, 28, 28]` takes an array of `(samples, 1, 28, 28)`. Parameters have none.
    """

    code = "R412"
    name: str
    expected: tuple[int | str, ...]
    found: tuple[int | str, ...]

    def diagnose(self) -> Diagnostic:
        expected = "×".join(map(str, self.expected)) or "a single number"
        return self.worded(
            f"`{self.name}` takes {expected}, and the array given is {_sizes(self.found)}",
            label=f"{expected} here",
            help="give an array of these sizes; inputs carry the samples as their first axis",
        )


class ValueNameUnknown(Problem):
    """A name was asked for or given that the net does not have."""

    code = "R413"
    name: str
    what: str
    known: tuple[str, ...]
    guess: str | None = None

    def diagnose(self) -> Diagnostic:
        listed = ", ".join(f"`{k}`" for k in self.known[:12]) + (" …" if len(self.known) > 12 else "")
        hint = f"did you mean `{self.guess}`? " if self.guess else ""
        return self.worded(f"the net has no {self.what} `{self.name}`", help=f"{hint}it has {listed or 'none'}")


class InputMissing(Problem):
    """An input that the asked-for values depend on was not given."""

    code = "R414"
    name: str

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"the input `{self.name}` is needed and was not given",
            label="declared here",
            help=f'give it: `{{"{self.name}": array}}`, samples along the first axis',
        )


class ClassOutside(Problem):
    """A class number lies outside the declared range.

    `class(n)` takes the whole numbers 0 to n-1.
    """

    code = "R415"
    name: str
    lo: int
    hi: int
    found: float
    sample: int

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"`{self.name}` takes whole numbers from {self.lo} to {self.hi}, and sample {self.sample} holds {self.found:g}",
            label=f"{self.lo} to {self.hi} here",
            help="count classes from 0, or correct the number of classes",
        )


class NotFinite(Problem):
    """A number that was given for an input is infinite or undefined (NaN).

    One such number makes the loss and every gradient NaN. Where values are missing, give a number in their place and leave
    them out of the likelihood: `y[t] ~ normal(m[t], 1) where seen[t]`.
    """

    code = "R421"
    name: str
    sample: int
    place: tuple[int, ...]  # within the sample, counted from 0
    found: float

    def diagnose(self) -> Diagnostic:
        at = f" at [{', '.join(map(str, self.place))}]" if self.place else ""
        large = "" if math.isinf(self.found) or math.isnan(self.found) else ", too large for float32"
        return self.worded(
            f"sample {self.sample} of `{self.name}` holds {_number(self.found)}{at}{large}: inputs are finite numbers",
            label=f"`{self.name}` is declared here",
            notes=("samples and places are counted from 0",) if self.place else ("samples are counted from 0",),
            help=f"leave such samples out, or put a number there (`numpy.nan_to_num`) and leave it out of the loss: `{self.name} ~ ... where seen`",
        )  # fmt: skip


def _number(x: float) -> str:
    return "NaN" if math.isnan(x) else f"{x:g}".replace("inf", "infinity")


class SequenceTooShort(Problem):
    """A sample of a sequence has no points: `1..T` needs at least one.

    A sequence of length 0 says nothing, and `h[T]` of it does not exist. Leave such samples out.
    """

    code = "R416"
    name: str
    sample: int
    length: int

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"sample {self.sample} of `{self.name}` has length {self.length}, and a sequence has at least one point",
            label=f"`{self.name}` is declared here", help="leave empty samples out",
        )  # fmt: skip


class LengthsDisagree(Problem):
    """Two inputs share a length, and a sample has another length in one than in the other.

    `input w: class(V)[1..T]` and `input tag: class(K)[1..T]` have as many tags as words in every sample.
    """

    code = "R417"
    length: str
    first: str
    points: int
    second: str
    others: int
    sample: int

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"`{self.first}` and `{self.second}` share the length {self.length}, and sample {self.sample} has {self.points} and {self.others}",
            label=f"`{self.second}` has {self.others} points there",
            help="give both inputs samples of the same length, or name their lengths apart (`1..S` and `1..T`)",
        )  # fmt: skip


class NoTree(Problem):
    """The children that were given for the nodes of a sample do not make a tree.

    `dim N = tree(2)` takes for each node the numbers of its children, -1 where there is none. Nodes count from 0; children stand
    before their parent, the root is the last node, and no node has two parents.
    """

    code = "R418"
    name: str
    sample: int
    node: int
    child: int
    other: int | None = None  # another node that has this child

    def diagnose(self) -> Diagnostic:
        wrong = "children stand before their parent" if self.other is None else f"so does node {self.other}"
        return self.worded(
            f"node {self.node} of sample {self.sample} has the child {self.child}, and {wrong}",
            label=f"the tree `{self.name}` is declared here",
            help="number the nodes so that each comes after its own children and the root is last; -1 stands for no child",
        )  # fmt: skip


class InputUnfit(Problem):
    """What was typed for an input cannot be read as one.

    `--input` takes a text in the run's own symbols, numbers with blanks between, a picture, a NumPy file or a text file; for one
    of several inputs `--input NAME=VALUE`.
    """

    code = "R430"
    typed: str
    name: str
    reason: str
    mend: str

    def diagnose(self) -> Diagnostic:
        shown = self.typed if len(self.typed) <= 40 else f"{self.typed[:39]}…"
        target = f" as the input `{self.name}`" if self.name else ""
        return self.worded(f"`{shown}` cannot be taken{target}: {self.reason}", help=self.mend)
