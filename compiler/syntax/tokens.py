"""Text to tokens: words, numbers, operators, and the structure that indentation gives.

A line that begins with `->` or a binary operator continues the one before; so does anything inside brackets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from netc.compiler.diagnostics.problems.syntax import (
    BadDedent,
    SmartQuote,
    StrayBracket,
    TabIndent,
    UnclosedBracket,
    UnclosedString,
    UnknownCharacter,
)
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.source.text import Source, Span

KEYWORDS = frozenset(
    "net layer def table use dim input param state const next output loss metric gate attention assert init where if else "
    "and or not in train sample".split()
)


class Kind(Enum):
    NAME = "name"
    KEYWORD = "keyword"
    NUMBER = "number"
    STRING = "string"
    OPERATOR = "operator"
    ROW = "row of a table"
    NEWLINE = "end of line"
    INDENT = "deeper line"
    DEDENT = "end of block"
    END = "end of file"


@dataclass(frozen=True, slots=True)
class Token:
    kind: Kind
    text: str
    start: int
    end: int


_WORD = r"[^\W\d][\w\u0300-\u036f]*'*"
_TOKEN = re.compile(
    rf"""(?P<blank>[ \t]+)|(?P<comment>\#[^\n]*)|(?P<newline>\r?\n)|(?P<name>{_WORD})
    |(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<string>"[^"\n]*")
    |(?P<operator>->|\.\.|//|==|!=|<=|>=|[-+*/%@^<>=~:;,.()\[\]])""",
    re.VERBOSE,
)
_CONTINUES = re.compile(r"->|==|!=|<=|>=|[-+*/%@^<>]|(?:and|or)\b")
_INDENT = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\r?\n)*([ \t]*)")
_ROW = re.compile(r"[X.](?:[ \t]*[X.])*(?=[ \t]*(?:#[^\n]*)?(?:\r?\n|\Z))")
_QUOTES = "“”„‟«»‘’‚‛"
_CLOSES = {")": "(", "]": "["}


