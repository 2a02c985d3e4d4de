"""Expressions, by binding power: one loop for all binary operators, loosest first as in `grammar/net.lark`."""

from __future__ import annotations

from netc.compiler.diagnostics.problems.syntax import ReservedWord, TooDeep
from netc.compiler.syntax.conditions import behind_a_comma
from netc.compiler.syntax.cursor import Cursor, Failed
from netc.compiler.syntax.slips import slip
from netc.compiler.syntax.tokens import Kind, Token
from netc.compiler.syntax.tree import (
    Argument,
    Attribute,
    AxisName,
    Binary,
    Call,
    Compare,
    Conditional,
    Expr,
    Index,
    Join,
    ListOf,
    Logic,
    Name,
    Not,
    Number,
    Pipe,
    Range,
    Sign,
    Star,
    String,
    TupleOf,
)

DEEPEST = 200

_IF, _PIPE, _OR, _AND, _NOT, _COMPARE, _RANGE, _SUM, _TERM, _PRODUCT, _SIGN, _POWER = range(1, 13)
_BINARY: dict[str, int] = {
    "->": _PIPE, "or": _OR, "and": _AND,
    "==": _COMPARE, "!=": _COMPARE, "<=": _COMPARE, ">=": _COMPARE, "<": _COMPARE, ">": _COMPARE, "in": _COMPARE,
    "..": _RANGE, "+": _SUM, "-": _SUM, "*": _TERM, "//": _TERM, "/": _TERM, "%": _TERM, "@": _PRODUCT, "^": _POWER,
}  # fmt: skip
_RIGHT = {_POWER: _SIGN}  # powers join from the right, and their exponent may have a sign
_VALUE = "a value"


