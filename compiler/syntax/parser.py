"""Tokens to a tree, statement by statement; what cannot be read is reported and skipped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeVar

from netc.compiler.diagnostics.problems.syntax import (
    EmptyBlock,
    Juxtaposed,
    Misplaced,
    MisspeltKeyword,
    SingleEquals,
    TableUneven,
    Unexpected,
)
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.diagnostics.suggest import suggest
from netc.compiler.source.text import Source
from netc.compiler.syntax import tree
from netc.compiler.syntax.cursor import Cursor, Failed
from netc.compiler.syntax.expressions import Expressions
from netc.compiler.syntax.tokens import Kind, Lexer, Token

_TOP = ("use", "net", "layer", "def", "table", "train", "sample", "dim", "const")
_INNER = ("dim", "const", "input", "param", "state", "next", "output", "loss", "metric", "gate", "attention", "assert", "table")
_T = TypeVar("_T")
_VALUES = (Kind.NAME, Kind.NUMBER, Kind.STRING)


def parse(source: Source, reporter: Reporter) -> tree.File:
    """The tree of a source. Statements with problems are missing from it."""
    return Parser(Cursor(source, Lexer(source, reporter).run(), reporter)).file()


class Parser:
    """Reads a file."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.expressions = Expressions(cursor)
        self.settings = False  # inside `train` or `sample`, where any word may be a name

    # ---- top level -----------------------------------------------------------------------------------------------

    def file(self) -> tree.File:
        items: list[tree.Top] = []
        while self.cursor.token.kind is not Kind.END:
            try:
                item = self._top()
                if item is not None:
                    items.append(item)
            except Failed:
                self._recover()
        return tree.File(self.cursor.source, tuple(items))

    def _top(self) -> tree.Top | None:
        cursor, token = self.cursor, self.cursor.token
        if token.kind in (Kind.NEWLINE, Kind.INDENT, Kind.DEDENT):
            cursor.take()
            return None
        if token.kind is Kind.KEYWORD and token.text in _TOP:
            return self._declaration(token)
        if token.kind is Kind.KEYWORD and token.text in _INNER or self._equation_ahead():
            what = f"`{token.text}`" if token.kind is Kind.KEYWORD else "an equation"
            raise cursor.fail(Misplaced(cursor.span(token), what, "outside a net or a layer", "inside a net or a layer"))
        raise self._no_statement(_TOP)

    def _declaration(self, token: Token) -> tree.Top:
        match token.text:
            case "use":
                return self._use()
            case "net":
                return self._net()
            case "layer":
                return self._layer()
            case "def":
                return self._def()
            case "table":
                return self._table()
            case "train" | "sample":
                return self._block(token)
            case "dim":
                return self._ended(self._dims)
            case _:
                return self._ended(self._const)

    def _ended(self, read: Callable[[], _T]) -> _T:
        found = read()
        self._end_of_line()
        return found

    def _use(self) -> tree.Use:
        start = self.cursor.take().start
        token = self.cursor.token
        if token.kind is not Kind.STRING:
            raise self.cursor.unexpected("the name of a file between quotation marks")
        self.cursor.take()
        found = tree.Use(self.cursor.since(start), tree.String(self.cursor.span(token), token.text[1:-1]))
        self._end_of_line()
        return found

    def _net(self) -> tree.Net:
        start = self.cursor.take().start
        name = self.cursor.name("the name of a net")
        return tree.Net(self.cursor.since(start), name, self._suite(f"net {name.name}:"))

    def _layer(self) -> tree.Layer:
        cursor, start = self.cursor, self.cursor.take().start
        name = cursor.name("the name of a layer")
        settings = self._parameters("`(` and the settings of the layer (they may be none: `()`)")
        inputs = self._parameters("`(` and the inputs of the layer")
        cursor.expect("->", "a layer says what it gives: `layer Name(settings)(x: real[X]) -> y: real[n]:`")
        if cursor.at("("):
            outputs = self._parameters("outputs")
        else:
            outputs = (self._parameter(),)
        return tree.Layer(cursor.since(start), name, settings, inputs, outputs, self._suite(f"layer {name.name}"))

    def _parameters(self, expected: str) -> tuple[tree.Parameter, ...]:
        cursor = self.cursor
        if not cursor.accept("("):
            raise cursor.unexpected(expected)
        found: list[tree.Parameter] = []
        while not cursor.at(")"):
            found.append(self._parameter())
            if not cursor.accept(","):
                break
        cursor.expect(")")
        return tuple(found)

    def _parameter(self) -> tree.Parameter:
        cursor, start = self.cursor, self.cursor.token.start
        name = cursor.any_word("a name") if cursor.ahead().text in ("=", ",", ")") else cursor.name("a name")
        type_ = None
        if cursor.at(":") and cursor.ahead().kind is not Kind.NEWLINE:
            cursor.take()
            type_ = self.expressions.expression()
        default = self.expressions.expression() if cursor.accept("=") else None
        return tree.Parameter(cursor.since(start), name, type_, default)

    def _def(self) -> tree.Def:
        cursor, start = self.cursor, self.cursor.take().start
        name = cursor.name("the name of a function")
        parameters = self._parameters("`(` and the arguments of the function")
        cursor.expect("=", "a function is one expression: `def f(x) = x^2`")
        body = self.expressions.expression()
        found = tree.Def(cursor.since(start), name, parameters, body)
        self._end_of_line()
        return found

    def _table(self) -> tree.Table:
        cursor, start = self.cursor, self.cursor.take().start
        name = cursor.name("the name of a table")
        axes: tuple[tree.Expr, ...] = ()
        if cursor.accept("["):
            axes = self.expressions.items()
            cursor.expect("]")
        self._open_block(f"table {name.name}")
        rows: list[tuple[bool, ...]] = []
        spans = []
        while cursor.token.kind is not Kind.DEDENT and cursor.token.kind is not Kind.END:
            token = cursor.take()
            if token.kind is Kind.NEWLINE:
                continue
            if token.kind is not Kind.ROW:
                cursor.position -= 1
                raise cursor.unexpected("a row of `X` and `.`", "draw each cell as `X` (there) or `.` (absent)")
            rows.append(tuple(c == "X" for c in token.text if c in "X."))
            spans.append(cursor.span(token))
        if cursor.token.kind is Kind.DEDENT:
            cursor.take()
        for row, span in zip(rows, spans, strict=True):
            if len(row) != len(rows[0]):
                cursor.reporter.report(TableUneven(span, len(row), len(rows[0]), spans[0]))
        return tree.Table(cursor.since(start), name, axes, tuple(rows), tuple(spans))

    def _block(self, token: Token) -> tree.Block:
        cursor = self.cursor
        cursor.take()
        net = cursor.name("the name of a net") if cursor.token.kind is Kind.NAME else None
        kind: Literal["train", "sample"] = "train" if token.text == "train" else "sample"
        self.settings = True
        try:
            return tree.Block(cursor.since(token.start), kind, net, self._suite(f"{token.text}:"))
        finally:
            self.settings = False

    # ---- blocks --------------------------------------------------------------------------------------------------

    def _open_block(self, header: str) -> None:
        cursor = self.cursor
        colon = cursor.token
        cursor.expect(":", "a header ends with `:` and its block follows, indented")
        if cursor.token.kind is not Kind.NEWLINE:
            raise cursor.unexpected("the end of the line", "the block begins on the next line, indented by four spaces")
        cursor.take()
        if cursor.token.kind is not Kind.INDENT:
            raise cursor.fail(EmptyBlock(cursor.span(colon), header))
        cursor.take()

    def _suite(self, header: str) -> tuple[tree.Statement, ...]:
        cursor = self.cursor
        self._open_block(header)
        found: list[tree.Statement] = []
        while cursor.token.kind not in (Kind.DEDENT, Kind.END):
            try:
                self._line(found)
            except Failed:
                self._recover()
        if cursor.token.kind is Kind.DEDENT:
            cursor.take()
        return tuple(found)

    def _line(self, found: list[tree.Statement]) -> None:
        cursor = self.cursor
        if cursor.token.kind is Kind.NEWLINE:
            cursor.take()
            return
        if cursor.token.kind is Kind.INDENT:
            raise cursor.unexpected("a statement", "this line is indented deeper than the one before; line them up")
        if cursor.at("table") and not self.settings:
            found.append(self._table())
            return
        found.append(self._statement())
        while cursor.accept(";"):
            if cursor.token.kind is Kind.NEWLINE:
                break
            found.append(self._statement())
        self._end_of_line()

    def _end_of_line(self) -> None:
        cursor, token = self.cursor, self.cursor.token
        if token.kind is Kind.NEWLINE:
            cursor.take()
            return
        if token.kind in (Kind.END, Kind.DEDENT):
            return
        before = cursor.tokens[cursor.position - 1]
        if token.kind in _VALUES and (before.kind in _VALUES or before.text in ")]"):
            start = self._operand_start(before)
            gap = cursor.span(before, token)
            problem = Juxtaposed(
                cursor.span(token), cursor.source.text[start : before.end], token.text,
                type(gap)(cursor.source, before.end, token.start),
            )  # fmt: skip
            raise cursor.fail(problem)
        if token.text == "=" and token.kind is Kind.OPERATOR:
            raise cursor.fail(SingleEquals(cursor.span(token)))
        raise cursor.unexpected("the end of the statement")

    def _operand_start(self, last: Token) -> int:
        """Where the operand that ends with this token begins: over brackets, back to a name."""
        cursor, k, depth = self.cursor, self.cursor.position - 1, 0
        while k > 0:
            text = cursor.tokens[k].text
            depth += (text in (")", "]")) - (text in ("(", "["))
            if depth == 0 and cursor.tokens[k].kind in _VALUES:
                break
            k -= 1
        return cursor.tokens[k].start

    def _recover(self) -> None:
        """Go on behind the line that failed, and behind the block it may have opened."""
        cursor = self.cursor
        while cursor.token.kind not in (Kind.NEWLINE, Kind.END):
            if cursor.token.kind is Kind.DEDENT:
                return
            cursor.take()
        if cursor.token.kind is Kind.NEWLINE:
            cursor.take()
        if cursor.token.kind is not Kind.INDENT:
            return
        depth = 0
        while cursor.token.kind is not Kind.END:
            kind = cursor.take().kind
            depth += (kind is Kind.INDENT) - (kind is Kind.DEDENT)
            if depth == 0:
                return

    # ---- statements ----------------------------------------------------------------------------------------------

    def _statement(self) -> tree.Statement:
        cursor, token = self.cursor, self.cursor.token
        setting = self.settings and cursor.ahead().text == "="
        if token.kind is not Kind.KEYWORD or setting:
            return self._equation()
        match token.text:
            case "dim":
                return self._dims()
            case "const":
                return self._const()
            case "input":
                return self._input()
            case "param" | "state":
                return self._variables()
            case "next":
                return self._next()
            case "output":
                return self._output()
            case "loss" | "metric":
                return self._objective()
            case "assert":
                return self._assert()
            case "gate" | "attention":
                return self._equation()
            case "net" | "layer" | "def" | "use" | "train" | "sample":
                where = "inside a block"
                raise cursor.fail(Misplaced(cursor.span(token), f"`{token.text}`", where, "at the left margin"))
            case _:
                raise self._no_statement(_INNER)

    def _no_statement(self, words: tuple[str, ...]) -> Failed:
        cursor, token = self.cursor, self.cursor.token
        guess = suggest(token.text, words) if token.kind is Kind.NAME else None
        if guess is not None:
            return cursor.fail(MisspeltKeyword(cursor.span(token), token.text, guess))
        expected = "a statement" if words is _INNER else "a net, a layer, a function or settings"
        return cursor.unexpected(expected)

    def _item(self) -> tree.Item:
        cursor, start = self.cursor, self.cursor.token.start
        name = cursor.name("a name")
        axes: tuple[tree.Expr, ...] = ()
        if cursor.accept("["):
            axes = self.expressions.items()
            cursor.expect("]")
        return tree.Item(cursor.since(start), name, axes)

    def _bindings(self) -> tuple[tree.Binding, ...]:
        cursor = self.cursor
        found = []
        while True:
            start, item = cursor.token.start, self._item()
            value = self.expressions.expression() if cursor.accept("=") else None
            found.append(tree.Binding(cursor.since(start), item, value))
            if not cursor.accept(","):
                return tuple(found)

    def _dims(self) -> tree.Dims:
        start = self.cursor.take().start
        bindings = self._bindings()
        return tree.Dims(self.cursor.since(start), bindings)

    def _const(self) -> tree.Const:
        start = self.cursor.take().start
        bindings = self._bindings()
        return tree.Const(self.cursor.since(start), bindings)

    def _input(self) -> tree.Input:
        cursor, start = self.cursor, self.cursor.take().start
        names = [cursor.name("the name of an input")]
        while cursor.accept(","):
            names.append(cursor.name("the name of an input"))
        cursor.expect(":", "an input says what it holds: `input image: real[1, 28, 28]`")
        type_ = self.expressions.expression()
        return tree.Input(cursor.since(start), tuple(names), type_)

    def _variables(self) -> tree.Var:
        cursor = self.cursor
        token = cursor.take()
        items = [self._item()]
        while cursor.accept(","):
            items.append(self._item())
        init = self.expressions.expression() if cursor.accept("init") else None
        where = self.expressions.expression() if cursor.accept("where") else None
        kind: Literal["param", "state"] = "param" if token.text == "param" else "state"
        return tree.Var(cursor.since(token.start), kind, tuple(items), init, where)

    def _next(self) -> tree.Next:
        cursor, start = self.cursor, self.cursor.take().start
        target = self.expressions.postfix()
        cursor.expect("=")
        value = self.expressions.expression()
        return tree.Next(cursor.since(start), target, value)

    def _output(self) -> tree.Output:
        cursor, start = self.cursor, self.cursor.take().start
        name = cursor.name("the name of an output")
        value = self.expressions.expression() if cursor.accept("=") else None
        return tree.Output(cursor.since(start), name, value)

    def _objective(self) -> tree.Objective:
        cursor = self.cursor
        token = cursor.take()
        kind: Literal["loss", "metric"] = "loss" if token.text == "loss" else "metric"
        name = cursor.name(f"the name of a {kind}")
        cursor.expect("=", f"a {kind} has a name and a value: `{kind} total = ...`")
        value = self.expressions.expression()
        return tree.Objective(cursor.since(token.start), kind, name, value)

    def _assert(self) -> tree.Assert:
        cursor, start = self.cursor, self.cursor.take().start
        condition = self.expressions.expression()
        message = None
        if cursor.accept(","):
            if cursor.token.kind is not Kind.STRING:
                raise cursor.unexpected("a message between quotation marks")
            message = cursor.take().text[1:-1]
        return tree.Assert(cursor.since(start), condition, message)

    def _equation_ahead(self) -> bool:
        token, following = self.cursor.token, self.cursor.ahead()
        return token.kind is Kind.NAME and following.text in ("=", "[", "~", ":")

    def _equation(self) -> tree.Equation | tree.Likelihood:
        cursor, first = self.cursor, self.cursor.token
        role: Literal["gate", "attention"] | None = None
        if cursor.at("gate", "attention") and cursor.ahead().text != "=":
            role = "gate" if cursor.take().text == "gate" else "attention"
        if self.settings:
            target: tree.Expr = cursor.any_word("the name of a setting")
        else:
            self._keyword_misspelt()
            target = self.expressions.postfix()
        if cursor.accept("~"):
            distribution = self.expressions.expression()
            where = self.expressions.expression() if cursor.accept("where") else None
            return tree.Likelihood(cursor.since(first.start), target, distribution, where)
        self._check_target(target)
        type_ = None
        if cursor.accept(":"):
            type_ = self.expressions.expression()
        if not cursor.accept("="):
            hint = "each line defines something: `name = value`, or `target ~ distribution`"
            raise cursor.unexpected("`=` or `~`", hint)
        value = self.expressions.expression()
        return tree.Equation(cursor.since(first.start), role, target, type_, value)

    def _keyword_misspelt(self) -> None:
        """`imput x: ...`: two words at the start of a line."""
        cursor = self.cursor
        if cursor.token.kind is Kind.NAME and cursor.ahead().kind is Kind.NAME:
            guess = suggest(cursor.token.text, _INNER)
            if guess is not None:
                raise cursor.fail(MisspeltKeyword(cursor.span(cursor.token), cursor.token.text, guess))

    def _check_target(self, target: tree.Expr) -> None:
        items = target.items if isinstance(target, tree.TupleOf) else (target,)
        for item in items:
            base = item.base if isinstance(item, tree.Index) else item
            if not isinstance(base, tree.Name):
                problem = Unexpected(item.span, f"`{item.span.text}`", "a name to define", "the left side is a name, `y` or `y[i]`, or several in `( )`")
                raise self.cursor.fail(problem)
