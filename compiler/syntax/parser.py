"""Tokens to a tree: files, their blocks, and where to go on after a problem."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeVar

from netc.compiler.diagnostics.problems.layout import EmptyBlock, MissingColon
from netc.compiler.diagnostics.problems.syntax import Misplaced
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.source.text import Source, Span
from netc.compiler.syntax import tree
from netc.compiler.syntax.cursor import Cursor, Failed
from netc.compiler.syntax.drawn import read_rows
from netc.compiler.syntax.lexer import lex
from netc.compiler.syntax.statements import INNER, TOP, Statements
from netc.compiler.syntax.tokens import Kind, Token

_T = TypeVar("_T")
_DECLARING = ("param", "input", "state", "dim", "const")
_DECLARATION = "a net, a layer, a function or settings"


def parse(source: Source, reporter: Reporter) -> tree.File:
    """The tree of a source. Statements with problems stand in it as `Unread`."""
    return Parser(Cursor(source, lex(source, reporter), reporter)).file()


class Parser:
    """Reads a file."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.statements = Statements(cursor)
        self.expressions = self.statements.expressions
        self.begun = 0  # the token that begins the current statement

    # ---- top level -----------------------------------------------------------------------------------------------

    def file(self) -> tree.File:
        items: list[tree.Top] = []
        while self.cursor.token.kind is not Kind.END:
            if self.cursor.token.kind in (Kind.NEWLINE, Kind.INDENT, Kind.DEDENT):
                self.cursor.take()
                continue
            self.begun = self.cursor.position
            try:
                items.append(self._top())
            except Failed:
                items.append(self._unread())
                self._recover()
        return tree.File(self.cursor.source, tuple(items))

    def _top(self) -> tree.Top:
        cursor, token = self.cursor, self.cursor.token
        if token.kind is Kind.KEYWORD and token.text in TOP:
            return self._declaration(token)
        inner = token.kind is Kind.KEYWORD and token.text in INNER
        if inner or token.kind is Kind.NAME and cursor.ahead().text in ("=", "[", "~"):
            what = f"`{token.text}`" if inner else "an equation"
            raise cursor.fail(
                Misplaced(cursor.span(token), what, "outside a net or a layer", "inside a net or a layer")
            )
        raise self.statements.no_statement(TOP, _DECLARATION)

    def _declaration(self, token: Token) -> tree.Top:
        match token.text:
            case "use":
                return self._ended(self._use)
            case "net":
                return self._net()
            case "layer":
                return self._layer()
            case "def":
                return self._ended(self._def)
            case "table":
                return self._table()
            case "train" | "sample":
                return self._settings()
            case "dim":
                return self._ended(self.statements.dims)
            case _:
                return self._ended(self.statements.const)

    def _ended(self, read: Callable[[], _T]) -> _T:
        found = read()
        self.statements.end_of_line()
        return found

    def _use(self) -> tree.Use:
        start = self.cursor.take().start
        token = self.cursor.token
        if token.kind is not Kind.STRING:
            raise self.cursor.unexpected("the name of a file between quotation marks", 'for example `use "blocks.net"`')
        self.cursor.take()
        return tree.Use(self.cursor.since(start), tree.String(self.cursor.span(token), token.text[1:-1]))

    def _net(self) -> tree.Net:
        cursor, start = self.cursor, self.cursor.take().start
        name = cursor.name("the name of a net")
        if cursor.at("("):
            raise cursor.unexpected("`:`", "a net's inputs stand in its block: `input x: real[3]`")
        span = cursor.since(start)
        return tree.Net(span, name, self._suite(span))

    def _layer(self) -> tree.Layer:
        cursor, start = self.cursor, self.cursor.take().start
        name = cursor.name("the name of a layer")
        form = f"`layer {name.name}(settings)(x: real[X]) -> y:`; there may be no settings: `()`"
        settings = self._parameters("`(` and the settings of the layer", form)
        inputs = self._parameters("`(` and the inputs of the layer", f"a layer has two brackets: {form}")
        cursor.expect("->", f"a layer says what it gives: {form}")
        outputs = self._outputs()
        span = cursor.since(start)
        return tree.Layer(span, name, settings, inputs, outputs, self._suite(span))

    def _parameters(self, expected: str, hint: str = "") -> tuple[tree.Parameter, ...]:
        cursor = self.cursor
        if not cursor.accept("("):
            raise cursor.unexpected(expected, hint)
        found: list[tree.Parameter] = []
        while not cursor.at(")"):
            found.append(self._parameter())
            if not cursor.accept(","):
                break
        cursor.expect(")")
        return tuple(found)

    def _parameter(self) -> tree.Parameter:
        cursor, start = self.cursor, self.cursor.token.start
        name = cursor.name("a name")
        type_ = self.expressions.whole() if cursor.accept(":") else None
        default = self.expressions.whole() if cursor.accept("=") else None
        return tree.Parameter(cursor.since(start), name, type_, default)

    def _outputs(self) -> tuple[tree.Parameter, ...]:
        cursor = self.cursor
        if not cursor.accept("("):
            begin = cursor.token
            one = self._output()
            if cursor.at(",") and cursor.line_has(":"):
                written = cursor.source.text[begin.start :].partition("\n")[0].partition("#")[0].rstrip().removesuffix(":")
                raise cursor.unexpected("`:`", f"several outputs stand in a bracket: `-> ({written}):`")
            return (one,)
        found = [self._output()]
        while cursor.accept(",") and not cursor.at(")"):
            found.append(self._output())
        cursor.expect(")")
        return tuple(found)

    def _output(self) -> tree.Parameter:
        cursor, start = self.cursor, self.cursor.token.start
        name = cursor.name("the name of an output")
        ends = cursor.ahead().kind is Kind.NEWLINE  # then the `:` is the header's
        type_ = self.expressions.whole() if not ends and cursor.accept(":") else None
        return tree.Parameter(cursor.since(start), name, type_, None)

    def _def(self) -> tree.Def:
        cursor, start = self.cursor, self.cursor.take().start
        name = cursor.name("the name of a function")
        form = f"a function is one expression: `def {name.name}(x) = x^2`"
        parameters = self._parameters("`(` and the arguments of the function", form)
        if not parameters:
            cursor.back()
            raise cursor.unexpected("an argument", f"without arguments it is a constant: `const {name.name} = ...`")
        cursor.expect("=", form)
        body = self.expressions.whole()
        return tree.Def(cursor.since(start), name, parameters, body)

    def _settings(self) -> tree.Block:
        cursor, token = self.cursor, self.cursor.take()
        net = cursor.name("the name of a net") if cursor.token.kind is Kind.NAME else None
        kind: Literal["train", "sample"] = "train" if token.text == "train" else "sample"
        span = cursor.since(token.start)
        self._open_block(span)
        return tree.Block(span, kind, net, self._lines(lambda found: self._line(self.statements.setting, found)))

    # ---- blocks --------------------------------------------------------------------------------------------------

    def _open_block(self, header: Span) -> None:
        """Over the `:` and into the block, or past the problem."""
        cursor = self.cursor
        colon = cursor.accept(":")
        if cursor.token.kind is not Kind.NEWLINE:
            if colon is None:
                raise cursor.unexpected("`:`", "a header ends with `:` and its block follows, indented")
            raise cursor.unexpected("the end of the line", "the block begins on the next line, indented by four spaces")
        block = cursor.ahead().kind is Kind.INDENT
        if not block:
            raise cursor.fail(EmptyBlock(header, header.text))
        if colon is None:
            cursor.report(MissingColon(Span(header.source, header.end, header.end), header.text))
        cursor.take()
        cursor.take()

    def _suite(self, header: Span) -> tuple[tree.Statement, ...]:
        self._open_block(header)
        return self._lines(self._statement_line)

    def _lines(self, line: Callable[[list[tree.Statement]], None]) -> tuple[tree.Statement, ...]:
        cursor = self.cursor
        found: list[tree.Statement] = []
        while cursor.token.kind not in (Kind.DEDENT, Kind.END):
            self.begun = cursor.position
            try:
                line(found)
            except Failed:
                found.append(self._unread())
                self._recover()
        if cursor.token.kind is Kind.DEDENT:
            cursor.take()
        return tuple(found)

    def _statement_line(self, found: list[tree.Statement]) -> None:
        if self.cursor.at("table"):
            found.append(self._table())
        else:
            self._line(self.statements.statement, found)

    def _line(self, read: Callable[[], tree.Statement], found: list[tree.Statement]) -> None:
        cursor = self.cursor
        statement = read()
        while cursor.accept(";"):
            found.append(statement)
            if cursor.token.kind is Kind.NEWLINE:
                cursor.take()
                return
            self.begun = cursor.position
            statement = read()
        guessed = cursor.line_is_faulty()
        self.statements.end_of_line()
        found.append(self._unread() if guessed else statement)

    def _table(self) -> tree.Table | tree.Unread:
        cursor, start = self.cursor, self.cursor.take().start
        item = self.statements.item("the name of a table")
        header = cursor.since(start)
        flat = cursor.at(":") and cursor.ahead(2).kind is Kind.ROW
        if flat:
            cursor.report(EmptyBlock(header, header.text))
            cursor.take()
            cursor.take()
        else:
            self._open_block(header)
        lines: list[Span] = []
        while cursor.token.kind is Kind.ROW or not flat and cursor.token.kind not in (Kind.DEDENT, Kind.END):
            first = cursor.token
            while cursor.token.kind not in (Kind.NEWLINE, Kind.END):
                cursor.take()
            lines.append(cursor.span(first, cursor.before()))
            if cursor.token.kind is Kind.NEWLINE:
                cursor.take()
        if cursor.token.kind is Kind.DEDENT and not flat:
            cursor.take()
        rows, problem = read_rows(lines, item.axes)
        if problem is not None:
            cursor.report(problem)
            return tree.Unread(header, (item.name.name,))
        return tree.Table(header, item.name, item.axes, rows, tuple(lines))

    def _unread(self) -> tree.Unread:
        """The statement that failed. What it may define is not unknown later on."""
        tokens, k = self.cursor.tokens, self.begun
        first = last = tokens[k]
        names: list[str] = []
        words: list[str] = []  # all of them
        depth, least, open_ = 0, 0, True  # a name may be defined here: before `=` and the like, behind a comma, or where a line begins
        while tokens[k].kind not in (Kind.NEWLINE, Kind.INDENT, Kind.DEDENT, Kind.END):
            begins = tokens[k] is not first and "\n" in self.cursor.source.text[last.end : tokens[k].start]
            last = tokens[k]
            if last.kind is Kind.NAME:
                words.append(last.text)
                if begins or open_ and (depth == 0 or depth == 1 and first.text == "("):
                    names.append(last.text)
            depth += (last.text in ("(", "[")) - (last.text in (")", "]"))
            least = min(least, depth)
            if depth == 0 and last.text in ("=", "~", ":", "init", "where", ","):
                open_ = last.text == ","
            k += 1
        if first.text in _DECLARING and (depth, least) != (0, 0):
            names = words  # where brackets are not as they should be, any of them may be declared
        return tree.Unread(self.cursor.span(first, last), tuple(dict.fromkeys(names)))

    def _recover(self) -> None:
        """Go on behind the line that failed, and behind the block it may have opened."""
        cursor = self.cursor
        while cursor.token.kind not in (Kind.NEWLINE, Kind.END, Kind.DEDENT):
            cursor.take()
        if cursor.token.kind is Kind.NEWLINE:
            cursor.take()
        self._skip_block()

    def _skip_block(self) -> None:
        depth = 0
        while depth or self.cursor.token.kind is Kind.INDENT:
            kind = self.cursor.take().kind
            depth += (kind is Kind.INDENT) - (kind is Kind.DEDENT)
