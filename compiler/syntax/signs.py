"""Signs that mean nothing here: told once, and read as what they certainly stand for, or passed over."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.characters import Latex, UnclosedString, UnknownCharacter, WrongQuote
from netc.compiler.source.text import Source, Span
from netc.compiler.syntax import latex
from netc.compiler.syntax.tokens import KEYWORDS, VALUES, Kind, Token

_QUOTES = "'“”„‟«»‘’‚‛`"
_CLOSING = (")", "]")
_PAIRED = {"{": "{", "}": "{", "|": "|", "$": "$"}  # one that is told tells of the other
_MEANT = {  # signs for which only one thing can stand
    "−": "-", "–": "-", "÷": "/", "∗": "*", "⊙": "*", "≤": "<=", "≥": ">=", "≠": "!=", "∈": "in", "→": "->", "∼": "~", "⇒": "->", "|>": "->", "²": "^ 2", "³": "^ 3",
    "\u00a0": "", "\u200b": "", "\ufeff": "",
}  # fmt: skip


def operand_ends(token: Token) -> bool:
    """Whether a value may end with this token."""
    return token.kind in VALUES or (token.kind is Kind.OPERATOR and token.text in _CLOSING)


class Signs:
    """A reading of a source, as far as it stands between signs that are known."""

    def __init__(self, source: Source) -> None:
        self.source, self.text = source, source.text
        self.tokens: list[Token] = []
        self.problems: list[Problem] = []
        self.at = 0
        self.begin = 0  # where the current line begins

    def _span(self, start: int, end: int) -> Span:
        return Span(self.source, start, end)

    def _add(self, kind: Kind, text: str, start: int) -> None:
        self.tokens.append(Token(kind, text, start, self.at))

    def unknown(self) -> None:
        """Read over a sign that begins no token, and tell it."""
        start, c = self.at, self.text[self.at]
        line_end = self.text.find("\n", start)
        line_end = len(self.text) if line_end < 0 else line_end
        if c == '"':
            self.at = line_end
            self.problems.append(UnclosedString(self._span(start, len(self.text[:line_end].rstrip()))))
            self._string(self.text[start + 1 : line_end].rstrip(), start)
        elif c in _QUOTES:
            self._quote(start, line_end)
        elif not (self._latex_command() if c == "\\" else c == "{" and self._latex_braces()):
            self._character(c, line_end)

    def _character(self, c: str, line_end: int) -> None:
        """A sign that has no meaning; where only one thing can be meant, that is read in its place."""
        start = self.at
        self.at += 1
        while self.at < line_end and self.text[self.at] == c:
            self.at += 1
        if self.text[start : self.at + 1] == "|>":
            c, self.at = "|>", self.at + 1
        lone = not (self.tokens and operand_ends(self.tokens[-1]))
        meant = _MEANT.get(self.text[start : self.at])
        again = c in _PAIRED and any(isinstance(p, UnknownCharacter) and p.character in _PAIRED[c] for p in self._of_line())
        if not again:
            self.problems.append(UnknownCharacter(self._span(start, self.at), c, meant, lone))
        for text in meant.split() if meant else ():
            kind = Kind.NUMBER if text.isdigit() else Kind.KEYWORD if text in KEYWORDS else Kind.OPERATOR
            self._add(kind, text, start)

    def _of_line(self) -> Iterator[Problem]:
        """The problems of this line, the last one first."""
        return takewhile(lambda p: p.span.start >= self.begin, reversed(self.problems))

    # ---- LaTeX ---------------------------------------------------------------------------------------------------

    def _latex_command(self) -> bool:
        """Read over `\\sigma` or `\\frac{a}{b}`; its name stands in its place."""
        found = latex.command(self.text, self.at)
        if found is None:
            return False
        start = self.at
        self.at, written = found
        self._tell_latex(start, written)
        return True

    def _latex_braces(self) -> bool:
        """Read over the braces of `h_{t-1}` or `x^{2}`; of the first its name stands there."""
        last = self.tokens[-1] if self.tokens else None
        found = None
        if last is not None and last.end == self.at and (last.text.endswith("_") or last.text == "^"):
            found = latex.behind(self.text, last.text, self.at)
        if found is None or last is None:
            return False
        self.at, name, written = found
        self.tokens[-1] = last._replace(text=name or last.text)
        self._tell_latex(last.start, written)
        return True

    def _tell_latex(self, start: int, written: str) -> None:
        """One problem for a line, with all its pieces."""
        piece = (self.text[start : self.at], written)
        last = self.problems[-1] if self.problems else None
        if isinstance(last, Latex) and last.span.start >= self.begin:
            self.problems[-1] = Latex(last.span, (*last.pieces, piece))
        else:
            self.problems.append(Latex(self._span(start, self.at), (piece,)))

    def _quote(self, start: int, line_end: int) -> None:
        """The whole quoted word becomes a string, so that the rest of the line still reads."""
        ends = _QUOTES.replace("'", "") + '"' if self.text[start] != "'" else "'"
        close = next((k for k in range(start + 1, line_end) if self.text[k] in ends), None)
        if close is None:
            self.at = start + 1
            self.problems.append(UnknownCharacter(self._span(start, self.at), self.text[start]))
            return
        self.at = close + 1
        inner = self.text[start + 1 : close]
        self.problems.append(WrongQuote(self._span(start, self.at), self.text[start], inner))
        self._string(inner, start)

    def _string(self, inner: str, start: int) -> None:
        self._add(Kind.STRING, f'"{inner}"', start)
