"""The parser is written by hand; `grammar/net.lark` is the language. Both accept the same texts and see the same trees."""

from __future__ import annotations

import logging
import random
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import lark
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from lark.indenter import Indenter
from netc import grammar
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.source.text import Source
from netc.compiler.syntax import tree
from netc.compiler.syntax.parser import parse
from netc.compiler.syntax.tokens import KEYWORDS

SPECS = sorted((Path(__file__).parents[3] / "specs").rglob("*.net"))
BEYOND_GRAMMAR = {"E0110", "E0116", "E0901"}  # uneven tables, large numbers, deep nesting
Shape = Any


class _Indenter(Indenter):
    NL_type = "_NL"
    OPEN_PAREN_types: ClassVar = ["LPAR", "LSQB"]
    CLOSE_PAREN_types: ClassVar = ["RPAR", "RSQB"]
    INDENT_type = "_INDENT"
    DEDENT_type = "_DEDENT"
    tab_len = 4

    def handle_NL(self, token: lark.Token) -> Any:
        if self.paren_level == 0 and "\t" in token.rsplit("\n", 1)[1]:
            raise lark.exceptions.UnexpectedInput("a tab in the indentation")
        yield from super().handle_NL(token)


@cache
def lalr() -> lark.Lark:
    return lark.Lark(grammar.source("net.lark"), parser="lalr", postlex=_Indenter(), maybe_placeholders=True)


def by_grammar(text: str) -> Shape | None:
    try:
        return _told(lalr().parse(f"\n{text}\n"))
    except (lark.exceptions.UnexpectedInput, lark.indenter.DedentError, AssertionError):
        return None


def by_hand(text: str) -> tuple[Shape | None, set[str]]:
    reporter = Reporter()
    file = parse(Source("spec.net", text), reporter)
    codes = {p.code for p in reporter.problems}
    return (None if codes else ("start", *map(_seen, file.items))), codes


# ---- what lark built, as nested tuples ---------------------------------------------------------------------------


def _told(node: Any) -> Shape:
    if node is None:
        return None
    if isinstance(node, lark.Token):
        return unicodedata.normalize("NFC", str(node)).replace("µ", "μ") if node.type == "NAME" else str(node)
    children = [_told(c) for c in node.children]
    match node.data:
        case "name" | "string" | "word" | "star" | "target" | "params" | "outs":
            if node.data in ("params", "outs"):
                return tuple(c for c in children if c is not None)
            return (
                children[0]
                if node.data == "word" or len(children) == 1 and node.data == "target"
                else (str(node.data), *children)
            )
        case "only":
            return ("out", *children)
        case "number":
            text = children[0]
            return ("number", int(text) if text.isdigit() else float(text))
        case "indices" | "args":
            return tuple(c for c in children if c is not None)
        case "list":
            return ("list", *(c for c in children if c is not None))
        case "call":
            return ("call", children[0], children[1] or ())
        case "item":
            return ("item", children[0], children[1] or ())
        case "table":
            return ("table", children[0], *("".join(c for c in row if c in "X.") for row in children[1:]))
        case "layer":
            return ("layer", children[0], children[1] or (), children[2] or (), children[3], *children[4:])
        case "assertion":
            return ("assertion", *children)
        case _:
            return (str(node.data), *children)


# ---- what the parser built, in the same form ---------------------------------------------------------------------


def _seen(node: Any) -> Shape:
    match node:
        case None:
            return None
        case tree.Name():
            return ("name", node.name)
        case tree.Number():
            return ("number", node.value)
        case tree.String():
            return ("string", f'"{node.value}"')
        case tree.Argument():
            return ("arg", node.name.name if node.name else None, _seen(node.value))
        case tree.Call():
            return ("call", _seen(node.function), tuple(map(_seen, node.arguments)))
        case tree.AxisName():
            return ("axis", node.name.name, _seen(node.size))
        case tree.Star():
            return ("star", node.name)
        case tree.Index():
            return ("index", _seen(node.base), tuple(map(_seen, node.items)))
        case tree.Attribute():
            return ("attr", _seen(node.base), node.name.name)
        case tree.Sign():
            return ("sign", node.operator, _seen(node.operand))
        case tree.Binary():
            return ("binop", _seen(node.left), node.operator, _seen(node.right))
        case tree.Compare():
            return ("compare", _seen(node.left), node.operator, _seen(node.right))
        case tree.Logic():
            return (f"{node.operator}_", _seen(node.left), _seen(node.right))
        case tree.Not():
            return ("not_", _seen(node.operand))
        case tree.Conditional():
            return ("cond", _seen(node.then), _seen(node.condition), _seen(node.otherwise))
        case tree.Range():
            return ("range", _seen(node.low), _seen(node.high))
        case tree.TupleOf():
            return ("tuple", *map(_seen, node.items))
        case tree.ListOf():
            return ("list", *map(_seen, node.items))
        case tree.Join():
            return ("join", *map(_seen, node.items))
        case tree.Pipe():
            return ("pipe", _seen(node.left), _seen(node.right))
        case _:
            return _seen_statement(node)


