"""After a problem the rest of the file is read, and nothing is reported that only follows from it."""

from __future__ import annotations

import pytest
from netc.compiler.checking import check_text
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.source.text import Source
from netc.compiler.syntax import tree
from netc.compiler.syntax.parser import parse


def parsed(text: str) -> tree.File:
    return parse(Source("spec.net", text), Reporter())


def codes(text: str) -> list[str]:
    return [p.code for p in check_text(text)]


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("y = W x", ("y",)),
        ("(h[t], c) = W x", ("h", "c")),
        ("dim A = 3 x, B = 4", ("A", "B")),
        ("input x y: real[3]", ("x", "y")),
        ("imput x: real[z]", ("imput", "x")),
        ("param W[n n], b[m] init q where r", ("W", "b")),
        ("y[i] ~ softmax(z z)", ("y",)),
        ("= x", ()),
    ],
)
def test_unread_statement_tells_what_it_may_define(line: str, names: tuple[str, ...]) -> None:
    (net,) = parsed(f"net N:\n    a = 1; {line}\n    b = 2\n").items
    assert isinstance(net, tree.Net)
    first, unread, last = net.body
    assert isinstance(first, tree.Equation)
    assert isinstance(last, tree.Equation)
    assert isinstance(unread, tree.Unread)
    assert unread.names == names
    assert unread.span.text == line


def test_names_of_unread_statements_are_not_reported_as_unknown() -> None:
    assert codes("net N:\n    input x: real[3]\n    y = W x\n    z = 2 * y\n    assert params() == 9\n") == ["E0102"]
    assert codes("layer L(n(x: real[X]) -> y:\n    y = x\nnet N:\n    input x: real[3]\n    z = L(2)(x)\n") == ["E0103"]
    assert codes("dim H = 3 3\nnet N:\n    input x: real[H]\n    z = 2 * x\n") == ["E0102"]


def test_problems_of_meaning_are_found_beside_those_of_the_text() -> None:
    text = "net N:\n    input x: real[3]\n    param W[2, 4] init 0\n    y = W x\n    z = W @ x\n    w = nowhere + 1\n"
    assert codes(text) == ["E0102", "E0301", "E0201"]


def test_block_of_a_header_that_failed_is_skipped() -> None:
    file = parsed("nett A:\n    input x: real[3]\nnet B:\n    y = 1\n")
    assert [type(i).__name__ for i in file.items] == ["Unread", "Net"]


def test_span_of_an_operation_holds_its_brackets() -> None:
    (net,) = parsed("net N:\n    y = (a + b) * (c)\n").items
    assert isinstance(net, tree.Net)
    (equation,) = net.body
    assert isinstance(equation, tree.Equation)
    assert equation.value.span.text == "(a + b) * (c)"
    assert equation.span.text == "y = (a + b) * (c)"
    assert net.span.text == "net N"
