"""Conditions that stand where none is read: `softmax[j where A[i, j]]`, `sum[j](s[j] if j > 2)`; they belong into the bracket of the index."""

from __future__ import annotations

from netc.compiler.syntax.cursor import Cursor
from netc.compiler.syntax.juxtaposed import REDUCTIONS
from netc.compiler.syntax.tokens import Kind

_LAYOUT = (Kind.NEWLINE, Kind.INDENT, Kind.DEDENT, Kind.END)
_OPENING, _CLOSING = ("(", "["), (")", "]")


def behind_a_comma(cursor: Cursor, word: int) -> str:
    """What to say of the condition behind the `where` or `if` at this token, inside a reduction; empty where it is none."""
    opened = _opened(cursor, word)
    closed = _closed(cursor, word)
    if opened < 1 or closed == word + 1:
        return ""
    condition = cursor.span(cursor.tokens[word + 1], cursor.tokens[closed - 1]).text
    if cursor.tokens[opened].text == "[":
        before = cursor.span(cursor.tokens[opened + 1], cursor.tokens[word - 1]).text
        name, rest = opened - 1, "..."
    elif cursor.tokens[opened - 1].text == "]":
        bracket = _opened(cursor, opened - 1)
        before = cursor.span(cursor.tokens[bracket + 1], cursor.tokens[opened - 2]).text
        name, rest = bracket - 1, cursor.span(cursor.tokens[opened + 1], cursor.tokens[word - 1]).text
    else:
        return ""
    if cursor.tokens[name].text not in REDUCTIONS or not before:
        return ""
    if condition.isidentifier():  # a table, without the indices that it is read at
        condition = f"{condition}[{before if before.replace(',', '').replace(' ', '').isidentifier() else '...'}]"
    return f"a condition stands behind the index and a comma: `{cursor.tokens[name].text}[{before}, {condition}]({rest})`"


def _opened(cursor: Cursor, k: int) -> int:
    """Where the bracket opens that is around a token; -1 where none does."""
    depth = 0
    while k > 0 and cursor.tokens[k - 1].kind not in _LAYOUT:
        k -= 1
        text = cursor.tokens[k].text
        if text in _OPENING and depth == 0:
            return k
        depth += (text in _CLOSING) - (text in _OPENING)
    return -1


def _closed(cursor: Cursor, k: int) -> int:
    """Where the bracket around a token closes, or the line ends."""
    depth = 0
    while True:
        k += 1
        token = cursor.tokens[k]
        if token.kind in _LAYOUT or token.text in _CLOSING and depth == 0:
            return k
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
