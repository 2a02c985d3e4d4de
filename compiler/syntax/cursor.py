"""A place in the tokens, and the ways to move it that both parsers share."""

from __future__ import annotations

from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.syntax import ReservedWord, Unexpected
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.source.text import Source, Span
from netc.compiler.syntax.tokens import Kind, Token
from netc.compiler.syntax.tree import Name


class Failed(Exception):
    """The statement cannot be read further; its problem is with the reporter. Caught at the next statement."""


class Cursor:
    """Reads tokens one by one."""

    def __init__(self, source: Source, tokens: list[Token], reporter: Reporter) -> None:
        self.source, self.tokens, self.reporter = source, tokens, reporter
        self.position = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def ahead(self, n: int = 1) -> Token:
        return self.tokens[min(self.position + n, len(self.tokens) - 1)]

    def span(self, first: Token, last: Token | None = None) -> Span:
        return Span(self.source, first.start, (last or first).end)

    def since(self, start: int) -> Span:
        """From a character to the end of the last token taken."""
        return Span(self.source, start, max(self.tokens[self.position - 1].end, start))

    def take(self) -> Token:
        token = self.token
        if token.kind is not Kind.END:
            self.position += 1
        return token

    def at(self, *texts: str) -> bool:
        return self.token.text in texts and self.token.kind in (Kind.OPERATOR, Kind.KEYWORD)

    def accept(self, text: str) -> Token | None:
        return self.take() if self.at(text) else None

    def expect(self, text: str, hint: str = "") -> Token:
        if self.at(text):
            return self.take()
        raise self.unexpected(f"`{text}`", hint)

    def fail(self, problem: Problem) -> Failed:
        self.reporter.report(problem)
        return Failed()

    def unexpected(self, expected: str, hint: str = "") -> Failed:
        return self.fail(Unexpected(self.span(self.token), self.found(), expected, hint))

    def found(self) -> str:
        """The current token in words."""
        token = self.token
        if token.kind in (Kind.NEWLINE, Kind.END, Kind.INDENT, Kind.DEDENT):
            return f"the {token.kind.value}"
        return f"`{token.text}`"

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
