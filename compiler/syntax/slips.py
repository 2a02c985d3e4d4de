"""Common slips, told from the place where reading stops: `W x`, `=` for `==`, and words of other languages."""

from __future__ import annotations

from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.syntax import Juxtaposed, SingleEquals
from netc.compiler.source.text import Span
from netc.compiler.syntax.cursor import Cursor
from netc.compiler.syntax.lexer import operand_ends
from netc.compiler.syntax.tokens import VALUES, Kind

FOREIGN = {
    "for": "there are no loops: an equation with an index holds for all of them, `y[t] = 2 * x[t]`",
    "while": "there are no loops: a recurrence is an equation, `h[t] = f(h[t-1])` with `h[0] = 0`",
    "import": 'write `use "file.net"`; what the language has needs no import',
    "from": 'write `use "file.net"`; what the language has needs no import',
    "return": "a layer's outputs are named in its header and defined by equations: `-> y:` and `y = ...`",
    "class": "write `net Name:`, or `layer Name(settings)(x: real[X]) -> y:`",
    "function": "write `def f(x) = ...`",
    "fn": "write `def f(x) = ...`",
    "let": "an equation needs no word before it: `y = 2 * x`",
    "var": "an equation needs no word before it: `y = 2 * x`; what is trained is a `param`",
    "weight": "what is trained is a `param`: `param W[3, 4] init glorot`",
    "weights": "what is trained is a `param`: `param W[3, 4] init glorot`",
    "print": "nothing is printed by a spec; `output name = value` gives a value out",
    "model": "write `net Name:`",
    "module": "write `net Name:`, or `layer Name(settings)(x: real[X]) -> y:`",
    "elif": "a conditional is a value: `a if c else b if d else e`",
    "pass": "a block holds at least one statement",
}


def slip(cursor: Cursor) -> Problem | None:
    """What the user likely meant by the current token, which cannot stand here, inside of an expression."""
    if cursor.at("="):
        return SingleEquals(cursor.span(cursor.token))
    return juxtaposed(cursor, inside=True)


def juxtaposed(cursor: Cursor, inside: bool = False) -> Problem | None:
    """Two values side by side without an operator."""
    token, before = cursor.token, cursor.before()
    if token.kind not in VALUES or not operand_ends(before) or Kind.STRING in (token.kind, before.kind):
        return None
    source = cursor.source
    left = source.text[_operand_start(cursor) : before.end]
    right = source.text[token.start : _operand_end(cursor)]
    number = Kind.NUMBER in (token.kind, before.kind)
    return Juxtaposed(cursor.span(token), left, right, number, Span(source, before.end, token.start), inside)


def _operand_start(cursor: Cursor) -> int:
    """Where the operand before the cursor begins: back over brackets, to a name."""
    k, depth = cursor.position - 1, 0
    while k > 0:
        token, before = cursor.tokens[k], cursor.tokens[k - 1]
        depth += (token.text in (")", "]")) - (token.text in ("(", "["))
        bracket = token.text in ("(", "[")
        if depth == 0 and not (bracket and operand_ends(before)):
            break
        k -= 1
    return cursor.tokens[k].start


def _operand_end(cursor: Cursor) -> int:
    """Where the operand at the cursor ends: on over the brackets that follow it."""
    k, depth = cursor.position, 0
    while True:
        following = cursor.tokens[k + 1]
        if depth == 0 and following.text not in ("(", "[") or following.kind in (Kind.NEWLINE, Kind.END):
            return cursor.tokens[k].end
        k += 1
        depth += (following.text in ("(", "[")) - (following.text in (")", "]"))
