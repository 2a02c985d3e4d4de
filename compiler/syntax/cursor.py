"""A place in the tokens, and the ways to move it that all parts of the parser share."""

from __future__ import annotations

from bisect import bisect_left

from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.syntax import ReservedWord, Unexpected
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.source.text import Source, Span
from netc.compiler.syntax.lexer import Lexed
from netc.compiler.syntax.tokens import Kind, Token
from netc.compiler.syntax.tree import Name

_LAYOUT = (Kind.NEWLINE, Kind.INDENT, Kind.DEDENT, Kind.END)


class Failed(Exception):
    """The statement cannot be read further; its problem is with the reporter. Caught at the next statement."""


class Cursor:
    """Reads tokens one by one."""

    def __init__(self, source: Source, lexed: Lexed, reporter: Reporter) -> None:
        self.source, self.tokens, self.reporter = source, lexed.tokens, reporter
        self.faults = lexed.faults
        self.position = 0
        self.token = self.tokens[0]

    def ahead(self, by: int = 1) -> Token:
        return self.tokens[min(self.position + by, len(self.tokens) - 1)]

    def before(self) -> Token:
        return self.tokens[self.position - 1]

    def span(self, first: Token, last: Token | None = None) -> Span:
        return Span(self.source, first.start, (last or first).end)

    def since(self, start: int) -> Span:
        """From a character to the end of the last token taken."""
        return Span(self.source, start, max(self.tokens[self.position - 1].end, start))

    def take(self) -> Token:
        token = self.token
        if token.kind is not Kind.END:
            self.position += 1
            self.token = self.tokens[self.position]
        return token

    def back(self) -> None:
        self.position -= 1
        self.token = self.tokens[self.position]

    def at(self, *texts: str) -> bool:
        return self.token.text in texts and self.token.kind in (Kind.OPERATOR, Kind.KEYWORD)

    def follows(self, text: str) -> bool:
        """Whether this operator comes right after the current token."""
        token = self.ahead()
        return token.text == text and token.kind is Kind.OPERATOR

    def accept(self, text: str) -> Token | None:
        return self.take() if self.token.text == text and self.at(text) else None

    def expect(self, text: str, hint: str = "") -> Token:
        if self.at(text):
            return self.take()
        raise self.unexpected(f"`{text}`", hint)

    def report(self, problem: Problem) -> None:
        """Report the problem, unless this line was mended already: then it may be only an echo."""
        if not self.line_is_faulty():
            self.reporter.report(problem)

    def fail(self, problem: Problem) -> Failed:
        """Report the problem; the caller raises what this returns."""
        self.report(problem)
        return Failed()

    def unexpected(self, expected: str, hint: str = "") -> Failed:
        return self.fail(Unexpected(self.span(self.token), self.found(), expected, hint))

    def found(self) -> str:
        """The current token in words."""
        token = self.token
        return f"the {token.kind.value}" if token.kind in _LAYOUT else f"`{self.span(token).text}`"

    def line_has(self, text: str) -> bool:
        """Whether this operator stands outside brackets between here and the end of the line."""
        k, depth = self.position, 0
        while self.tokens[k].kind not in _LAYOUT:
            found = self.tokens[k].text
            if found == text and depth == 0:
                return True
            depth += (found in ("(", "[")) - (found in (")", "]"))
            k += 1
        return False

    def line_is_faulty(self) -> bool:
        first = last = min(self.position, len(self.tokens) - 1)
        while first > 0 and self.tokens[first - 1].kind not in _LAYOUT:
            first -= 1
        while self.tokens[last].kind not in _LAYOUT:
            last += 1
        begin = self.tokens[first - 1].start if first else 0
        found = bisect_left(self.faults, begin)
        return found < len(self.faults) and self.faults[found] < max(self.tokens[last].start, begin + 1)

    def name(self, what: str) -> Name:
        """A name; a word of the language gets its own message."""
        token = self.token
        if token.kind is Kind.NAME:
            self.take()
            return Name(self.span(token), token.text)
        if token.kind is Kind.KEYWORD:
            raise self.fail(ReservedWord(self.span(token), token.text, what))
        raise self.unexpected(what)

    def any_word(self, what: str) -> Name:
        """A name of a setting, which may be any word."""
        token = self.token
        if token.kind in (Kind.NAME, Kind.KEYWORD):
            self.take()
            return Name(self.span(token), token.text)
        raise self.unexpected(what)
