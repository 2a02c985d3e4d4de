"""Problems with data: sources, files, and how fields meet a net's inputs."""

from __future__ import annotations

from netc.compiler.diagnostics.model import Diagnostic, Problem


class NoSource(Problem):
    """Neither the spec nor the command says what to train on.

    A spec names its data in its `train` block, `data = digits()`; `--data digits` names it on the command line, and
    `netc.train(spec, data=...)` in Python. `netc data` lists the sources.
    """

    code = "R107"
    known: tuple[str, ...]

    def diagnose(self) -> Diagnostic:
        return self.worded("no data is named", help=f"write `data = digits()` into the `train` block, or `--data digits`; netc has {', '.join(f'`{k}`' for k in self.known)}")


class DataMissing(Problem):
    """The files of a data set are nowhere to be found.

    netc looks at the path given by `--data`, below the spec's folder, in `$NETC_DATA`, in its cache, and among the copies that
    torchvision and Keras keep. Then it tries to download. Data is never swapped for other data silently.
    """

    code = "R103"
    name: str
    tried: tuple[str, ...]
    files: tuple[tuple[str, int, str], ...]  # name, bytes, md5 of the unpacked file
    alternative: str

    def diagnose(self) -> Diagnostic:
        wanted = "; ".join(f"{n} (unpacked {size:,} bytes, md5 {md5})" for n, size, md5 in self.files)
        notes = (f"looked in {', '.join(self.tried)}", f"the files are {wanted}") if self.files else (f"looked in {', '.join(self.tried)}",)
        return self.worded(f"the data `{self.name}` is not on this machine", notes=notes, help=self.alternative)


class FileDamaged(Problem):
    """A data file does not hold what its format says."""

    code = "R104"
    path: str
    reason: str
    mend: str = ""

    def diagnose(self) -> Diagnostic:
        return self.worded(f"`{self.path}` cannot be used: {self.reason}", help=self.mend or "check the file, or get it again")


class OutsideFolder(Problem):
    """A spec names a data file outside its own folder.

    A spec reads only below its own folder, so that a spec from elsewhere cannot reach other files of your machine. A path on
    the command line (`--data`) may lie anywhere.
    """

    code = "R105"
    path: str

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"`{self.path}` lies outside the folder of the spec", label="leaves the folder", help=f"give it on the command line: `--data {self.path}`"
        )


class FieldsUnfit(Problem):
    """The fields of the data do not fit the inputs of the net.

    Fields meet inputs by name; what is left meets in order, where kind and sizes fit.
    """

    code = "R106"
    fields: tuple[str, ...]
    inputs: tuple[str, ...]
    reason: str
    mend: str

    def diagnose(self) -> Diagnostic:
        notes = (f"the data has {', '.join(self.fields)}", f"the net takes {', '.join(self.inputs)}")
        return self.worded(f"the data does not fit the net: {self.reason}", notes=notes, help=self.mend)


class SequenceEmpty(Problem):
    """A sample of the data has a sequence without a point.

    A length `1..T` is at least 1. A sample without a word or a number says nothing, and `h[T]` would not exist for it.
    """

    code = "R108"
    field: str
    part: str
    sample: int

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"`{self.field}` is empty in sample {self.sample} of the {self.part} part (counted from 0)",
            notes=("a length is at least 1",),
            help="leave the sample out of the data",
        )


class LengthsDiffer(Problem):
    """Two inputs share a length, and the data gives them different lengths in one sample.

    `input w: class(V)[1..T]` and `input tag: class(K)[1..T]` say that each sample has as many tags as words.
    """

    code = "R109"
    part: str
    sample: int
    length: str
    first: tuple[str, str, int]  # input, field, points
    second: tuple[str, str, int]

    def diagnose(self) -> Diagnostic:
        (one, a, m), (other, b, n) = self.first, self.second
        return self.worded(
            f"sample {self.sample} of the {self.part} part has {_points(m, a)} and {_points(n, b)}",
            notes=(f"the inputs `{one}` and `{other}` share the length {self.length}; samples are counted from 0",),
            help=f"mend the data, or give one of the two inputs a length of its own, `1..{'S' if self.length != 'S' else 'T'}`",
        )


def _points(count: int, field: str) -> str:
    return f"{count} {'point' if count == 1 else 'points'} of `{field}`"


class StepUnfit(Problem):
    """A step of the data is for samples of one size, and the data has sequences.

    `resize` and `border` change images, `flatten` makes one axis of several, `classes` picks samples by their class.
    `normalise`, `scale`, `range`, `take` and `fewer` serve sequences too.
    """

    code = "R110"
    step: str
    field: str
    sort: str
    what: str

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"`{self.step}` does not apply to sequences: `{self.field}` is {self.sort}",
            label=f"serves {self.what}",
            help="leave the step out; `normalise`, `scale`, `range`, `take` and `fewer` serve sequences",
        )


class SymbolOutside(Problem):
    """A text holds a symbol that is not in the vocabulary.

    The vocabulary is made from the training part and saved with the run. Where it was limited by `symbols=N`, the rest is one
    symbol `<unk>`, and nothing is outside.
    """

    code = "R111"
    symbol: str
    where: str
    size: int
    guess: str | None
    run: tuple[str, ...] = ()  # what the run knows, where it is given other data

    def diagnose(self) -> Diagnostic:
        hint = f"did you mean `{self.guess}`? " if self.guess else ""
        if self.run:
            some = f"it knows {', '.join(self.run)}: " if len(self.run) <= 20 else ""
            return self.worded(
                f"{self.symbol!r} {self.where} is not among the {self.size:,} symbols that the run was trained with",
                label="not known to the run",
                help=f"{hint}{some}mend the data, or train with data that hold {self.symbol!r}",
            )
        return self.worded(
            f"{self.symbol!r} {self.where} is not among the {self.size:,} symbols of the vocabulary",
            label="not in the vocabulary",
            help=f"{hint}write it otherwise, or train with `symbols=N`, which keeps one symbol for all that is rare",
        )


class NoStream(Problem):
    """A text is too short for the parallel streams in which it is trained.

    With `bptt = k` a text is taken as `batch` streams side by side; each carries its state from one chunk of k points into
    the next, and needs at least one point to predict.
    """

    code = "R112"
    field: str
    reason: str

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"`{self.field}` cannot be read as a stream: {self.reason}", help="use a smaller `batch`, or a longer text"
        )


class SamplesUneven(Problem):
    """The samples given for one input differ in more than their length.

    An input `real[1..T, 3]` takes samples of `(T, 3)` numbers, each with a T of its own.
    """

    code = "R113"
    name: str
    sample: int
    found: tuple[int, ...]
    first: tuple[int, ...]

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"sample {self.sample} given for `{self.name}` has the shape {self.found}, and the first has {self.first}",
            notes=("samples may differ in their first axis alone",),
            help="give each sample as an array with the same further axes",
        )