def _item(node: tree.Expr | tree.Item) -> Shape:
    match node:
        case tree.Item():
            return ("item", node.name.name, tuple(map(_seen, node.axes)))
        case tree.Index(base=tree.Name(name=name)):
            return ("item", name, tuple(map(_seen, node.items)))
        case tree.Name():
            return ("item", node.name, ())
        case tree.TupleOf():
            return ("target", *map(_item, node.items))
        case _:
            raise AssertionError(node)


def _parameter(node: tree.Parameter, kind: str = "param") -> Shape:
    more = (_seen(node.default),) if kind == "param" else ()
    return (kind, node.name.name, _seen(node.type), *more)


def _seen_statement(node: Any) -> Shape:
    match node:
        case tree.Dims() | tree.Const():
            kind = "dims" if isinstance(node, tree.Dims) else "const"
            return (kind, *(("bind", _item(b.item), _seen(b.value)) for b in node.bindings))
        case tree.Input():
            return ("input", *(n.name for n in node.names), _seen(node.type))
        case tree.Var():
            return ("var", node.kind, *map(_item, node.items), _seen(node.init), _seen(node.where))
        case tree.Next():
            return ("next", _item(node.target), _seen(node.value))
        case tree.Output():
            return ("output", node.name.name, _seen(node.value))
        case tree.Objective():
            return ("objective", node.kind, node.name.name, _seen(node.value))
        case tree.Assert():
            return ("assertion", _seen(node.condition), None if node.message is None else f'"{node.message}"')
        case tree.Equation():
            return ("equation", node.role, _item(node.target), _seen(node.type), _seen(node.value))
        case tree.Likelihood():
            return ("likelihood", _item(node.target), _seen(node.distribution), _seen(node.where))
        case tree.Table():
            rows = ("".join("X" if c else "." for c in row) for row in node.rows)
            return ("table", ("item", node.name.name, tuple(map(_seen, node.axes))), *rows)
        case tree.Use():
            return ("use", f'"{node.path.value}"')
        case tree.Net():
            return ("net", node.name.name, *map(_seen, node.body))
        case tree.Layer():
            settings_, inputs = (tuple(map(_parameter, p)) for p in (node.settings, node.inputs))
            outputs = tuple(_parameter(p, "out") for p in node.outputs)
            return ("layer", node.name.name, settings_, inputs, outputs, *map(_seen, node.body))
        case tree.Def():
            return ("def", node.name.name, tuple(map(_parameter, node.parameters)), _seen(node.body))
        case tree.Block():
            body = tuple(("setting", s.target.name, _seen(s.value)) for s in node.body)  # type: ignore[union-attr]
            return ("block", node.kind, node.net.name if node.net else None, *body)
        case _:
            raise AssertionError(node)


def assert_same(text: str) -> None:
    expected = by_grammar(text)
    found, codes = by_hand(text)
    if "E0901" in codes:
        return
    if codes & {"E0110", "E0116"}:
        assert expected is not None or codes - BEYOND_GRAMMAR
        return
    assert found == expected, f"{text!r}: {codes}"


# ---- tests -------------------------------------------------------------------------------------------------------


def test_grammar_has_no_conflict(caplog: pytest.LogCaptureFixture) -> None:
    # lark decides shift/reduce conflicts silently, but says so in its log; reduce/reduce conflicts are errors anyway
    with caplog.at_level(logging.DEBUG, logger="lark"):
        lark.Lark(grammar.source("net.lark"), parser="lalr", postlex=_Indenter(), debug=True)
    assert [r.message for r in caplog.records if "conflict" in r.message.lower()] == []


def test_words_of_the_grammar_are_the_parsers() -> None:
    pattern = next(t.pattern.to_regexp() for t in lalr().terminals if t.name == "NAME")
    inside = pattern[pattern.index("(?:") + 3 : pattern.index(")(?!")]
    assert set(inside.split("|")) == KEYWORDS


def test_prelude_reads_alike() -> None:
    text = grammar.source("prelude.net")
    assert by_hand(text)[0] is not None
    assert_same(text)


