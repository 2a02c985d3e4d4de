"""Problems with data: sources, files, and how fields meet a net's inputs."""

from __future__ import annotations

from dataclasses import dataclass

from netc.compiler.diagnostics.model import Diagnostic, Problem


@dataclass(frozen=True)
class UnknownSource(Problem):
    """The `data` setting names a source or a step that netc does not have."""

    code = "R101"
    what: str
    name: str
    known: tuple[str, ...]
    guess: str | None

    def diagnose(self) -> Diagnostic:
        hint = f"did you mean `{self.guess}`? " if self.guess else ""
        return self.worded(
            f"there is no data {self.what} `{self.name}`", label=f"unknown {self.what}", help=f"{hint}netc has {', '.join(f'`{k}`' for k in self.known)}"
        )


@dataclass(frozen=True)
class NoSource(Problem):
    """Neither the spec nor the command says what to train on.

    A spec names its data in its `train` block, `data = digits()`; `--data digits` names it on the command line, and
    `netc.train(spec, data=...)` in Python. `netc data` lists the sources.
    """

    code = "R107"
    known: tuple[str, ...]

    def diagnose(self) -> Diagnostic:
        return self.worded("no data is named", help=f"write `data = digits()` into the `train` block, or `--data digits`; netc has {', '.join(f'`{k}`' for k in self.known)}")


@dataclass(frozen=True)
class ArgumentUnfit(Problem):
    """A source or a step of the data is given something it cannot use."""

    code = "R102"
    name: str
    reason: str
    usage: str

    def diagnose(self) -> Diagnostic:
        return self.worded(f"`{self.name}` {self.reason}", label=self.reason, help=f"write `{self.usage}`")


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class FileDamaged(Problem):
    """A data file does not hold what its format says."""

    code = "R104"
    path: str
    reason: str
    mend: str = ""

    def diagnose(self) -> Diagnostic:
        return self.worded(f"`{self.path}` cannot be used: {self.reason}", help=self.mend or "check the file, or get it again")


@dataclass(frozen=True)
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


@dataclass(frozen=True)
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