class Lexer:
    """Makes the tokens of one source; problems go to the reporter and the text goes on after them."""

    def __init__(self, source: Source, reporter: Reporter) -> None:
        self.source, self.reporter, self.text = source, reporter, source.text
        self.tokens: list[Token] = []
        self.open: list[Token] = []
        self.indents = [0]
        self.at = 0
        self.grid = False  # the lines of this block are rows of a table

    def run(self) -> list[Token]:
        self._line_start()
        while self.at < len(self.text):
            self._next()
        self._close_brackets()
        if self.tokens and self.tokens[-1].kind not in (Kind.NEWLINE, Kind.DEDENT):
            self._add(Kind.NEWLINE, "", self.at)
        for _ in self.indents[1:]:
            self._add(Kind.DEDENT, "", self.at)
        self._add(Kind.END, "", self.at)
        return self.tokens

    def _span(self, start: int, end: int) -> Span:
        return Span(self.source, start, end)

    def _add(self, kind: Kind, text: str, start: int) -> None:
        self.tokens.append(Token(kind, text, start, start + len(text)))

    def _next(self) -> None:
        found = _TOKEN.match(self.text, self.at)
        if found is None:
            self._unknown()
            return
        start, text, group = self.at, found.group(), found.lastgroup
        self.at = found.end()
        if group == "name":
            self._add(Kind.KEYWORD if text in KEYWORDS else Kind.NAME, text, start)
        elif group == "newline":
            self._newline(start)
        elif group == "operator":
            self._operator(text, start)
        elif group in ("number", "string"):
            self._add(Kind(group), text, start)

    def _operator(self, text: str, start: int) -> None:
        self._add(Kind.OPERATOR, text, start)
        if text in "([":
            self.open.append(self.tokens[-1])
        elif text in _CLOSES:
            if self.open and self.open[-1].text == _CLOSES[text]:
                self.open.pop()
            else:
                opener = self.open.pop() if self.open else None
                self.reporter.report(
                    StrayBracket(
                        self._span(start, start + 1), text, self._span(opener.start, opener.end) if opener else None
                    )
                )

    def _unknown(self) -> None:
        start, c = self.at, self.text[self.at]
        self.at += 1
        if c == '"':
            end = self.text.find("\n", start)
            self.at = len(self.text) if end < 0 else end
            self.reporter.report(UnclosedString(self._span(start, self.at)))
            self.tokens.append(Token(Kind.STRING, self.text[start : self.at] + '"', start, self.at))
        elif c in _QUOTES:
            self._smart_quote(start)
        else:
            self.reporter.report(UnknownCharacter(self._span(start, self.at), c))

    def _smart_quote(self, start: int) -> None:
        """The whole quoted word becomes a string, so that the rest of the line still reads."""
        line_end = self.text.find("\n", start)
        line_end = len(self.text) if line_end < 0 else line_end
        close = next((k for k in range(start + 1, line_end) if self.text[k] in _QUOTES + '"'), line_end - 1)
        self.at = max(close + 1, start + 1)
        inner = self.text[start + 1 : self.at - 1]
        self.reporter.report(SmartQuote(self._span(start, self.at), self.text[start], inner))
        self.tokens.append(Token(Kind.STRING, f'"{inner}"', start, self.at))

    # ---- lines ---------------------------------------------------------------------------------------------------

    def _newline(self, start: int) -> None:
        following = _INDENT.match(self.text, self.at)
        assert following is not None
        after = following.end()
        if self.open and not self._statement_follows(after):
            return
        if not self.open and _CONTINUES.match(self.text, after) and not self.grid:
            self.at = after
            return
        self._close_brackets()
        self._add(Kind.NEWLINE, self.text[start : self.at], start)
        self._line_start()

    def _statement_follows(self, after: int) -> bool:
        """Inside an open bracket: does the next line look like a new statement? Then the bracket was forgotten."""
        word = re.compile(_WORD).match(self.text, after)
        if word is None:
            return False
        rest = self.text[word.end() : self.text.find("\n", word.end()) + 1 or len(self.text)]
        if word.group() in KEYWORDS - {"if", "else", "and", "or", "not", "in", "init", "where"}:
            return bool(re.match(r"[ \t]+[^\W\d]", rest))
        opened = sum(rest.count(c) for c in "([") - sum(rest.count(c) for c in ")]")
        return bool(re.match(r"(\[[^\]=]*\])?[ \t]*=[^=]", rest)) and opened >= 0 and self._column(after) <= self.indents[-1]

    def _column(self, at: int) -> int:
        return at - (self.text.rfind("\n", 0, at) + 1)

    def _close_brackets(self) -> None:
        for opener in self.open:
            self.reporter.report(UnclosedBracket(self._span(opener.start, opener.end), opener.text))
        self.open.clear()

    def _line_start(self) -> None:
        """Blank lines and comments are skipped; the depth of what follows opens or closes blocks."""
        found = _INDENT.match(self.text, self.at)
        assert found is not None
        indent, start = found.group(1), found.start(1)
        self.at = found.end()
        if self.at >= len(self.text):
            return
        if self.text[self.at] == "#":  # a comment without an end of line
            self.at = len(self.text)
            return
        if "\t" in indent:
            self.reporter.report(TabIndent(self._span(start, start + len(indent)), indent))
        depth = len(indent.expandtabs(4))
        opens_table = self._opens_table()
        if depth > self.indents[-1]:
            self.indents.append(depth)
            self._add(Kind.INDENT, "", self.at)
            self.grid = opens_table
        while depth < self.indents[-1]:
            self.indents.pop()
            self._add(Kind.DEDENT, "", self.at)
            self.grid = False
        if depth != self.indents[-1]:
            self.reporter.report(BadDedent(self._span(start, self.at), depth, tuple(self.indents)))
            self.indents[-1] = depth if depth > self.indents[-1] and len(self.indents) > 1 else self.indents[-1]
        if self.grid:
            self._row()

    def _opens_table(self) -> bool:
        """Whether the line before began with `table`."""
        k = len(self.tokens) - 2
        while k >= 0 and self.tokens[k].kind not in (Kind.NEWLINE, Kind.INDENT, Kind.DEDENT):
            k -= 1
        first = self.tokens[k + 1] if 0 <= k + 1 < len(self.tokens) else None
        return first is not None and first.kind is Kind.KEYWORD and first.text == "table"

    def _row(self) -> None:
        found = _ROW.match(self.text, self.at)
        if found is not None:
            self._add(Kind.ROW, found.group(), self.at)
            self.at = found.end()