@pytest.mark.parametrize("path", SPECS, ids=lambda p: p.stem)
def test_spec_reads_alike(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert by_hand(text)[0] is not None
    assert_same(text)


EXPRESSIONS = """
a if b else c if d else e | (a if b else c) if d else e | a -> b -> c | a or b and not c == d | not not a | -a^-b^c | (-a)^b
a @ b @ c * d @ e | a * b / c // d % e - f + g | a..b + 1 | 0..size-1 | a < b < c | i in 0..n | f(x)(y)[z].T | f(a, b=c, in=d)
f(a,) | [] | [a] | [a,] | [a, b] | [a; b] | [a; b; c] | (a, b) | (a) | x[*s] | x[o: n, *S] | x[t <= 0, s in a..b] | x[i+u, 2*j]
1 | 1.5 | 1e-3 | 2E+4 | "s" | m.init | -1 | --1 | a - -b | a @ -b | W x | 2x | f() | a[] | (,) | [;] | [a;] | (a,) | a..b..c
.5 | 1. | a ** b | a not b | a if b | not | f(=a) | f(a b) | x[:] | x[*1] | a = b | h' @ x'' | μ + µ | x₁ | x² | é | if | a.b.c(d)
a == not b | a + not b | a and not b | a in b in c | *a | f(*a) | x[a: b: c] | 1.T | 'a' | a; b | a, b
"""


@pytest.mark.parametrize("text", [e.strip() for line in EXPRESSIONS.strip().split("\n") for e in line.split(" | ")])
def test_expression_reads_alike(text: str) -> None:
    assert_same(f"net N:\n    y = {text}\n")
    assert_same(f"train:\n    y = {text}\n")
    assert_same(f"def f(x) = {text}")


TOKENS = (
    *sorted(KEYWORDS),
    *["a", "b'", "x", "T", "1", "2.5", "1e-3", '"s"', "(", ")", "[", "]", "(", ")", "[", "]", ",", ",", ":", ":", ";", "=", "=", "==", "!=", "<=", "<", "+", "-", "*", "//", "/", "%", "@", "^", "->", "..", ".", "~", "#", "§", "\t"],
    "\n", "\n    ", "\n    ", "\n        ", "\n  ", "\n    -> ", "\n\n", "\r\n    ", "X . X\n    ", " # note\n    ",
)  # fmt: skip
SNIPPETS = (
    "net N:\n    input x: real[3]\n    y = {}\n", "net N:\n    {}\n    y = 2 * x\n", "{}\n", "train:\n    {}\n",
    "layer L({})(x: real[X]) -> y:\n    y = x\n", "layer L()(x) -> {}:\n    y = x\n", "table C[2, 3]:\n    {}\n", "net N:\n    x[{}] = 0\n",
)  # fmt: skip


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(SNIPPETS), st.lists(st.sampled_from(TOKENS), max_size=8), st.sampled_from(["", " "]))
def test_any_tokens_read_alike(snippet: str, tokens: list[str], between: str) -> None:
    assert_same(snippet.format(between.join(tokens)))


_LEAVES = st.sampled_from(["a", "b'", "T", "1", "2.5", '"s"', "training", "inf", "x[i]", "x[t-1]", "f()"])


def _expressions(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    binary = ["+", "-", "*", "/", "//", "%", "@", "^", "..", "->", "==", "<", "in", "and", "or"]
    return st.one_of(
        st.builds(lambda a, o, b: f"{a} {o} {b}", inner, st.sampled_from(binary), inner),
        st.builds(lambda a, b, c: f"{a} if {b} else {c}", inner, inner, inner),
        st.builds(lambda o, a: f"{o}{a}", st.sampled_from(["-", "not ", "+"]), inner),
        st.builds(lambda a, b: f"f({a}, k={b})", inner, inner),
        st.builds(lambda a, b: f"x[{a}, {b}]", inner, inner),
        st.builds(lambda a, b: f"[{a}; {b}]", inner, inner),
        st.builds(lambda a: f"({a})", inner),
        st.builds(lambda a: f"({a}\n      -> f)", inner),
    )


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.recursive(_LEAVES, _expressions, max_leaves=12))
def test_any_expression_reads_alike(text: str) -> None:
    assert_same(f"net N:\n    y = {text}\n")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32), st.integers(1, 3))
def test_damaged_library_reads_alike(seed: int, cuts: int) -> None:
    chance = random.Random(seed)
    parts = grammar.source("prelude.net").split("\n\n")
    text = chance.choice(parts)
    for _ in range(cuts):
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice(("", chance.choice(TOKENS))) + text[at + chance.randrange(3) :]
    assume("X" not in text or "table" not in text)
    assert_same(text)
