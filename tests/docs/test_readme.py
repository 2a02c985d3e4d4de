"""The whole nets of the README are clean and in the one style."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from netc.compiler.checking import check_text
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.source.text import Source
from netc.compiler.syntax.format import format_source

README = Path(__file__).parents[2] / "README.md"
if not README.exists():
    pytest.skip("only in a checkout", allow_module_level=True)
NETS = re.findall(r"```net\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


def test_the_readme_shows_a_recurrence_a_gate_and_attention() -> None:
    assert all(word in "".join(NETS) for word in ("h[t-1]", "gate ", "attention "))


@pytest.mark.parametrize("text", NETS, ids=lambda t: next(iter(re.findall(r"net (\w+)", t))))
def test_net_of_the_readme_is_clean(text: str) -> None:
    assert [p.diagnose().message for p in check_text(text)] == []
    assert format_source(Source("README.md", text), Reporter()) == text
