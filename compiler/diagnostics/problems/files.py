"""Problems with files that a spec or a command names."""

from __future__ import annotations

from netc.compiler.diagnostics.model import Diagnostic, Problem
from netc.compiler.diagnostics.suggest import suggest


class FileNotReadable(Problem):
    """A file named on the command line or in Python cannot be read.

    netc reads specs (`.net` files, UTF-8 text, at most 4 MiB) and run folders by their path, relative to the folder you
    stand in.
    """

    code = "R401"
    path: str
    reason: str
    near: tuple[str, ...] = ()
    wanted: str = "give the path of a `.net` file; `netc new --list` shows starters"

    def diagnose(self) -> Diagnostic:
        name = self.path.replace("\\", "/").rsplit("/", 1)[-1]
        guess = suggest(name, self.near)
        help = f"did you mean `{guess}`?" if guess else self.wanted
        return self.worded(f"cannot read `{self.path}`: {self.reason}", help=help)


class FileNotWritable(Problem):
    """A file or a folder cannot be written: its folder is not there, is full, or belongs to someone else."""

    code = "R408"
    path: str
    reason: str

    def diagnose(self) -> Diagnostic:
        return self.worded(f"cannot write `{self.path}`: {self.reason}", help="choose another place, or make its folder first")


class FormatUnknown(Problem):
    """A picture of a net was asked for in a form that netc does not write. It writes SVG, Mermaid and dot."""

    code = "R407"
    name: str
    known: tuple[str, ...]

    def diagnose(self) -> Diagnostic:
        guess = suggest(self.name, self.known)
        hint = f"did you mean `{guess}`? " if guess else ""
        return self.worded(f"there is no picture format `{self.name}`", help=f"{hint}the formats are {', '.join(f'`{k}`' for k in self.known)}")


class UsedFileMissing(Problem):
    """A file named by `use` is not there, or lies outside the folder of the spec.

    `use "blocks.net"` takes the layers, functions and tables of another file. It must lie in the spec's own folder or
    below it, so that a spec and what it uses travel together and cannot reach other files of the machine.
    """

    code = "E0220"
    path: str
    near: tuple[str, ...] = ()

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"there is no file `{self.path}` below this spec's folder",
            label="named here",
            notes=("`use` reads only files in the spec's own folder or below it",),
            help="put the file beside the spec, or correct the name",
        )


class UseCycle(Problem):
    """Files use each other in a circle.

    `use` brings the layers of another file into this one; when that file uses this one again, neither is first. Move what
    both need into a third file.
    """

    code = "E0221"
    chain: tuple[str, ...]

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"these files use each other in a circle: {' → '.join(self.chain)}",
            help="move what both need into a third file and `use` that",
        )