class Expressions:
    """Reads expressions from a cursor.

    Few functions call each other, so that 200 levels fit into Python's own limit of calls.
    """

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.depth = 0
        self.height = 0  # of the expression read last: how many levels it has below its top

    def whole(self) -> Expr:
        """An expression of its own, inside of no other."""
        self.depth = 0
        return self.expression()

    def expression(self, power: int = _IF) -> Expr:
        """An expression whose operators bind at least so tightly."""
        cursor = self.cursor
        start = cursor.token.start
        self._deeper()
        left = self._prefixed(power) if cursor.token.text in ("-", "+", "not") else self.postfix()
        height = self.height
        while True:
            token = cursor.token
            if token.kind is Kind.KEYWORD and token.text == "if" and power <= _IF:
                left = self._conditional(start, left)
                height = max(height, self.height) + 1
                break
            binds = _BINARY.get(token.text, 0) if token.kind in (Kind.OPERATOR, Kind.KEYWORD) else 0
            if binds < power:
                break
            cursor.take()
            right = self.expression(_RIGHT.get(binds, binds + 1))
            left = self._joined(start, token, left, right)
            height = max(height, self.height) + 1
            self._limit(height)
            if binds == _RANGE and cursor.at(".."):
                raise cursor.unexpected("the end of the range", "a range has two ends: `a..b`")
        self.depth -= 1
        self.height = height
        return left

    def _deeper(self) -> None:
        self.depth += 1
        self._limit(self.depth)

    def _limit(self, levels: int) -> None:
        if levels > DEEPEST:
            raise self.cursor.fail(TooDeep(self.cursor.span(self.cursor.token), DEEPEST))

    def _joined(self, start: int, token: Token, left: Expr, right: Expr) -> Expr:
        span, operator = self.cursor.since(start), token.text
        match operator:
            case "->":
                return Pipe(span, left, right)
            case "and" | "or":
                return Logic(span, "and" if operator == "and" else "or", left, right)
            case "..":
                return Range(span, left, right)
            case "==" | "!=" | "<=" | ">=" | "<" | ">" | "in":
                return Compare(span, operator, left, right)
            case _:
                return Binary(span, operator, self.cursor.span(token), left, right)

    def _conditional(self, start: int, then: Expr) -> Expr:
        cursor = self.cursor
        word = cursor.position
        cursor.take()
        condition = self.expression(_PIPE)
        height = self.height
        if not cursor.accept("else"):
            problem = slip(cursor)
            hint = behind_a_comma(cursor, word) or "a conditional has both branches: `a if condition else b`"
            raise cursor.fail(problem) if problem else cursor.unexpected("`else`", hint)
        otherwise = self.expression(_IF)
        self.height = max(height, self.height)
        self._limit(self.height + 1)
        return Conditional(cursor.since(start), then, condition, otherwise)

    def _prefixed(self, power: int) -> Expr:
        cursor, token = self.cursor, self.cursor.token
        if token.kind is Kind.OPERATOR and power <= _SIGN:
            cursor.take()
            operand = self.expression(_SIGN)
            self.height += 1
            return Sign(cursor.since(token.start), "-" if token.text == "-" else "+", operand)
        if token.kind is Kind.KEYWORD and power <= _NOT:
            cursor.take()
            operand = self.expression(_NOT)
            self.height += 1
            return Not(cursor.since(token.start), operand)
        return self.postfix()

    # ---- values --------------------------------------------------------------------------------------------------

    def postfix(self) -> Expr:
        """An atom with its calls, brackets and attributes."""
        cursor, start = self.cursor, self.cursor.token.start
        value = self._atom()
        while cursor.token.kind is Kind.OPERATOR and cursor.token.text in ("(", "[", "."):
            height = self.height
            self.height = 0
            match cursor.take().text:
                case "(":
                    arguments = self._arguments()
                    value = Call(cursor.since(start), value, arguments)
                case "[":
                    items = self.items()
                    value = Index(cursor.since(start), value, items)
                case _:
                    if isinstance(value, Number) and not cursor.token.text.isidentifier():
                        raise cursor.unexpected("a name after `.`", f"write `{value.span.text}.0`, or `{value.span.text}`")
                    name = cursor.any_word("a name after `.`")
                    value = Attribute(cursor.since(start), value, name)
            self.height = max(height, self.height) + 1
            self._limit(self.height)
        return value

    def _atom(self) -> Expr:
        cursor, token = self.cursor, self.cursor.token
        self.height = 0
        match token.kind:
            case Kind.NAME:
                cursor.take()
                return Name(cursor.span(token), token.text)
            case Kind.NUMBER:
                cursor.take()
                return Number(cursor.span(token), int(token.text) if token.text.isdigit() else float(token.text))
            case Kind.STRING:
                cursor.take()
                return String(cursor.span(token), token.text[1:-1])
            case Kind.OPERATOR if token.text == "(":
                return self._parenthesis()
            case Kind.OPERATOR if token.text == "[":
                return self._bracket()
            case _:
                raise self._no_value(token)

    def _no_value(self, token: Token) -> Failed:
        cursor, before = self.cursor, self.cursor.before()
        if token.kind is Kind.KEYWORD:
            return cursor.fail(ReservedWord(cursor.span(token), token.text, _VALUE))
        hint = ""
        if before.text == "init" and token.text in (":", "="):
            hint = "the first value stands right behind `init`: `init 0`"
        elif token.text == "->" and before.text == "-" or token.text == ">" and before.text in ("-", "->"):
            hint = "write `->`"
        elif token.text == ">" and before.text == "<":
            hint = "write `!=`"
        elif token.text == "=" and before.text == "==":
            hint = "write `==`"
        elif token.text == "=" and before.text == ":":
            hint = "an equation is written with `=` alone"
        elif token.text == "~":
            hint = "the opposite of a condition is `not a`, of a number `-a`; `~` stands between what is observed and its distribution"
        elif token.text in ("@", "^", "/", "%") and before.text == token.text or token.text == "/" and before.text == "//":
            hint = "a power is written `^`: `x^2`" if token.text == "^" else f"write `{token.text}` once"
        elif token.kind is Kind.NEWLINE and before.text in _BINARY:
            hint = f"`{before.text}` stands between two values; a line that goes on begins with the operator"
        elif token.text == "*" and before.text == "*":
            hint = "a power is written `^`: `x^2`"
        elif token.text == "." and cursor.ahead().kind is Kind.NUMBER:
            hint = f"write `0.{cursor.ahead().text}`"
        elif token.text == ":":
            hint = "a slice is a range with both ends: `x[0..3]`"
        elif token.text == "=" and before.text in _BINARY and before.text not in ("->", ".."):
            hint = "each name is defined once: there is no assignment that changes it"
        elif token.text == ")" and before.text == "(":
            hint = "empty brackets hold no value"
        elif token.text in (")", "]") and before.text == ",":
            hint = "leave the last comma out"
        return cursor.unexpected(_VALUE, hint)

    def _parenthesis(self) -> Expr:
        cursor, start = self.cursor, self.cursor.take().start
        items = [self.expression()]
        height = self.height
        while cursor.accept(","):
            items.append(self.expression())
            height = max(height, self.height)
        self._closed(")")
        self.height = height if len(items) == 1 else height + 1
        return items[0] if len(items) == 1 else TupleOf(cursor.since(start), tuple(items))

    def _bracket(self) -> Expr:
        cursor, start = self.cursor, self.cursor.take().start
        items: list[Expr] = []
        height = 0
        separator = ","
        while not cursor.at("]"):
            items.append(self.expression())
            height = max(height, self.height)
            if len(items) == 1 and cursor.at(";"):
                separator = ";"
            if not cursor.accept(separator):
                break
            if separator == ";" and cursor.at("]"):
                raise cursor.unexpected(_VALUE)
        self._closed(
            "]", "one bracket holds a list `[a, b]` or a join `[a; b]`, not both" if cursor.at(",", ";") else ""
        )
        self.height = height + 1
        span = cursor.since(start)
        return Join(span, tuple(items)) if separator == ";" else ListOf(span, tuple(items))

    def _arguments(self) -> tuple[Argument, ...]:
        """What stands between `(` and `)` after a value; the `)` is taken."""
        cursor = self.cursor
        found: list[Argument] = []
        height = 0
        while not cursor.at(")"):
            start, name = cursor.token.start, None
            if cursor.token.kind in (Kind.NAME, Kind.KEYWORD) and cursor.follows("="):
                name = cursor.any_word("a setting")
                cursor.take()
            value = self.expression()
            height = max(height, self.height)
            found.append(Argument(cursor.since(start), name, value))
            if not cursor.accept(","):
                break
        self._closed(")", "arguments are parted by commas" if cursor.at(";") else "")
        self.height = height
        return tuple(found)

    def items(self) -> tuple[Expr, ...]:
        """What stands between `[` and `]` after a value; the `]` is taken."""
        cursor = self.cursor
        found: list[Expr] = []
        height = 0
        while True:
            start = cursor.token.start
            if cursor.accept("*"):
                found.append(self._star(start))
            elif cursor.token.kind is Kind.NAME and cursor.follows(":"):
                name = cursor.name("the name of an axis")
                cursor.take()
                size = self.expression()
                found.append(AxisName(cursor.since(start), name, size))
            else:
                found.append(self.expression())
            height = max(height, self.height)
            if not cursor.accept(","):
                break
        self._closed("]")
        self.height = height
        return tuple(found)

    def _star(self, start: int) -> Star:
        name = self.cursor.name("the name of further axes")
        self.height = 0
        return Star(self.cursor.since(start), name.name)

    def _closed(self, bracket: str, hint: str = "") -> None:
        """The end of a bracket; where it is missing, what stands there may tell why."""
        if self.cursor.accept(bracket):
            return
        problem = slip(self.cursor)
        if bracket == "]" and self.cursor.at(":"):
            hint = "a slice is a range with both ends, the last one included: `x[0..3]`"
        if self.cursor.at("where"):
            hint = behind_a_comma(self.cursor, self.cursor.position) or hint
        raise self.cursor.fail(problem) if problem else self.cursor.unexpected(f"`{bracket}`", hint)
