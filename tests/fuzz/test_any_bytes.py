"""Whatever the bytes of a spec are, the answer is a tree or problems, never an exception."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from netc import grammar
from netc.compiler.diagnostics.model import Diagnostic
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.syntax.decode import decode
from netc.compiler.syntax.format import format_source
from netc.compiler.syntax.parser import parse

PRELUDE = grammar.source("prelude.net").encode()


def read(data: bytes) -> list[Diagnostic]:
    """All problems of the bytes, worded; each points into the text."""
    reporter = Reporter()
    source = decode(data, "spec.net", reporter)
    if source is None:
        assert reporter.failed
    else:
        parse(source, reporter)
        format_source(source, Reporter())
    found = [p.diagnose() for p in reporter.problems]
    for d in found:
        for span in (d.span, *(label.span for label in d.labels)):
            assert 0 <= span.start <= span.end <= len(span.source.text)
            assert span.line >= 1
            assert span.column >= 1
    return found


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=400))
def test_any_bytes_are_answered(data: bytes) -> None:
    read(data)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=200))
def test_any_text_is_answered(text: str) -> None:
    read(text.encode("utf-8", "surrogatepass"))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32), st.integers(1, 8))
def test_any_damage_is_answered(seed: int, cuts: int) -> None:
    chance = random.Random(seed)
    data = bytearray(PRELUDE)
    for _ in range(cuts):
        at = chance.randrange(len(data))
        data[at : at + chance.randrange(12)] = chance.randbytes(chance.randrange(4))
    read(bytes(data))


DEEP = ("(", "[", "-", "not ", "f(", "x[", "a + (", "a ^ ", "a if b else ", "f(k=[", "-f(", "[a; ", "x[t in 0..")


@pytest.mark.parametrize("opener", DEEP)
@pytest.mark.parametrize("levels", [150, 250, 5000])
def test_any_depth_is_answered(opener: str, levels: int) -> None:
    closers = "".join({"(": ")", "[": "]"}.get(c, "") for c in reversed(opener)) * levels
    found = read(f"net N:\n    y = {opener * levels}a{closers}\n".encode())
    brackets = sum(c in "([" for c in opener)
    too_deep = levels * max(1, brackets) > 200
    assert {d.code for d in found} == ({"E0901"} if too_deep or opener in ("a + (", "-f(", "x[t in 0..") else set())


@pytest.mark.parametrize("text", ["a + " * 5000 + "a", "a" + ".b" * 5000, "f" + "()" * 5000, "a" + " -> f" * 5000])
def test_any_length_of_a_chain_is_answered(text: str) -> None:
    assert [d.code for d in read(f"net N:\n    y = {text}\n".encode())] == ["E0901"]


def test_chains_of_chains_do_not_build_a_deep_tree() -> None:
    text = "a"
    for _ in range(50):
        text = f"({text}" + " + a" * 50 + ")"
    assert [d.code for d in read(f"net N:\n    y = {text}\n".encode())] == ["E0901"]


@pytest.mark.parametrize(
    "text",
    ["(" * 20000, ")" * 20000, "\n" * 20000, "é" * 20000, "€ " * 2000, "9" * 20000, "#" * 20000, "net N:\n" * 2000],
)
def test_any_size_is_answered_in_time(text: str) -> None:
    assert len(read(text.encode())) <= 2000
