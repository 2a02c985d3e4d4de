"""What the README shows is so: its nets, its Python, its commands, and what it says netc prints.

A block of shell is either run by `.ci/run` (those that make an environment of their own: the first is the newcomer's, the second
runs this suite) or here. Nothing is left out otherwise.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
from netc.compiler.checking import check_text
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.source.text import Source
from netc.compiler.syntax.format import format_source
from netc.runtime.cli import root
from page_blocks import Block, blocks_of

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
if not README.exists():
    pytest.skip("only in a checkout", allow_module_level=True)

BLOCKS = blocks_of(README)
OWN_ENVIRONMENT = "python3 -m venv .venv"
COMMANDS = re.findall(r"`(netc [^`]+)`", README.read_text(encoding="utf-8"))


def named(block: Block) -> str:
    return f"line {block.line}"


def of(language: str) -> list[Block]:
    return [b for b in BLOCKS if b.language == language]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in which the specs lie where the README names them."""
    (tmp_path / "specs").symlink_to(ROOT / "specs")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


def test_the_readme_has_no_other_blocks() -> None:
    assert {b.language for b in BLOCKS} == {"net", "sh", "python", ""}


def test_the_readme_shows_a_recurrence_a_gate_and_attention() -> None:
    assert all(word in "".join(b.text for b in of("net")) for word in ("h[t-1]", "gate ", "attention "))


@pytest.mark.parametrize("block", of("net"), ids=named)
def test_net_of_the_readme_is_clean(block: Block) -> None:
    assert [p.diagnose().message for p in check_text(block.text)] == []
    assert format_source(Source("README.md", block.text), Reporter()) == block.text


@pytest.mark.parametrize("block", of("sh"), ids=named)
def test_shell_of_the_readme_runs(block: Block, folder: Path) -> None:
    if block.text.startswith(OWN_ENVIRONMENT):
        assert block in of("sh")[:2], "only the first two blocks are run elsewhere"
        return
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", block.text], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


def test_the_environments_of_the_readme_are_made_by_the_gate() -> None:
    assert [b.text.startswith(OWN_ENVIRONMENT) for b in of("sh")[:2]] == [True, True]
    gate = ROOT / ".ci" / "run"
    assert not gate.exists() or 'awk \'/^```sh$/ { n++; on = (n == 2)' in gate.read_text(encoding="utf-8")


@pytest.mark.parametrize("block", of("python"), ids=named)
def test_python_of_the_readme_runs(block: Block, folder: Path) -> None:
    printed = io.StringIO()
    names: dict[str, object] = {"__name__": "readme"}
    with contextlib.redirect_stdout(printed):
        exec(compile("\n" * block.line + block.text, "README.md", "exec"), names)
    assert printed.getvalue().endswith("\nhello\n")


@pytest.mark.parametrize("command", [c for c in COMMANDS if re.search(r"\w\.net|--\w", c) and "FILE" not in c and "RUN" not in c])
def test_commands_of_the_readme_are_understood(command: str) -> None:
    words = shlex.split(command)
    found = root.get_command(click.Context(root), words[1])
    assert found is not None
    found.make_context(words[1], words[2:])


def test_what_the_readme_says_netc_prints(folder: Path) -> None:
    table, mistake = (b for b in of("") if "───" in b.text or b.text.startswith("error["))
    printed = subprocess.run(["netc", "check", "specs/vision/lenet5.net"], capture_output=True, text=True, check=True).stdout
    lines = [" ".join(line.split()) for line in printed.splitlines()]  # two rows are left out, and columns are as wide as the rest
    shown = [" ".join(line.split()) for line in table.text.splitlines() if "───" not in line]
    assert [line for line in lines if line in shown] == shown
    wrong = "net Wrong:\n    input x: real[3]\n    param W[2, 4] init glorot\n    y = W @ x\n"
    (folder / "bad.net").write_text(wrong)
    said = subprocess.run(["netc", "check", "bad.net"], capture_output=True, text=True, check=False).stderr
    assert said.strip() == mistake.text.strip()
