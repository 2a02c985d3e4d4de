"""What the text is made of: the tokens, and the patterns that find them."""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

KEYWORDS = frozenset({
    "net", "layer", "def", "table", "use", "dim", "input", "param", "state", "const", "next", "output", "loss", "metric",
    "gate", "attention", "assert", "init", "where", "if", "else", "and", "or", "not", "in", "train", "sample",
})  # fmt: skip
HEADERS = frozenset({"net", "layer", "table", "train", "sample"})  # words that open a block


class Kind(Enum):
    NAME = "name"
    KEYWORD = "keyword"
    NUMBER = "number"
    STRING = "string"
    OPERATOR = "operator"
    ROW = "row of a table"
    NEWLINE = "end of the line"
    INDENT = "deeper line"
    DEDENT = "end of the block"
    END = "end of the file"


class Token(NamedTuple):
    """The characters `start` to `end` (excluded) of the source; `text` is what they mean, in a normal spelling."""

    kind: Kind
    text: str
    start: int
    end: int


VALUES = (Kind.NAME, Kind.NUMBER, Kind.STRING)

_SUPERSCRIPTS = "²³¹⁰-ⁿ"  # `x²` is a power, no name
WORD = rf"[^\W\d{_SUPERSCRIPTS}](?:[^\W{_SUPERSCRIPTS}]|[\u0300-\u036f])*'*"
TOKEN = re.compile(
    rf"""(?P<blank>[ \t]+)|(?P<comment>\#[^\n]*)|(?P<newline>\r?\n)|(?P<name>{WORD})
    |(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)|(?P<string>"[^"\n]*")
    |(?P<operator>->|\.\.|//|==|!=|<=|>=|[-+*/%@^<>=~:;,.()\[\]])""",
    re.VERBOSE,
)
CONTINUES = re.compile(r"->|==|!=|<=|>=|[-+*/%@^<>]|(?:and|or|in)(?![\w'])")
COMMENT = re.compile(  # as other languages begin one: two words follow, which no expression has
    r"(?:(//|--|%)(?=[ \t]*[^\W\d]\w*[,:.!]?[ \t]+(?!(?:if|else|and|or|in)\b)[^\W\d])|(/\*))[^\n]*"
)
INDENTATION = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\r?\n)*([ \t]*)")  # over blank and comment lines
DRAWN = re.compile(r"[^\s#][^\n#]*?(?=[ \t]*(?:#[^\n]*)?(?:\r?\n|\Z))")  # a line of a table, whatever it holds
ROW = re.compile(r"[X.](?:[ \t]*[X.])*(?=[ \t]*(?:#[^\n]*)?(?:\r?\n|\Z))")
