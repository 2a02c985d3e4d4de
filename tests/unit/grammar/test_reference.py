"""The specs in the language reference hold: netc accepts each, and the page names all that the language has."""

from __future__ import annotations

import re

import pytest
from netc import grammar
from netc.compiler.checking import check_text
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.elaborate.expressions.calls import BUILTINS
from netc.compiler.source.text import Source
from netc.compiler.syntax import tree
from netc.compiler.syntax.format import format_source
from netc.compiler.syntax.parser import parse
from netc.compiler.syntax.tokens import KEYWORDS

PAGE = grammar.source("reference.md")
SPECS = re.findall(r"```net\n(.*?)```", PAGE, re.DOTALL)
WORDS = set(re.findall(r"\w+", PAGE))


@pytest.mark.parametrize("text", SPECS, ids=lambda t: next(iter(re.findall(r"net (\w+)", t))))
def test_spec_of_the_reference_is_clean(text: str) -> None:
    assert [p.diagnose().message for p in check_text(text)] == []


@pytest.mark.parametrize("text", SPECS, ids=lambda t: next(iter(re.findall(r"net (\w+)", t))))
def test_spec_of_the_reference_is_in_the_one_style(text: str) -> None:
    assert format_source(Source("reference.md", text), Reporter()) == text


def test_reference_names_every_word_and_function() -> None:
    assert sorted((KEYWORDS | BUILTINS) - WORDS) == []


def test_reference_names_all_of_the_prelude() -> None:
    file = parse(Source("prelude.net", grammar.source("prelude.net")), Reporter())
    names = {i.name.name for i in file.items if isinstance(i, tree.Layer | tree.Def)}
    assert sorted(names - WORDS) == []
