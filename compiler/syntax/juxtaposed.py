"""Two values side by side with nothing between: what was left out, told from where they stand."""

from __future__ import annotations

import re
from functools import lru_cache

from netc import grammar
from netc.compiler.diagnostics.problems.syntax import Juxtaposed
from netc.compiler.source.text import Span
from netc.compiler.syntax.cursor import Cursor
from netc.compiler.syntax.signs import operand_ends
from netc.compiler.syntax.tokens import VALUES, Kind, Token

REDUCTIONS = frozenset({"sum", "mean", "max", "min", "prod", "argmax", "argmin", "logsumexp", "any", "softmax", "log_softmax", "cumsum"})
_INITIALISERS = frozenset({"glorot", "he", "orthogonal", "lecun98", "normal", "uniform"})
_DISTRIBUTIONS = frozenset({"softmax", "sigmoid", "categorical", "bernoulli", "normal", "poisson", "uniform"})
_SCALAR = frozenset({"exp", "log", "sqrt", "tanh", "softplus", "sin", "cos", "abs", "erf", "sign", "floor", "stop"})
_OTHERS = frozenset({"border", "flatten", "each", "repeat", "draw", "load", "params", "shape", "connections"})
FUNCTIONS = REDUCTIONS | _INITIALISERS | _DISTRIBUTIONS | _SCALAR | _OTHERS
_TYPES = ("real", "class", "bool", "index")
_LAYER, _FUNCTION = re.compile(r"^layer +([^\W\d]\w*)", re.M), re.compile(r"^def +([^\W\d]\w*)", re.M)


@lru_cache(maxsize=1)
def _library() -> tuple[frozenset[str], frozenset[str]]:
    """The layers and the functions of the prelude."""
    text = grammar.source("prelude.net")
    return frozenset(_LAYER.findall(text)), frozenset(_FUNCTION.findall(text))


def juxtaposed(cursor: Cursor) -> Juxtaposed | None:
    """The problem, where a value stands at the cursor and another one ends before it."""
    token, before = cursor.token, cursor.before()
    if token.kind not in VALUES or not operand_ends(before) or Kind.STRING in (token.kind, before.kind):
        return None
    return _Place(cursor).problem()


