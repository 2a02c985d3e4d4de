"""The statements of a block, one by one."""

from __future__ import annotations

from typing import Literal

from netc.compiler.diagnostics.foreign import STATEMENTS
from netc.compiler.diagnostics.problems.syntax import (
    ForeignWord,
    Misplaced,
    MisspeltKeyword,
    ReservedWord,
    SingleEquals,
    Unexpected,
)
from netc.compiler.diagnostics.suggest import suggest
from netc.compiler.syntax import tree
from netc.compiler.syntax.cursor import Cursor, Failed
from netc.compiler.syntax.expressions import Expressions
from netc.compiler.syntax.slips import beside
from netc.compiler.syntax.tokens import Kind, Token

TOP = ("use", "net", "layer", "def", "table", "train", "sample", "dim", "const")
INNER = (
    "dim",
    "const",
    "input",
    "param",
    "state",
    "next",
    "output",
    "loss",
    "metric",
    "gate",
    "attention",
    "assert",
    "table",
)
_TYPES = ("real", "float", "tensor", "Tensor", "matrix", "vector")
_EQUATION = "each line defines something: `name = value`, or `target ~ distribution`"


class Statements:
    """Reads statements from a cursor."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.expressions = Expressions(cursor)

    def statement(self) -> tree.Statement:
        """One statement of a net or a layer, up to its `;` or the end of its line."""
        cursor, token = self.cursor, self.cursor.token
        if token.kind is not Kind.KEYWORD:
            return self._equation()
        if cursor.follows("=") and token.text not in ("loss", "metric", "output"):
            raise cursor.fail(ReservedWord(cursor.span(token), token.text, "a name to define"))
        match token.text:
            case "dim":
                return self.dims()
            case "const":
                return self.const()
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
                what = f"`{token.text}`"
                raise cursor.fail(Misplaced(cursor.span(token), what, "inside a block", "at the left margin"))
            case _:
                hint = "a conditional is a value: `y = a if condition else b`" if token.text in ("if", "else") else ""
                raise cursor.unexpected("a statement", hint)

    def setting(self) -> tree.Equation:
        """One line of `train` or `sample`: any word, `=`, a value."""
        cursor, start = self.cursor, self.cursor.token.start
        name = cursor.any_word("the name of a setting")
        if not cursor.accept("="):
            hint = "each setting is `name = value`: `batch = 32`"
            raise cursor.unexpected("`=`", hint)
        value = self.expressions.whole()
        return tree.Equation(cursor.since(start), None, name, None, value)

    def end_of_line(self) -> None:
        """Nothing may follow; what does is told apart as far as it can be."""
        cursor, token = self.cursor, self.cursor.token
        if token.kind is Kind.NEWLINE:
            cursor.take()
            return
        if token.kind in (Kind.END, Kind.DEDENT):
            return
        problem = beside(cursor)
        if problem is not None:
            raise cursor.fail(problem)
        raise cursor.unexpected("the end of the statement", _parted(cursor) or _why_not(token, cursor.ahead()))

    def no_statement(self, words: tuple[str, ...], expected: str) -> Failed:
        """A line that begins no statement: another language's word, a misspelt one, or neither."""
        cursor, token = self.cursor, self.cursor.token
        if token.kind is Kind.NAME and token.text in STATEMENTS:
            return cursor.fail(ForeignWord(cursor.span(token), token.text, STATEMENTS[token.text]))
        guess = suggest(token.text, words) if token.kind is Kind.NAME else None
        if guess is not None:
            return cursor.fail(MisspeltKeyword(cursor.span(token), token.text, guess))
        if words is INNER and token.kind is cursor.ahead().kind is Kind.NAME:  # `y tanh(x)`, or `float y = x`
            if cursor.line_has("="):
                return cursor.fail(ForeignWord(cursor.span(token), token.text, STATEMENTS["let"]))
            cursor.take()
            problem = beside(cursor)
            if problem is not None:
                return cursor.fail(problem)
        return cursor.unexpected(expected)

    # ---- declarations --------------------------------------------------------------------------------------------

    def item(self, what: str = "a name") -> tree.Item:
        cursor, start = self.cursor, self.cursor.token.start
        name = cursor.name(what)
        axes: tuple[tree.Expr, ...] = ()
        if cursor.accept("["):
            self.expressions.depth = 0
            axes = self.expressions.items()
        return tree.Item(cursor.since(start), name, axes)

    def _bindings(self, word: str) -> tuple[tree.Binding, ...]:
        cursor = self.cursor
        found = []
        while True:
            start, item = cursor.token.start, self.item(f"the name of a {word}")
            value = self.expressions.whole() if cursor.accept("=") else None
            found.append(tree.Binding(cursor.since(start), item, value))
            if not cursor.accept(","):
                return tuple(found)
            if isinstance(value, tree.Number) and cursor.token.kind is Kind.NUMBER:
                written = f"{value.span.text}.{cursor.span(cursor.token).text}"
                raise cursor.unexpected(f"the name of a {word}", f"a number has a decimal point: `{written}`")

    def dims(self) -> tree.Dims:
        start = self.cursor.take().start
        bindings = self._bindings("size")
        return tree.Dims(self.cursor.since(start), bindings)

    def const(self) -> tree.Const:
        start = self.cursor.take().start
        bindings = self._bindings("constant")
        return tree.Const(self.cursor.since(start), bindings)

    def _input(self) -> tree.Input:
        cursor, start = self.cursor, self.cursor.take().start
        names = [cursor.name("the name of an input")]
        while cursor.accept(","):
            names.append(cursor.name("the name of an input"))
        if cursor.token.kind is Kind.NAME and cursor.line_has(":"):
            raise cursor.unexpected("a comma or `:`", f"several inputs are parted by commas: `{cursor.before().text}, {cursor.token.text}`")
        if not cursor.accept(":"):
            axes = cursor.at("[")
            hint = "an input's sizes stand in its type" if axes else "an input says what it holds"
            raise cursor.unexpected("`:`", f"{hint}: `input image: real[1, 28, 28]`")
        type_ = self.expressions.whole()
        return tree.Input(cursor.since(start), tuple(names), type_)

    def _variables(self) -> tree.Var:
        cursor = self.cursor
        token = cursor.take()
        what = "a parameter" if token.text == "param" else "a state"
        items = [self.item(f"the name of {what}")]
        if cursor.token.kind is Kind.NAME and items[0].name.name in _TYPES and not items[0].axes:
            cursor.back()
            raise cursor.unexpected(f"the name of {what}", f"{what} has no type, only sizes: `{token.text} W[3, 4]`")
        while cursor.accept(","):
            if cursor.at("init", "where"):
                raise cursor.unexpected(f"the name of {what}", f"no comma stands before `{cursor.token.text}`")
            items.append(self.item(f"the name of {what}"))
        if cursor.at("="):
            text = cursor.source.text[token.start : cursor.before().end]
            raise cursor.unexpected("`init`", f"`init` says how {what} begins: `{text} init ...`")
        init = self.expressions.whole() if cursor.accept("init") else None
        where = self.expressions.whole() if cursor.accept("where") else None
        kind: Literal["param", "state"] = "param" if token.text == "param" else "state"
        return tree.Var(cursor.since(token.start), kind, tuple(items), init, where)

    def _next(self) -> tree.Next:
        cursor, start = self.cursor, self.cursor.take().start
        target = self._target_item()
        cursor.expect("=", "`next` says what a state becomes: `next mu[c] = ...`")
        value = self.expressions.whole()
        return tree.Next(cursor.since(start), target, value)

    def _output(self) -> tree.Output:
        cursor, start = self.cursor, self.cursor.take().start
        if cursor.at("="):
            raise cursor.unexpected("the name of an output", "an output has a name: `output guess = ...`")
        name = cursor.name("the name of an output")
        if cursor.at("[") and cursor.line_has("="):
            written = cursor.source.text[name.span.start :].partition("=")[0].strip()
            raise cursor.unexpected("`=`", f"say what it is first, `{written} = ...`, and then that it is given out: `output {name.name}`")
        value = self.expressions.whole() if cursor.accept("=") else None
        return tree.Output(cursor.since(start), name, value)

    def _objective(self) -> tree.Objective:
        cursor = self.cursor
        token = cursor.take()
        kind: Literal["loss", "metric"] = "loss" if token.text == "loss" else "metric"
        form = f"a {kind} has a name and a value: `{kind} total = ...`"
        if cursor.at("="):
            raise cursor.unexpected(f"the name of a {kind}", form)
        name = cursor.name(f"the name of a {kind}")
        if cursor.token.kind is Kind.NAME:
            problem = beside(cursor)
            if problem is not None:
                raise cursor.fail(problem)
        cursor.expect("=", form)
        value = self.expressions.whole()
        return tree.Objective(cursor.since(token.start), kind, name, value)

    def _assert(self) -> tree.Assert:
        cursor, start = self.cursor, self.cursor.take().start
        condition = self.expressions.whole()
        message = None
        if cursor.at("="):
            raise cursor.fail(SingleEquals(cursor.span(cursor.token)))
        comma = cursor.accept(",") is not None
        told = cursor.token.kind is Kind.STRING
        if told and not comma:
            raise cursor.unexpected("a comma", "a comma stands before the message: `assert condition, \"why\"`")
        if comma:
            if not told:
                raise cursor.unexpected("a message between quotation marks")
            message = cursor.take().text[1:-1]
        return tree.Assert(cursor.since(start), condition, message)

    # ---- equations -----------------------------------------------------------------------------------------------

    def _equation(self) -> tree.Equation | tree.Likelihood:
        cursor, first = self.cursor, self.cursor.token
        role: Literal["gate", "attention"] | None = None
        if first.kind is Kind.KEYWORD:
            role = "gate" if cursor.take().text == "gate" else "attention"
        elif first.kind is Kind.NAME and cursor.ahead().kind is Kind.NAME:
            raise self.no_statement(INNER, "a statement")
        target = self._target()
        if cursor.at("~"):
            return self._likelihood(first, role, target)
        type_ = self.expressions.whole() if cursor.accept(":") else None
        if not cursor.accept("="):
            raise self._no_equals(first)
        value = self.expressions.whole()
        return tree.Equation(cursor.since(first.start), role, target, type_, value)

    def _likelihood(self, first: Token, role: str | None, target: tree.Expr) -> tree.Likelihood:
        cursor = self.cursor
        if role is not None:
            raise cursor.unexpected("`=`", f"`{role}` speaks of an equation")
        if isinstance(target, tree.TupleOf):
            raise cursor.unexpected("`=`", "one likelihood speaks of one name; write two")
        cursor.take()
        distribution = self.expressions.whole()
        where = self.expressions.whole() if cursor.accept("where") else None
        return tree.Likelihood(cursor.since(first.start), target, distribution, where)

    def _no_equals(self, first: Token) -> Failed:
        cursor = self.cursor
        if cursor.at("<") and cursor.follows("-"):
            return cursor.unexpected("`=`", f"`=` defines a name: `{first.text} = ...`")
        if cursor.at("->"):
            return cursor.unexpected("`=` or `~`", f"give the value a name: `y = {first.text} -> ...`")
        if cursor.at("=="):
            return cursor.unexpected("`=`", "an equation is written with one `=`; `==` compares")
        if cursor.at("+", "-", "*", "/") and cursor.follows("="):
            return cursor.unexpected("`=`", "each name is defined once: there is no assignment that changes it")
        if cursor.at("(") and cursor.before() is first:
            written = f"{first.text}[{cursor.ahead().text}]"
            defines = f"an index stands in square brackets: `{written} = ...`; a function is `def {first.text}(x) = ...`, at the left margin"
            gives = f"give the value a name: `y = {first.text}(...)`"
            return cursor.unexpected("`=` or `~`", defines if cursor.line_has("=") else gives)
        if cursor.at(",") and first.kind is Kind.NAME and cursor.line_has("="):
            names = cursor.source.text[first.start :].partition("=")[0].strip()
            return cursor.unexpected("`=` or `~`", f"several names are defined at once in a bracket: `({names}) = ...`")
        if first.kind is Kind.NAME and first is cursor.before():
            guess = suggest(first.text, INNER) if cursor.token.kind is not Kind.NEWLINE else None
            if first.text in STATEMENTS or guess is not None:
                cursor.back()
                return self.no_statement(INNER, "a statement")
        problem = beside(cursor)
        return cursor.fail(problem) if problem else cursor.unexpected("`=` or `~`", _EQUATION)

    def _target(self) -> tree.Expr:
        """What an equation defines: `y`, `y[i]`, or several in `( )`."""
        cursor, start = self.cursor, self.cursor.token.start
        if not cursor.accept("("):
            return self._target_item()
        items = [self._target_item()]
        while cursor.accept(","):
            items.append(self._target_item())
        if cursor.token.kind is Kind.NAME:
            raise cursor.unexpected("a comma", f"several names are parted by commas: `{cursor.before().text}, {cursor.token.text}`")
        cursor.expect(")", "several names are defined at once as `(h, c) = ...`")
        if len(items) == 1:
            problem = Unexpected(cursor.since(start), "one name in `( )`", "a name to define", "leave the brackets out")
            raise cursor.fail(problem)
        return tree.TupleOf(cursor.since(start), tuple(items))

    def _target_item(self) -> tree.Expr:
        cursor = self.cursor
        if cursor.token.kind not in (Kind.NAME, Kind.KEYWORD):
            raise cursor.unexpected(
                "a statement" if cursor.token.kind is Kind.INDENT else "a name to define", _EQUATION
            )
        item = self.item("a name to define")
        return tree.Index(item.span, item.name, item.axes) if item.axes else item.name


