"""Text to tokens: words, numbers, operators, and the structure that indentation gives.

A line that begins with `->` or a binary operator continues the one before; so does anything inside brackets. Whatever is
wrong is reported once and mended in a likely way, so that the rest of the file still reads.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.characters import (
    Latex,
    NumberTooLarge,
    UnclosedString,
    UnknownCharacter,
    WrongComment,
)
from netc.compiler.diagnostics.problems.layout import (
    BadDedent,
    BadIndent,
    LineEndsEarly,
    StrayBracket,
    TabIndent,
    UnclosedBracket,
)
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.source.text import Source, Span
from netc.compiler.syntax.signs import Signs
from netc.compiler.syntax.tokens import (
    COMMENT,
    CONTINUES,
    DRAWN,
    HEADERS,
    INDENTATION,
    KEYWORDS,
    ROW,
    TOKEN,
    WORD,
    Kind,
    Token,
)

_CLOSES = {")": "(", "]": "["}
_WANTS_MORE = frozenset(
    {"->", "..", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "@", "^", "<", ">", "=", "~", ","}
)
_INSIDE = frozenset({"if", "else", "and", "or", "not", "in", "init", "where"})  # words that begin no statement
_STATEMENT = re.compile(rf"({WORD})(?:(\[[^\]=]*\])?[ \t]*[=~](?!=)[^\n]*|[ \t]+[^\W\d][^\n]*|[ \t]*:)")
_LARGEST = 2**63 - 1
_GUESSED = (UnclosedBracket, StrayBracket, UnknownCharacter, UnclosedString, Latex)


@dataclass(frozen=True)
class Lexed:
    """The tokens of a source, and where a problem was mended by a guess: the parser is silent about such a line."""

    tokens: list[Token]
    faults: list[int]


def lex(source: Source, reporter: Reporter) -> Lexed:
    """All tokens of a source; the last one is `END`."""
    lexer = Lexer(source)
    lexer.run()
    if lexer.unclosed:  # it has swallowed the rest of the file: read again, with an eye on where statements begin
        lexer = Lexer(source, watchful=True)
        lexer.run()
    for problem in lexer.problems:
        reporter.report(problem)
    return Lexed(lexer.tokens, sorted(p.span.start for p in lexer.problems if _is_guessed(p)))


def _is_guessed(problem: Problem) -> bool:
    certain = isinstance(problem, UnknownCharacter) and problem.meant is not None
    return isinstance(problem, _GUESSED) and not certain


class Lexer(Signs):
    """One reading of a source."""

    def __init__(self, source: Source, watchful: bool = False) -> None:
        super().__init__(source)
        self.watchful = watchful
        self.open: list[Token] = []
        self.unclosed = False  # some bracket was open at the end of its statement
        self.indents = [0]
        self.odd: set[int] = set()  # depths of this block that were reported, and taken for its own
        self.first = 0  # the token that begins the current line
        self.grid = False  # the lines of this block are rows of a table
        self.flat = False  # and stand no deeper than its header
        self.tabs: list[Span] = []  # indentations that hold one

    def run(self) -> None:
        self._line_start()
        while self.at < len(self.text):
            self._next()
        self._close_brackets()
        if self.tokens and self.tokens[-1].kind not in (Kind.NEWLINE, Kind.DEDENT):
            self._add(Kind.NEWLINE, "", self.at)
        for _ in self.indents[1:]:
            self._add(Kind.DEDENT, "", self.at)
        self._add(Kind.END, "", self.at)
        if self.tabs:
            self.problems.append(TabIndent(self.tabs[0], self.tabs[0].text, len(self.tabs)))

    def _next(self) -> None:
        found = TOKEN.match(self.text, self.at)
        if found is None:
            self.unknown()
            return
        start, text, group = self.at, found.group(), found.lastgroup
        self.at = found.end()
        match group:
            case "name":
                text = text if text.isascii() else unicodedata.normalize("NFC", text).replace("µ", "μ")
                self._add(Kind.KEYWORD if text in KEYWORDS else Kind.NAME, text, start)
            case "number":
                self._number(text, start)
            case "string":
                self._add(Kind.STRING, text, start)
            case "operator":
                self._operator(text, start)
            case "newline":
                self._newline(start)

    def _number(self, text: str, start: int) -> None:
        whole = text.isdigit()
        if (len(text) > 19 or int(text) > _LARGEST) if whole else float(text) == float("inf"):
            self.problems.append(NumberTooLarge(self._span(start, self.at), whole))
            text = "1"
        self._add(Kind.NUMBER, text, start)

    def _operator(self, text: str, start: int) -> None:
        if text in _CLOSES and not (self.open and self.open[-1].text == _CLOSES[text]):
            opener = self.open[-1] if self.open else None
            if not self._faulty():
                place = self._span(opener.start, opener.end) if opener else None
                self.problems.append(StrayBracket(self._span(start, self.at), text, place))
            if opener is None:
                return
            text = {"(": ")", "[": "]"}[opener.text]
        self._add(Kind.OPERATOR, text, start)
        if text in ("(", "["):
            self.open.append(self.tokens[-1])
        elif text in _CLOSES:
            self.open.pop()

    def _faulty(self) -> bool:
        """Whether this line was mended already."""
        return bool(self.problems) and self.problems[-1].span.start >= self.begin

    # ---- lines ---------------------------------------------------------------------------------------------------

    def _newline(self, start: int) -> None:
        after = self._following()
        if self.open:
            if not (self.watchful and self._statement_at(after)):
                return
        elif self._comment_at(after):
            return
        elif CONTINUES.match(self.text, after) and not self._in_table():
            self.at = after
            return
        elif self._ends_early(after):
            return
        self._close_brackets()
        self._add(Kind.NEWLINE, "", start)
        self._line_start()

    def _comment_at(self, after: int) -> bool:
        """Whether the next line is a comment of another language; it is told and left out."""
        found = COMMENT.match(self.text, after)
        if found is None:
            return False
        sign = found[1] or found[2]
        self.problems.append(WrongComment(self._span(after, after + len(sign)), sign))
        self.at = found.end()
        return True

    def _following(self) -> int:
        """Where the next line that says something begins to say it."""
        found = INDENTATION.match(self.text, self.at)
        assert found is not None  # the pattern matches nothing, too
        return found.end()

    def _ends_early(self, after: int) -> bool:
        """A line that ends with an operator, and a deeper one below: the reader meant them to be one."""
        last = self.tokens[-1] if self.tokens else None
        if last is None or last.text not in _WANTS_MORE or last.kind is not Kind.OPERATOR or self._in_table():
            return False
        if self._column(after) <= self.indents[-1] or after >= len(self.text):
            return False
        self.problems.append(LineEndsEarly(self._span(last.start, last.end), last.text))
        return True

    def _statement_at(self, after: int) -> bool:
        """Inside an open bracket: does the next line look like a new statement? Then the bracket was forgotten."""
        found = _STATEMENT.match(self.text, after)
        if found is None:
            return False
        word, rest = found.group(1), found.group()
        if rest.endswith(":"):
            return word in HEADERS  # `train:`
        if word in KEYWORDS:
            return word not in _INSIDE
        opened = sum(rest.count(c) for c in "([") - sum(rest.count(c) for c in ")]")
        return opened >= 0 and self._column(after) <= self.indents[-1] and bool(re.search(r"[=~]", rest))

    def _column(self, at: int) -> int:
        return at - (self.text.rfind("\n", 0, at) + 1)

    def _close_brackets(self) -> None:
        if not self.open:
            return
        self.unclosed = True
        innermost = self.open[-1]
        self.problems.append(
            UnclosedBracket(self._span(innermost.start, innermost.end), innermost.text, len(self.open))
        )
        self.open.clear()

    def _line_start(self) -> None:
        """Blank lines and comments are skipped; the depth of what follows opens or closes blocks."""
        found = INDENTATION.match(self.text, self.at)
        assert found is not None
        indent, start = found.group(1), found.start(1)
        self.at = found.end()
        if self.at >= len(self.text) or self.text[self.at] == "#":  # nothing, or a comment without an end of line
            self.at = len(self.text)
            return
        header = self._is_header()
        if "\t" in indent:
            self.tabs.append(self._span(start, self.at))
        self._depth(len(indent.expandtabs(4)), header, start)
        self.first, self.begin = len(self.tokens), self.at
        if self.grid:
            self._row()

    def _depth(self, depth: int, header: bool, start: int) -> None:
        if depth == self.indents[-1] and (self.flat or header and self._in_table()):
            self.grid = self.flat = ROW.match(self.text, self.at) is not None
        if depth > self.indents[-1] and header:
            self.indents.append(depth)
            self.odd.clear()
            self._add(Kind.INDENT, "", self.at)
            self.grid = self.tokens[self.first].text == "table"
            return
        while len(self.indents) > 1 and depth <= self.indents[-2]:
            self.indents.pop()
            self.odd.clear()
            self._add(Kind.DEDENT, "", self.at)
            self.grid = self.flat = False
        if depth == self.indents[-1] or depth in self.odd:
            return
        self.odd.add(depth)
        if "\t" in self.text[start : self.at]:
            return  # the tab is the problem
        problem = BadIndent if depth > self.indents[-1] else BadDedent
        self.problems.append(problem(self._span(start, self.at), depth, tuple(self.indents)))

    def _is_header(self) -> bool:
        """Whether the line before opens a block: it ends with `:`, or begins as such a line and the `:` is missing."""
        if len(self.tokens) < 2 or self.tokens[-1].kind is not Kind.NEWLINE:
            return False
        first, last = self.tokens[self.first], self.tokens[-2]
        if first.kind is Kind.NEWLINE:
            return False
        begins = first.kind is Kind.KEYWORD and first.text in HEADERS
        following = self.tokens[self.first + 1]
        return last.text == ":" and last.kind is Kind.OPERATOR or begins and following.text != "="

    def _in_table(self) -> bool:
        return self.grid or self.first < len(self.tokens) and self.tokens[self.first].text == "table"

    def _row(self) -> None:
        """All of a line of a table; whether it is a row is seen when it is read."""
        found = ROW.match(self.text, self.at) or DRAWN.match(self.text, self.at)
        if found is not None:
            start, self.at = self.at, found.end()
            self._add(Kind.ROW, found.group(), start)