class _Place:
    """Where two values stand side by side."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor, self.tokens, self.k = cursor, cursor.tokens, cursor.position
        self.text = cursor.source.text
        layers, functions = _library()
        self.layers = layers | set(_LAYER.findall(self.text))
        self.functions = functions | FUNCTIONS | set(_FUNCTION.findall(self.text))
        self.first = self._operand_start(self.k - 1)
        self.last = self._operand_end(self.k)
        self.opener = self._opener()

    def problem(self) -> Juxtaposed:
        right = self.last
        missing = self._missing()
        if missing == ("()",):
            right = self._argument_end()
        elif self.tokens[right + 1].text in ("=", ":") and missing[0] in (", ", "; ", "; input "):
            right = self._statement_end()
        span, gap = self.cursor.span(self.tokens[self.k]), Span(self.cursor.source, self.tokens[self.k - 1].end, self.tokens[self.k].start)
        return Juxtaposed(span, self._left(), self._written(self.k, right), gap, missing)

    def _left(self) -> str:
        """The left value as it is written here: `W.T` for `W^T`, `sum[i]` for `sum_i`."""
        written = self._written(self.first, self.k - 1)
        word, _, index = written.rpartition("_")
        if self.tokens[self.first - 1].text == "^" and written == "T":
            return f"{self._written(self._operand_start(self.first - 2), self.first - 2)}.T"
        return f"{word}[{index}]" if word in REDUCTIONS and len(index) == 1 else written

    def _written(self, first: int, last: int) -> str:
        return self.text[self.tokens[first].start : self.tokens[last].end]

    # ---- what is missing -----------------------------------------------------------------------------------------

    def _missing(self) -> tuple[str, ...]:
        """What may have been left out, the likeliest first, as it is written between the two."""
        left, right, after = self.tokens[self.k - 1], self.tokens[self.k], self.tokens[self.last + 1]
        inside = self.opener is not None
        if after.text == "=" and right.kind is Kind.NAME and (not inside or self._calls()):
            return (", ",) if inside or self._word() in ("dim", "const") else ("; ",)
        if self._applies():
            return (" -> ",) if right.text in self.layers else ("()",)
        if left.kind is right.kind is Kind.NUMBER and inside:
            return (", ",)
        if inside:
            return self._in_items() if self._indexes() else self._in_arguments() if self._calls() else self._in_brackets()
        return self._in_statement(left, right, after)

    def _applies(self) -> bool:
        """Whether the left value takes the right one in a bracket: `tanh x`, `sum[i] x[i]`, `Dense(4) x`."""
        head, alone = self.tokens[self.first].text, self.first == self.k - 1
        if self.opener is not None and alone and self.tokens[self.opener - 1].text in self.layers:
            return False  # `Dense(4, act relu)`: a function is a setting there
        if alone:
            return head in self.functions or head in self.layers or head[:-2] in REDUCTIONS and head[-2] == "_"
        return head in self.layers or head in REDUCTIONS and self.tokens[self.k - 1].text == "]"

    def _in_items(self) -> tuple[str, ...]:
        return (" * ",) if self.tokens[self.k - 1].kind is Kind.NUMBER else (", ",)

    def _in_arguments(self) -> tuple[str, ...]:
        left, right = self.tokens[self.k - 1], self.tokens[self.k]
        assert self.opener is not None
        makes = self.tokens[self.opener - 1].text in self.layers
        begins = self.first == self.k - 1 and self.tokens[self.first - 1].text in ("(", ",")
        if makes and begins and left.kind is Kind.NAME:
            return ("=", ", ")
        if right.kind is Kind.NUMBER or makes and (right.text in self.functions or left.kind is not Kind.NUMBER):
            return (", ",)
        return (" * ", ", ") if left.kind is Kind.NUMBER else (" @ ", " * ", ", ")

    def _in_brackets(self) -> tuple[str, ...]:
        assert self.opener is not None
        if self.tokens[self.opener].text == "(":
            return (" * ", ", ") if self.tokens[self.k - 1].kind is Kind.NUMBER else (" @ ", " * ", ", ")
        return (" * ", ", ") if self._has_number() else (" @ ", " * ", "; ") if self.tokens[self.first].text[:1].isupper() else ("; ", " @ ", " * ")

    def _in_statement(self, left: Token, right: Token, after: Token) -> tuple[str, ...]:
        word, so_far = self._word(), {t.text for t in self.tokens[self._begin() : self.k]}
        if word in ("dim", "const") and self.tokens[self.first - 1].text in (word, ","):
            return (" = ",)
        if word in ("param", "state") and "init" not in so_far:
            return (" init ",) if right.text in _INITIALISERS or right.kind is Kind.NUMBER else (", ",)
        if word == "input" and ":" in so_far:
            return ("; input ",) if after.text == ":" else ("()",) if left.text in _TYPES else (" * ",)
        if word in ("output", "gate", "attention", "loss", "metric") and "=" not in so_far:
            return (" = ",)
        if word not in ("dim", "const", "param", "state", "assert", "use", "def", "next") and not so_far & {"=", "~"}:
            return (" ~ ", " = ") if right.text in _DISTRIBUTIONS and after.kind is Kind.NEWLINE else (" = ",)
        return (" * ",) if self._has_number() else (" @ ", " * ")

    def _has_number(self) -> bool:
        return Kind.NUMBER in (self.tokens[self.k - 1].kind, self.tokens[self.k].kind)

    # ---- around it -----------------------------------------------------------------------------------------------

    def _begin(self) -> int:
        """The token that begins the statement."""
        k = self.k
        while k > 0 and self.tokens[k - 1].kind not in (Kind.NEWLINE, Kind.INDENT, Kind.DEDENT) and self.tokens[k - 1].text != ";":
            k -= 1
        return k

    def _word(self) -> str:
        return self.tokens[self._begin()].text

    def _opener(self) -> int | None:
        """The innermost bracket that is open here."""
        depth = 0
        for k in range(self.k - 1, self._begin_of_line() - 1, -1):
            text = self.tokens[k].text
            if text in ("(", "["):
                if depth == 0:
                    return k
                depth -= 1
            depth += text in (")", "]")
        return None

    def _begin_of_line(self) -> int:
        k = self.k
        while k > 0 and self.tokens[k - 1].kind is not Kind.NEWLINE:
            k -= 1
        return k

    def _calls(self) -> bool:
        return self._follows_operand("(")

    def _indexes(self) -> bool:
        return self._follows_operand("[")

    def _follows_operand(self, bracket: str) -> bool:
        k = self.opener
        return k is not None and self.tokens[k].text == bracket and k > 0 and operand_ends(self.tokens[k - 1])

    def _operand_start(self, k: int) -> int:
        """Where the operand that ends here begins: back over brackets, to a name."""
        depth = 0
        while k > 0:
            token, before = self.tokens[k], self.tokens[k - 1]
            depth += (token.text in (")", "]")) - (token.text in ("(", "["))
            if depth == 0 and not (token.text in ("(", "[") and operand_ends(before)):
                break
            k -= 1
        return k

    def _operand_end(self, k: int) -> int:
        """Where the operand that begins here ends: on over the brackets that follow it."""
        depth = 0
        while True:
            following = self.tokens[k + 1]
            if depth == 0 and following.text not in ("(", "[") or following.kind in (Kind.NEWLINE, Kind.END):
                return k
            k += 1
            depth += (following.text in ("(", "[")) - (following.text in (")", "]"))

    def _statement_end(self) -> int:
        """The end of the definition, or of the setting, that begins here."""
        return self._end(self.k, (")", "]", ",", ";"))

    def _end(self, k: int, closing: tuple[str, ...]) -> int:
        """The last token of what goes on from here to one of these, outside of brackets, or to the end of the line."""
        depth = 0
        while self.tokens[k + 1].kind not in (Kind.NEWLINE, Kind.END):
            text = self.tokens[k + 1].text
            if depth == 0 and text in closing:
                break
            depth += (text in ("(", "[")) - (text in (")", "]"))
            k += 1
        return k

    def _argument_end(self) -> int:
        """The end of what a bracket should hold: a reduction goes over all that follows, a function over one value."""
        if self.tokens[self.k].kind is Kind.NUMBER:
            return self.k
        if self._left().partition("[")[0] not in REDUCTIONS or self._left() in REDUCTIONS:
            return self.last
        return self._end(self.k, (")", "]", ",", ";", "else", "if", "where"))
