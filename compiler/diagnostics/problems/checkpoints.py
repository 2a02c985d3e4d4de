"""Problems with runs and checkpoints on disk."""

from __future__ import annotations

from netc.compiler.diagnostics.model import Diagnostic, Problem


class NoRun(Problem):
    """A folder is not a run of `netc train`, or its training ended before a checkpoint was saved.

    A run holds `run.json`, the spec, and the checkpoints `last` and `best`, which are saved after each epoch.
    """

    code = "R201"
    path: str
    missing: str

    def diagnose(self) -> Diagnostic:
        if self.missing != "run.json":
            message = f"the run `{self.path}` has no checkpoint: it ended before one was saved"
            return self.worded(message, help="train it again: checkpoints are saved after each epoch, and by Ctrl-C")
        return self.worded(f"`{self.path}` is no run: {self.missing} is not there", help="`netc runs` lists those below `runs`, `netc runs FOLDER` those elsewhere")


class RunExists(Problem):
    """A new training was to be kept in a folder that holds a run already. Nothing is written over."""

    code = "R208"
    path: str

    def diagnose(self) -> Diagnostic:
        return self.worded(f"`{self.path}` holds a run already", help=f"choose another folder, or go on with it: `--resume {self.path}`")


class CheckpointDamaged(Problem):
    """A checkpoint cannot be read, or its checksum does not match."""

    code = "R202"
    path: str
    reason: str

    def diagnose(self) -> Diagnostic:
        return self.worded(f"the checkpoint `{self.path}` cannot be used: {self.reason}", help="use the run's other checkpoint (`best` or `last`)")


class CheckpointUnfit(Problem):
    """A checkpoint belongs to another spec or has another format."""

    code = "R203"
    path: str
    reason: str
    mend: str = "resume with the spec that the run was started with"

    def diagnose(self) -> Diagnostic:
        return self.worded(f"the checkpoint `{self.path}` does not fit: {self.reason}", help=self.mend)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{n}`" for n in names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


class WeightsUnmatched(Problem):
    """A file of weights and a net do not name the same things.

    `load = weights("f.safetensors")` is strict: every tensor of the file goes to a parameter (or state) of the same name, and
    every parameter gets a tensor. What is meant to stay out is named: `skip = ["fc.*"]` leaves tensors in the file and
    parameters at their first values. `into = "encoder"` puts the file's names below a layer; `names = "map.txt"` renames,
    one `theirs ours` on a line, a `*` in both for the same text.
    """

    code = "R204"
    path: str
    tensors: tuple[str, ...]
    parameters: tuple[str, ...]
    guess: tuple[str, str] | None = None

    def diagnose(self) -> Diagnostic:
        parts = []
        if self.tensors:
            parts.append(f"{len(self.tensors)} of its tensors go nowhere")
        if self.parameters:
            parts.append(f"{len(self.parameters)} of the net's parameters get nothing")
        notes = [f"in the file, without a parameter: {_listed(self.tensors)}"] if self.tensors else []
        notes += [f"in the net, without a tensor: {_listed(self.parameters)}"] if self.parameters else []
        stems = dict.fromkeys(n.partition(".")[0] + ".*" if "." in n else n for n in (*self.tensors, *self.parameters))
        patterns = ", ".join(f'"{p}"' for p in list(stems)[:6])
        hint = f"`{self.guess[0]}` may be `{self.guess[1]}`: rename it with `names = \"map.txt\"`; or " if self.guess else ""
        return self.worded(
            f"`{self.path}` does not fit the net: {' and '.join(parts)}",
            notes=tuple(notes),
            help=f"{hint}name what is meant to stay out: `skip = [{patterns}]`",
        )


class WeightSizesDiffer(Problem):
    """A tensor of a file of weights has other sizes than the parameter of its name."""

    code = "R205"
    tensor: str
    found: tuple[int, ...]
    parameter: str
    expected: tuple[int, ...]

    def diagnose(self) -> Diagnostic:
        found, expected = ("×".join(map(str, s)) or "a single number" for s in (self.found, self.expected))
        return self.worded(
            f"the tensor `{self.tensor}` is {found}, and the parameter `{self.parameter}` is {expected}",
            help=f'leave it out and train it anew: `skip = ["{self.tensor}"]`, or give the layer the sizes of the file',
        )


class NameMapWrong(Problem):
    """A line of a name map is not `theirs ours`.

    Each line of the file that `names` gives holds a name of the file of weights and the path in the net, parted by blanks. A
    `*` may stand once in both, for the same text: `layer1.*.weight  stage1.*.K`. Lists in braces are taken in turn, as many
    on either side: `bn1.{weight,bias}  BatchNorm.{g,b}`.
    """

    code = "R206"
    path: str
    line: int
    text: str

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"line {self.line} of `{self.path}` is no pair of names: `{self.text}`", help="write `theirs ours`, with one `*` in both or in neither, and lists `{a,b}` of equal length"
        )


class WeightsMissing(Problem):
    """The file of weights that a net is to begin with is not there.

    `load = weights("low")` names a run folder or a safetensors file below the spec's folder; `netc train FILE --from RUN`
    takes one from anywhere.
    """

    code = "R207"
    path: str
    tried: str

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"there are no weights `{self.path}`",
            label="no such run or file",
            notes=(f"looked for {self.tried}",),
            help="train the net that they come from first, or name another run: `--from RUN`",
        )


class NamesMeet(Problem):
    """A name map gives two parameters of a net one name, so they cannot be written into one file.

    Of the lines that fit a name the first one holds; a name that no line fits stays as it is.
    """

    code = "R209"
    name: str
    first: str
    second: str

    def diagnose(self) -> Diagnostic:
        return self.worded(f"`{self.first}` and `{self.second}` would both be called `{self.name}`", help="give each a line of its own in the name map")
