"""Expressions, by binding power: one loop for all binary operators, loosest first as in `grammar/net.lark`."""

from __future__ import annotations

from netc.compiler.diagnostics.problems.syntax import ReservedWord, TooDeep
from netc.compiler.syntax.cursor import Cursor
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
_VALUE = "a value"


class Expressions:
    """Reads expressions from a cursor."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.depth = 0

    def expression(self, power: int = _IF) -> Expr:
        self.depth += 1
        try:
            return self._expression(power)
        finally:
            self.depth -= 1

    def _expression(self, power: int) -> Expr:
        cursor = self.cursor
        self._limit(self.depth)
        left = self._operand(power)
        chain = 0
        while True:
            token = cursor.token
            if token.text == "if" and power <= _IF and token.kind is Kind.KEYWORD:
                left = self._conditional(left)
                continue
            binds = _BINARY.get(token.text) if token.kind in (Kind.OPERATOR, Kind.KEYWORD) else None
            if binds is None or binds < power:
                return left
            chain += 1
            self._limit(self.depth + chain)
            cursor.take()
            # powers join from the right and take a sign
            right = self.expression(_SIGN if binds == _POWER else binds + 1)
            left = self._join(token, left, right)

    def _limit(self, depth: int) -> None:
        if depth > DEEPEST:
            raise self.cursor.fail(TooDeep(self.cursor.span(self.cursor.token), DEEPEST))

    def _join(self, token: Token, left: Expr, right: Expr) -> Expr:
        span, operator = left.span.to(right.span), token.text
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

    def _conditional(self, then: Expr) -> Expr:
        self.cursor.take()
        condition = self.expression(_PIPE)
        self.cursor.expect("else", "a conditional has both branches: `a if condition else b`")
        otherwise = self.expression(_IF)
        return Conditional(then.span.to(otherwise.span), then, condition, otherwise)

    def _operand(self, power: int) -> Expr:
        cursor, token = self.cursor, self.cursor.token
        if token.text in ("+", "-") and token.kind is Kind.OPERATOR and power <= _SIGN:
            cursor.take()
            operand = self.expression(_SIGN)
            return Sign(cursor.span(token).to(operand.span), "-" if token.text == "-" else "+", operand)
        if token.text == "not" and token.kind is Kind.KEYWORD and power <= _NOT:
            cursor.take()
            operand = self.expression(_NOT)
            return Not(cursor.span(token).to(operand.span), operand)
        return self.postfix()

    def postfix(self) -> Expr:
        """An atom with its calls, brackets and attributes."""
        cursor = self.cursor
        value = self._atom()
        for link in range(DEEPEST + 1):
            self._limit(self.depth + link)
            if cursor.accept("("):
                arguments = self._arguments()
                value = Call(cursor.since(value.span.start), value, arguments)
            elif cursor.accept("["):
                items = self.items()
                cursor.expect("]")
                value = Index(cursor.since(value.span.start), value, items)
            elif cursor.accept("."):
                name = cursor.any_word("a name after `.`")
                value = Attribute(cursor.since(value.span.start), value, name)
            else:
                break
        return value

    def _atom(self) -> Expr:
        cursor, token = self.cursor, self.cursor.token
        span = cursor.span(token)
        match token.kind:
            case Kind.NAME:
                cursor.take()
                return Name(span, token.text)
            case Kind.NUMBER:
                cursor.take()
                return Number(span, int(token.text) if token.text.isdigit() else float(token.text))
            case Kind.STRING:
                cursor.take()
                return String(span, token.text[1:-1])
        if cursor.at("("):
            return self._parenthesis()
        if cursor.at("["):
            return self._bracket()
        if token.kind is Kind.KEYWORD:
            raise cursor.fail(ReservedWord(span, token.text, _VALUE))
        raise cursor.unexpected(_VALUE)

    def _parenthesis(self) -> Expr:
        cursor, start = self.cursor, self.cursor.take().start
        items = [self.expression()]
        while cursor.accept(","):
            items.append(self.expression())
        cursor.expect(")")
        return items[0] if len(items) == 1 else TupleOf(cursor.since(start), tuple(items))

    def _bracket(self) -> Expr:
        cursor, start = self.cursor, self.cursor.take().start
        items: list[Expr] = []
        if not cursor.at("]"):
            items.append(self.expression())
        separator = ";" if cursor.at(";") else ","
        while cursor.accept(separator):
            items.append(self.expression())
        cursor.expect("]", "one bracket holds a list `[a, b]` or a join `[a; b]`, not both")
        span = cursor.since(start)
        return Join(span, tuple(items)) if separator == ";" else ListOf(span, tuple(items))

    def _arguments(self) -> tuple[Argument, ...]:
        cursor = self.cursor
        found: list[Argument] = []
        while not cursor.at(")"):
            start, name = cursor.token.start, None
            if cursor.token.kind in (Kind.NAME, Kind.KEYWORD) and cursor.ahead().text == "=":
                name = cursor.any_word("a setting")
                cursor.take()
            value = self.expression()
            found.append(Argument(cursor.since(start), name, value))
            if not cursor.accept(","):
                break
        cursor.expect(")")
        return tuple(found)

    def items(self) -> tuple[Expr, ...]:
        """What stands between `[` and `]` after a value."""
        found = [self._item()]
        while self.cursor.accept(","):
            found.append(self._item())
        return tuple(found)

    def _item(self) -> Expr:
        cursor, token = self.cursor, self.cursor.token
        if cursor.at("*"):
            cursor.take()
            name = cursor.name("the name of further axes")
            return Star(cursor.since(token.start), name.name)
        if token.kind is Kind.NAME and cursor.ahead().text == ":":
            name = cursor.name("the name of an axis")
            cursor.take()
            return AxisName(cursor.since(token.start), name, self.expression())
        return self.expression()

