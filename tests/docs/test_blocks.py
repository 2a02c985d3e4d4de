"""Every `.net`, Python and shell block of the pages does what the page says.

Each page has an empty folder and one Python namespace; its blocks run in their order.
"""

from __future__ import annotations

import contextlib
import io
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import netc
import pytest
from netc.compiler.checking import check_text
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.source.text import Source
from netc.compiler.syntax.format import format_source
from netc.runtime.cli import root
from page_blocks import Block, blocks_of, same, with_outputs

DOCS = Path(__file__).parents[2] / "docs"
if not DOCS.is_dir():
    pytest.skip("only in a checkout", allow_module_level=True)

PAGES = sorted(str(p.relative_to(DOCS)) for p in DOCS.rglob("*.md"))
TESTED = [p for p in PAGES if any(b.language in ("net", "python", "sh") for b in blocks_of(DOCS / p))]
WITH_DATA = [p for p in TESTED if any("needs NETC_DATA" in b.marks for b in blocks_of(DOCS / p))]


@pytest.mark.parametrize("page", TESTED)
def test_blocks_of_a_page_hold(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    run_page(page, tmp_path, monkeypatch, False, bool(pytestconfig.getoption("--update-golden")))


@pytest.mark.data
@pytest.mark.skipif("NETC_DATA" not in os.environ, reason="NETC_DATA is not set")
@pytest.mark.parametrize("page", WITH_DATA)
def test_blocks_with_real_data_hold(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    run_page(page, tmp_path, monkeypatch, True, bool(pytestconfig.getoption("--update-golden")))


def run_page(page: str, folder: Path, monkeypatch: pytest.MonkeyPatch, data: bool, update: bool) -> None:
    """All blocks of a page, in one folder. With `--update-golden` the page then shows what was printed."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "92")  # what commands print is as wide everywhere
    names: dict[str, Any] = {"__name__": "page"}
    changed: list[tuple[Block, str]] = []
    for block in blocks_of(DOCS / page):
        if "needs NETC_DATA" in block.marks and not data:
            continue
        where = f"docs/{page}:{block.line}"
        if block.caption is not None:
            Path(block.caption).write_text(block.text, encoding="utf-8")
        printed = None
        match block.language:
            case "net":
                net_block(block, where)
            case "python" if "parsed only" in block.marks:
                compile(block.text, where, "exec")
            case "python":
                stream = io.StringIO()
                with contextlib.redirect_stdout(stream):
                    exec(compile("\n" * block.line + block.text, where, "exec"), names)
                printed = stream.getvalue()
            case "sh" if "parsed only" in block.marks:
                assert block.marks["parsed only"], f"{where}: say why it is not run"
                parsed(block.text, where)
            case "sh":
                done = subprocess.run(
                    ["bash", "-euo", "pipefail", "-c", block.text],
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                    timeout=120,
                    check=False,
                )
                expected = int(block.marks.get("exit", 0))
                assert done.returncode == expected, f"{where}: exit code {done.returncode}\n{done.stdout}"
                printed = done.stdout
        if block.output is not None and printed is not None:
            about = float(block.marks.get("about", "0 %").removesuffix(" %")) / 100
            as_shown = same(block.output, printed, about)
            assert as_shown or update, f"{where} shows\n{block.output}\nand prints\n{printed}"
            if not as_shown:
                changed.append((block, printed))
    if changed:
        (DOCS / page).write_text(with_outputs(DOCS / page, changed), encoding="utf-8")


def net_block(block: Block, where: str) -> None:
    """A spec that is clean and in one style, or has the problem that the page says."""
    if block.caption is not None:
        spec = netc.load(block.caption)
        for name in spec.nets:
            spec[name].check()
        spec.session.judge_layers()
        problems = spec.session.problems
    else:
        problems = check_text(block.text)
    if "expect" in block.marks:
        assert block.marks["expect"] in [p.code for p in problems], where
        return
    assert [p.diagnose().message for p in problems] == [], where
    assert format_source(Source(where, block.text), Reporter()) == block.text, f"{where} is not in the one style"


def parsed(text: str, where: str) -> None:
    """A shell block is understood by bash, and its netc commands by netc."""
    assert subprocess.run(["bash", "-n", "-c", text], check=False).returncode == 0, where
    for line in text.replace("\\\n", " ").split("\n"):
        words = shlex.split(line, comments=True)
        if words[:1] != ["netc"]:
            continue
        command = root.get_command(click.Context(root), words[1])
        assert command is not None, f"{where}: there is no `netc {words[1]}`"
        command.make_context(words[1], words[2:])


def test_outputs_are_told_apart() -> None:
    assert same("a  1\n⋮\nlast …", "a   1\nb\nc\nlast one")
    assert same("done in 0:00:05 · 4 ms a step", "done in 0:01:00 · 0.3 ms a step")
    assert not same("error 1.5 %", "error 1.6 %")
    assert same("error 1.5 %", "error 1.6 %", about=0.1)
    assert not same("a\nb", "a\nb\nc")
