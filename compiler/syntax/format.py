"""One style for every spec, with the author's comments and line breaks.

Indentation is four spaces for each level and one level more for a continued line. One blank stands around operators; `^`,
`..` and `.` take none. Around `+ - * / // %` the author's choice stays, because it groups as eyes do: `2*i + u`. A comment
behind a statement keeps its column where it can, and those that were lined up stay so. Only blanks change, never a token.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.source.text import Source
from netc.compiler.syntax.lexer import lex
from netc.compiler.syntax.parser import parse
from netc.compiler.syntax.signs import operand_ends
from netc.compiler.syntax.tokens import HEADERS, Kind

_TIGHT = frozenset({"^", "..", "."})
_FREE = frozenset({"+", "-", "*", "/", "//", "%"})


def format_source(source: Source, reporter: Reporter) -> str:
    """The text in netc's style. A text with problems comes back as it is; the problems are with the reporter."""
    found = Reporter()
    parse(source, found)
    for problem in found.problems:
        reporter.report(problem)
    if found.problems:
        return source.text
    lines = _Layout(source).lines()
    _part_blocks(lines)
    _align_comments(lines)
    return "".join(f"{line.text}\n" for line in lines)


@dataclass
class _Line:
    """One line of the result."""

    depth: int
    code: str = ""
    comment: str = ""  # behind the code
    column: int = 0  # where the comment stood, and then where it stands
    header: bool = False  # opens a block

    @property
    def text(self) -> str:
        before = " " * (4 * self.depth) + self.code if self.code else ""
        return f"{before.ljust(self.column)}{self.comment}" if self.comment else before

    @property
    def width(self) -> int:
        return 4 * self.depth + len(self.code)

    @property
    def is_comment(self) -> bool:
        return self.code.startswith("#")


class _Layout:
    """Puts the tokens of a source into lines."""

    def __init__(self, source: Source) -> None:
        self.text, self.tokens = source.text, lex(source, Reporter()).tokens
        self.found: list[_Line] = []
        self.columns = [0]  # of the open blocks, in the source
        self.closing = 0  # blocks that end before the next statement
        self.brackets = 0

    def lines(self) -> list[_Line]:
        end, begins = 0, True
        for k, token in enumerate(self.tokens):
            match token.kind:
                case Kind.NEWLINE:
                    begins = True
                case Kind.INDENT:
                    self.columns.append(self._column(token.start))
                case Kind.DEDENT:
                    self.closing += 1
                case Kind.END:
                    self._between(end, len(self.text), True)
                case _:
                    broken = self._between(end, token.start, begins)
                    del self.columns[len(self.columns) - self.closing :]
                    self.closing = 0
                    self._place(k, begins, broken or begins)
                    end, begins = token.end, False
        while self.found and not self.found[-1].code:
            self.found.pop()
        return self.found

    def _column(self, at: int) -> int:
        return at - (self.text.rfind("\n", 0, at) + 1)

    # ---- between two tokens --------------------------------------------------------------------------------------

    def _between(self, start: int, end: int, begins: bool) -> bool:
        """Comments and blank lines from `start` to `end`; whether a line ends there."""
        parts = self.text[start:end].split("\n")
        at = start
        for number, part in enumerate(parts):
            comment = part.strip()
            if comment:
                column = self._column(at + part.index("#"))
                if number == 0 and self.found:
                    self.found[-1].comment, self.found[-1].column = comment, column
                else:
                    self.found.append(_Line(self._depth(column, begins), comment))
            elif begins and 0 < number < len(parts) - 1 and self.found and self.found[-1].code:
                self.found.append(_Line(0))
            at += len(part) + 1
        return len(parts) > 1

    def _depth(self, column: int, begins: bool) -> int:
        """Where a comment of its own line belongs: to the deepest block that its column reaches, if that ends here."""
        following = len(self.columns) - 1 - self.closing
        if not begins:
            return following + 1
        return max(following, *(k for k, c in enumerate(self.columns) if c <= column))

    # ---- tokens --------------------------------------------------------------------------------------------------

    def _place(self, k: int, begins: bool, broken: bool) -> None:
        """Token k, at the end of the last line or on one of its own."""
        token = self.tokens[k]
        text = self.text[token.start : token.end]
        if token.kind is Kind.ROW:
            text = " ".join(c for c in text if c in "X.")
        operator = text if token.kind is Kind.OPERATOR else ""
        self.brackets -= operator in (")", "]")
        if broken:
            deeper = not begins and not (operator in (")", "]") and self.brackets == 0)
            header = begins and token.kind is Kind.KEYWORD and text in HEADERS and self.tokens[k + 1].text != "="
            self.found.append(_Line(len(self.columns) - 1 + deeper, text, header=header))
        else:
            self.found[-1].code += (" " if self._spaced(k) else "") + text
        self.brackets += operator in ("(", "[")

    def _spaced(self, k: int) -> bool:
        """Whether a blank stands before token k, which follows another on its line."""
        left, right = self.tokens[k - 1], self.tokens[k]
        a = left.text if left.kind is Kind.OPERATOR else ""
        b = right.text if right.kind is Kind.OPERATOR else ""
        if b in (",", ";", ")", "]", ":") or a in ("(", "[") or a in _TIGHT or b in _TIGHT:
            return False
        if a in (",", ";", ":"):
            return True
        if "=" in (a, b):  # inside brackets it gives a setting
            return self.brackets == 0
        if a in _FREE:
            return not self._is_sign(k - 1) and self._is_airy(k - 1)
        if b in ("(", "["):
            return not operand_ends(left)
        return self._is_airy(k) if b in _FREE and not self._is_sign(k) else True

    def _is_sign(self, k: int) -> bool:
        """Whether the operator at k has no left side: a sign, or the star of further axes."""
        return k == 0 or not operand_ends(self.tokens[k - 1])

    def _is_airy(self, k: int) -> bool:
        """Whether the author left a blank on either side of the operator at k."""
        return self.tokens[k - 1].end < self.tokens[k].start or self.tokens[k].end < self.tokens[k + 1].start


# ---- lines -------------------------------------------------------------------------------------------------------


def _part_blocks(lines: list[_Line]) -> None:
    """One blank line around each block of the top level (its comments stay with it), none behind a header."""
    for k in reversed(range(1, len(lines))):
        if not lines[k].code and lines[k - 1].header:
            del lines[k]
    k = len(lines) - 1
    while k > 0:
        line, first = lines[k], k
        if line.depth == 0 and line.code and not line.is_comment:
            while first > 0 and lines[first - 1].is_comment and lines[first - 1].depth == 0:
                first -= 1
            before = lines[first - 1] if first else None
            if before is not None and before.code and (line.header or before.depth > 0):
                lines.insert(first, _Line(0))
        k = first - 1


def _align_comments(lines: list[_Line]) -> None:
    """Two blanks at least before a comment; neighbours that shared a column share one again."""
    for column, group in groupby(lines, key=lambda line: line.column if line.comment else -1):
        if column >= 0:
            together = list(group)
            place = max(column, *(line.width + 2 for line in together))
            for line in together:
                line.column = place