def _parted(cursor: Cursor) -> str:
    """What to say of `const A = 0; B = 1` at the left margin, where no `;` parts statements."""
    token = cursor.token
    begin = cursor.source.text.rfind("\n", 0, token.start) + 1
    end = cursor.source.text.find("\n", token.start)
    line = cursor.source.text[begin : end if end >= 0 else None].partition("#")[0].rstrip()
    word = line.partition(" ")[0]
    if token.text != ";" or word not in ("dim", "const") or cursor.ahead().kind is not Kind.NAME:
        return ""
    return f"`{word}` parts its names by commas: `{line.replace(';', ',')}`"


def _why_not(token: Token, after: Token) -> str:
    """Why a statement cannot go on with this token."""
    match token.text:
        case ":" if after.text == "=":
            return "an equation is written with `=` alone"
        case "(":
            return "sizes stand in square brackets: `W[3, 4]`"
        case "[":
            return "all sizes stand in one bracket: `W[3, 4]`"
        case "=" if after.text == ">" and after.start == token.end:
            return "`->` applies a layer to what stands before it; `>=` compares"
        case "=" if after.text == "<" and after.start == token.end:
            return "write `<=`"
        case "where":
            return "`where` belongs to `param` and `~`; in an equation write `a if condition else b`"
        case "init":
            return "`init` belongs to `param` and `state`, before `where`"
        case "=":
            return "each line defines one name; `==` compares"
        case ":":
            return "only a header ends with `:`; a parameter has its sizes in brackets: `param W[3, 4]`"
        case ",":
            return "each line holds one statement; join values in `( )` or `[ ]`"
        case _:
            return ""
