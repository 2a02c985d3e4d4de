"""Problems of lines, blocks and brackets."""

from __future__ import annotations

from netc.compiler.diagnostics.model import Diagnostic, Edit, Label, Problem
from netc.compiler.source.text import Span

_CLOSE = {"(": ")", "[": "]"}


class UnclosedBracket(Problem):
    """A bracket was opened and never closed.

    Inside brackets the end of a line means nothing, so a forgotten one would swallow what follows.

    Wrong:
        net N:
            input x: real[3]
            y = sum[i](x[i]
    Right:
        net N:
            input x: real[3]
            y = sum[i](x[i])
    """

    code = "E0103"
    bracket: str
    open: int = 1

    def diagnose(self) -> Diagnostic:
        more = f", nor {'the one' if self.open == 2 else f'the {self.open - 1:,}'} around it" if self.open > 1 else ""
        return self.worded(
            f"this `{self.bracket}` is never closed{more}",
            label="opened here",
            help=f"close it with `{_CLOSE[self.bracket]}` before the statement ends",
        )


class StrayBracket(Problem):
    """A bracket closes what was not opened, or closes it with the wrong sign.

    Wrong:
        net N:
            input x: real[3]
            y = 2 * x)
    Right:
        net N:
            input x: real[3]
            y = 2 * x
    """

    code = "E0114"
    bracket: str
    opener: Span | None

    def diagnose(self) -> Diagnostic:
        if self.opener is None:
            return self.worded(
                f"this `{self.bracket}` closes nothing", label="nothing is open", help="remove it, or open it before"
            )
        return self.worded(
            f"`{self.bracket}` does not close `{self.opener.text}`",
            label="closes here",
            labels=(Label(self.opener, "opened here"),),
            help=f"close it with `{_CLOSE[self.opener.text]}`",
        )


class BadDedent(Problem):
    """A line ends a block but does not line up with any block around it.

    Wrong:
        net N:
                input x: real[3]
            y = 2 * x
    Right:
        net N:
            input x: real[3]
            y = 2 * x
    """

    code = "E0104"
    column: int
    open_blocks: tuple[int, ...]

    def diagnose(self) -> Diagnostic:
        blocks = " and ".join(str(b) for b in self.open_blocks)
        return self.worded(
            f"this line is indented by {self.column}, which is no open block: they are indented by {blocks}",
            label="does not line up",
            help="line it up with the statement that it belongs beside",
        )


class BadIndent(Problem):
    """A line is indented deeper than the one before, which opens no block.

    Blocks follow a line that ends with `:`. A line that begins with `->` or a binary operator continues the one before, and
    may stand at any depth.

    Wrong:
        net N:
            input x: real[3]
                y = 2 * x
    Right:
        net N:
            input x: real[3]
            y = 2 * x
    """

    code = "E0117"
    column: int
    open_blocks: tuple[int, ...]

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"this line is indented by {self.column}, but no block begins here",
            label="deeper than its block",
            notes=("a block follows a line that ends with `:`",),
            help=f"indent it by {self.open_blocks[-1]}" if self.open_blocks[-1] else "move it to the left margin",
        )


class TabIndent(Problem):
    """A line is indented with a tab.

    Tabs look different in every editor, so blocks are indented with spaces alone: four for each level.
    """

    code = "E0105"
    indent: str
    lines: int = 1

    def diagnose(self) -> Diagnostic:
        return self.worded(
            "the indentation holds a tab" + (f", here and in {self.lines - 1:,} more lines" if self.lines > 1 else ""),
            label="a tab",
            help="indent with four spaces for each level",
            edit=Edit(self.span, self.indent.expandtabs(4)),
        )


class EmptyBlock(Problem):
    """A header is not followed by indented lines.

    Wrong:
        net N:
    Right:
        net N:
            input x: real[3]
            y = 2 * x
    """

    code = "E0113"
    header: str

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"`{self.header}` has nothing in its block",
            label="a block must follow",
            help="indent its statements by four spaces",
        )


class MissingColon(Problem):
    """The line that opens a block does not end with `:`.

    Wrong:
        net N
            input x: real[3]
            y = 2 * x
    Right:
        net N:
            input x: real[3]
            y = 2 * x
    """

    code = "E0123"
    header: str

    def diagnose(self) -> Diagnostic:
        return self.worded(
            "a `:` is missing before the block",
            label="here",
            help=f"write `{self.header}:`",
            edit=Edit(self.span, ":"),
        )


class LineEndsEarly(Problem):
    """A line ends with an operator, and its right side stands on the next line.

    A line that begins with `->` or a binary operator continues the one before: the operator stands first, where it shows
    that the line is a continuation. Inside brackets a line may end anywhere.

    Wrong:
        net N:
            input x: real[3]
            y = 2 * x +
                3 * x
    Right:
        net N:
            input x: real[3]
            y = 2 * x
                + 3 * x
    """

    code = "E0119"
    operator: str

    def diagnose(self) -> Diagnostic:
        match self.operator:
            case "=" | "~":
                help = "begin the value on this line, or put it in `( )`"
            case ",":
                help = "keep the list on one line, or write two statements"
            case _:
                help = f"begin the next line with `{self.operator}`, or put the expression in `( )`"
        return self.worded(f"the line ends after `{self.operator}`", label="the line goes on after this", help=help)
