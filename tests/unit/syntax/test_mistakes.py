"""Every snippet of `grammar/mistakes.toml` shows its problems, at its places, and no other."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from netc import grammar
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.source.text import Source
from netc.compiler.syntax.parser import parse

MISTAKES: list[dict[str, Any]] = tomllib.loads(grammar.source("mistakes.toml"))["mistake"]


def shown(text: str) -> list[list[str]]:
    reporter = Reporter()
    parse(Source("spec.net", text), reporter)
    found = [p.diagnose() for p in reporter.problems]
    return [[d.code, d.span.text.strip("\r\n")] for d in found]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda m: m["name"].replace(" ", "-"))
def test_mistake_shows_its_problems_and_no_other(mistake: dict[str, Any]) -> None:
    assert shown(mistake["text"]) == mistake["shows"]


def test_every_mistake_has_a_name_of_its_own() -> None:
    names = [m["name"] for m in MISTAKES]
    assert sorted(set(names)) == sorted(names)
