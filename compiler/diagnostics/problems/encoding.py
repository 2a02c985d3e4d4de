"""Problems with the bytes of a file, before there is any text."""

from __future__ import annotations

from netc.compiler.diagnostics.model import Diagnostic, Problem


class NotText(Problem):
    """The file is not UTF-8 text.

    Specs are UTF-8 (a byte order mark and Windows line ends are fine). UTF-16, as some Windows programs save it, and binary
    files are refused.
    """

    code = "E0120"
    reason: str
    help: str = "save the file as UTF-8"

    def diagnose(self) -> Diagnostic:
        return self.worded(f"the file is not UTF-8 text: {self.reason}", help=self.help)


class EmptyFile(Problem):
    """The file holds no statement: it is empty, or blank, or all comments.

    The smallest spec is a net with an input and an equation. `netc new --list` shows starters.
    """

    code = "E0121"

    def diagnose(self) -> Diagnostic:
        return self.worded("the file holds no statement", help="`netc new --list` shows specs to start from")


class PajekFile(Problem):
    """The file is a Pajek graph, which shares the ending `.net` with netc's specs.

    Pajek files list the vertices and edges of a graph, and begin with `*Vertices`. A spec begins with a comment or a word
    such as `net`, `layer` or `use`.
    """

    code = "E0122"

    def diagnose(self) -> Diagnostic:
        return self.worded(
            "this is a Pajek graph file, not a netc spec",
            label="`*Vertices` begins a Pajek graph",
            notes=("both kinds of file end in `.net`",),
            help="open it with Pajek or a graph library",
        )
