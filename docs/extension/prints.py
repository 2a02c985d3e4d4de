"""`netc`: what a command prints, run while the pages are made."""

from __future__ import annotations

import contextlib
import io
import os
import shlex
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from netc.compiler.diagnostics.error import NetcError
from netc.runtime.cli import root
from netc.runtime.cli.output import show_problems
from sphinx.util.docutils import SphinxDirective

from docs.extension.specs import code
from docs.extension.zoo import SPECS


class Prints(SphinxDirective):
    """```{netc} check vision/lenet5.net`: run in the folder of the spec. `code` is the exit code, `net` the one net meant.

    `from` and `to` are beginnings of the first and the last line shown; what is left out is shown as `⋮`.
    """

    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar = {
        "code": int,
        "net": directives.unchanged,
        "from": directives.unchanged,
        "to": directives.unchanged,
    }

    def run(self) -> list[nodes.Node]:
        words, folder = self.settled()
        words += ["--net", self.options["net"]] if "net" in self.options else []
        status, text = printed(words, folder)
        if status != self.options.get("code", 0):
            raise self.error(f"`netc {' '.join(words)}` ended with {status}:\n{text}")
        shown = self._part(_settled(text))
        typed = nodes.container("", nodes.inline("", f"netc {shlex.join(words)}", classes=["typed"]), classes=["strip"])
        return [nodes.container("", typed, code(shown, "text", ["printed"]), classes=["prints"])]

    def settled(self) -> tuple[list[str], str]:
        """The command's words with specs named as in their own folder, and that folder."""
        words = shlex.split(self.arguments[0])
        places = [w for w in words if ".net" in w]
        for place in places:
            self.env.note_dependency(f"../specs/{place.partition(':')[0]}")
        folder = (SPECS / places[0]).parent if places else SPECS
        return [os.path.relpath(SPECS / w, folder) if w in places else w for w in words], str(folder)

    def _part(self, text: str) -> str:
        lines = text.split("\n")
        first, last = 0, len(lines) - 1
        if "from" in self.options:
            first = self._place(lines, self.options["from"], 0)
        if "to" in self.options:
            last = self._place(lines, self.options["to"], first)
        return "\n".join([*["⋮"] * (first > 0), *lines[first : last + 1], *["⋮"] * (last < len(lines) - 1)])

    def _place(self, lines: list[str], beginning: str, after: int) -> int:
        found = [k for k, line in enumerate(lines) if k >= after and line.strip().startswith(beginning)]
        if not found:
            raise self.error(f"no line begins with `{beginning}`")
        return found[0]


class Worked(Prints):
    """```{worked} vision/lenet5.net:c3`: the equation and its gradient as `netc explain --latex` writes them."""

    option_spec: ClassVar = {"net": directives.unchanged, "lines": int}

    def run(self) -> list[nodes.Node]:
        self.arguments[0] = f"explain {self.arguments[0]} --latex"
        words, folder = self.settled()
        words += ["--net", self.options["net"]] if "net" in self.options else []
        status, text = printed(words, folder)
        if status:
            raise self.error(f"`netc {shlex.join(words)}` ended with {status}:\n{text}")
        lines = text.strip().split("\n")[: self.options.get("lines")]
        formulas = [nodes.math_block(x, x, nowrap=False, number=None, label=None, classes=["worked"]) for x in lines]
        typed = nodes.container("", nodes.inline("", f"netc {shlex.join(words)}", classes=["typed"]), classes=["strip"])
        return [nodes.container("", typed, *formulas, classes=["prints", "worked"])]


def printed(words: list[str], folder: str) -> tuple[int, str]:
    """The exit code of a command in a folder, and what it writes to both streams."""
    stream = io.StringIO()
    before, columns = os.getcwd(), os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = "92"
    os.chdir(folder)
    try:
        with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream):
            try:
                done = root.main(words, prog_name="netc", standalone_mode=False)
            except NetcError as error:
                show_problems(error.problems)
                done = error.exit_code
    finally:
        os.chdir(before)
        os.environ.pop("COLUMNS", None)
        if columns is not None:
            os.environ["COLUMNS"] = columns
    return (done if isinstance(done, int) else 0), stream.getvalue()


def _settled(text: str) -> str:
    """Without the line that says how long it took."""
    return "\n".join(line for line in text.rstrip().split("\n") if not line.startswith(" time    checked"))
