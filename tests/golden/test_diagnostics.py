"""What people read: every mistake of `grammar/mistakes.toml`, and every spec beside this file, as it is shown."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from netc import grammar
from netc.compiler.checking import check, check_text
from netc.compiler.diagnostics.catalogue import catalogue, examples
from netc.compiler.diagnostics.render.text import render, unchecked
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.session import Session
from netc.compiler.source.text import Source
from netc.compiler.syntax.parser import parse

HERE = Path(__file__).parent / "diagnostics"
Golden = Callable[[Path, str], None]


def test_mistakes_are_shown_as_written(golden: Golden) -> None:
    parts = []
    for mistake in tomllib.loads(grammar.source("mistakes.toml"))["mistake"]:
        reporter = Reporter()
        parse(Source("spec.net", mistake["text"]), reporter)
        shown = "\n".join(render(p).rstrip() + "\n" for p in reporter.problems)
        parts.append(f"==== {mistake['name']}\n{shown}")
    golden(HERE / "mistakes.txt", "\n".join(parts))


@pytest.mark.parametrize("path", sorted(HERE.glob("*.net")), ids=lambda p: p.stem)
def test_problems_of_a_spec_are_shown_as_written(path: Path, golden: Golden) -> None:
    session = Session(path.name, path.read_bytes())
    for net in session.nets:
        check(session, net)
    codes = {p.code for p in session.problems}
    assert path.stem.split("_")[0] in codes
    shown = [render(p).rstrip() + "\n" for p in session.problems]
    golden(path.with_suffix(".txt"), "\n".join([*shown, *([unchecked(session.unchecked) + "\n"] if session.unchecked else [])]))


def test_examples_of_every_code_are_shown_as_written(golden: Golden) -> None:
    parts = []
    for code, problem in catalogue().items():
        wrong = examples(problem).wrong
        if wrong is not None:
            parts.append(f"==== {code}\n" + "\n".join(render(p).rstrip() + "\n" for p in check_text(wrong)))
    golden(HERE / "examples.txt", "\n".join(parts))
