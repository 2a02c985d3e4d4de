"""Common slips, told from the place where reading stops: `W x`, `=` for `==`, and words of other languages."""

from __future__ import annotations

from itertools import takewhile

from netc.compiler.diagnostics.foreign import WITHIN
from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.characters import WrongComment
from netc.compiler.diagnostics.problems.syntax import ForeignWord, SingleEquals
from netc.compiler.syntax.cursor import Cursor
from netc.compiler.syntax.juxtaposed import juxtaposed
from netc.compiler.syntax.tokens import Kind


def slip(cursor: Cursor) -> Problem | None:
    """What the user likely meant by the current token, which cannot stand here, inside of an expression."""
    if cursor.at("="):
        return SingleEquals(cursor.span(cursor.token), _range_follows(cursor))
    return beside(cursor)


def _range_follows(cursor: Cursor) -> bool:
    """Whether a range stands behind the cursor, before the next comma or bracket."""
    following = takewhile(lambda t: t.text not in (",", "]", ")", ";") and t.kind is not Kind.NEWLINE, cursor.tokens[cursor.position :])
    return any(t.text == ".." for t in following)


def beside(cursor: Cursor) -> Problem | None:
    """What stands at the cursor behind a value, with nothing between: a word of another language, or another value."""
    token, before, earlier = cursor.token, cursor.before(), cursor.tokens[max(cursor.position - 2, 0)]
    if token.kind is not Kind.NAME:
        return juxtaposed(cursor)
    if before.kind is Kind.NAME and earlier.text == "//" and earlier.kind is Kind.OPERATOR:
        return WrongComment(cursor.span(earlier), "//")
    for word, behind in ((before, earlier), (token, before)):
        if word.kind is Kind.NAME and word.text in WITHIN and behind.text != ".":
            return ForeignWord(cursor.span(word), word.text, WITHIN[word.text])
    return juxtaposed(cursor)
