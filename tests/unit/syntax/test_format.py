"""`netc fmt`: one style; only blanks change."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from netc import grammar
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.source.text import Source
from netc.compiler.syntax.format import format_source
from netc.compiler.syntax.lexer import lex
from netc.compiler.syntax.parser import parse

SPECS = sorted((Path(__file__).parents[3] / "specs").rglob("*.net"))


def formatted(text: str) -> str:
    reporter = Reporter()
    result = format_source(Source("spec.net", text), reporter)
    assert reporter.problems == ()
    return result


def words(text: str) -> list[tuple[str, str]]:
    """Kinds and texts of the tokens; rows of tables without their blanks."""
    return [(t.kind.value, re.sub(r"[ \t\r\n]", "", t.text)) for t in lex(Source("s", text), Reporter()).tokens]


def comments(text: str) -> list[str]:
    return [c.strip() for c in re.findall(r"#[^\n]*", re.sub(r'"[^"\n]*"', "", text))]


def is_clean(text: str) -> bool:
    reporter = Reporter()
    parse(Source("s", text), reporter)
    return not reporter.problems


def assert_only_blanks_change(text: str) -> None:
    once = formatted(text)
    assert words(once) == words(text)
    assert comments(once) == comments(text)
    assert formatted(once) == once


UNTIDY = """\

# The task, and where it comes from.


use   "blocks.net"
table C [2,3]:
  X.X   # first
  X X  .
def f( x )=x ^ 2+1
# Belongs to the net.
net  N :

  dim H=10 ,X = H # sizes
  input x:real[ 1 .. T,X]   # what comes in


  #  a note
  h [0]=0
  h[ t ] = f( x [t] )@h[t-1]*( 2*H+1 )
      -> Dense(4,act = tanh) -> g
  y = [ h ; x[*s] ] if not(a==b)and -c< - 1 else  (1,
     2)
  # the end of the net
  # and of the file
# the settings
train N:
    batch=3 ;epochs = 4
"""
TIDY = """\
# The task, and where it comes from.

use "blocks.net"

table C[2, 3]:
    X . X  # first
    X X .

def f(x) = x^2+1

# Belongs to the net.
net N:
    dim H = 10, X = H  # sizes
    input x: real[1..T, X]  # what comes in

    #  a note
    h[0] = 0
    h[t] = f(x[t]) @ h[t-1]*(2*H+1)
        -> Dense(4, act=tanh) -> g
    y = [h; x[*s]] if not (a == b) and -c < -1 else (1,
        2)
    # the end of the net
    # and of the file

# the settings
train N:
    batch = 3; epochs = 4
"""


def test_untidy_text_comes_out_in_the_one_style() -> None:
    assert formatted(UNTIDY) == TIDY


def test_windows_line_ends_become_line_feeds() -> None:
    assert formatted("net N:\r\n    y = 1  # one\r\n") == "net N:\n    y = 1  # one\n"


def test_comments_that_were_lined_up_stay_so() -> None:
    text = "net N:\n    a=1   # one\n    bbb=2 # two\n    c = 3  # three\n"
    assert formatted(text) == "net N:\n    a = 1    # one\n    bbb = 2  # two\n    c = 3  # three\n"


def test_text_with_problems_comes_back_as_it_is() -> None:
    text = "net N:\n   y = W x\n"
    reporter = Reporter()
    assert format_source(Source("spec.net", text), reporter) == text
    assert [p.code for p in reporter.problems] == ["E0102"]


def test_prelude_is_in_the_one_style() -> None:
    text = grammar.source("prelude.net")
    assert formatted(text) == text


@pytest.mark.parametrize("path", SPECS, ids=lambda p: p.stem)
def test_spec_changes_in_blanks_only(path: Path) -> None:
    assert_only_blanks_change(path.read_text(encoding="utf-8"))


NOISE = (
    " ",
    "  ",
    "\n",
    "\n\n",
    " # note\n",
    "\n# note\n",
    "\n        ",
    "\n    # note\n",
    "\r\n",
    "\t",
    "(",
    ")",
    ";",
    "\n    -> ",
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(st.integers(0, 2**32), st.integers(1, 3))
def test_any_layout_changes_in_blanks_only(seed: int, changes: int) -> None:
    chance = random.Random(seed)
    text = chance.choice([UNTIDY, *grammar.source("prelude.net").split("\n\n")])
    for _ in range(changes):
        at = chance.randrange(len(text) + 1)
        drop = 1 if at < len(text) and text[at] == " " else 0
        text = text[:at] + chance.choice(NOISE) + text[at + drop * chance.randrange(2) :]
    assume(is_clean(text))
    assert_only_blanks_change(text)
