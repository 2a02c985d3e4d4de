"""A result told in a chapter is one that a spec tells, or the page of results."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import test_specs

DOCS = Path(__file__).parents[2] / "docs"
if not DOCS.is_dir():
    pytest.skip("only in a checkout", allow_module_level=True)

_MEASURED = re.compile(r"(\d[\d.,]*)(?= (?:%|nats)(?!\w))|(?<=perplexity )(\d+)|(\d+)(?= of [\d,]+ (?:symbols|nodes))")
_BLOCK = re.compile(r"^(`{3,}).*?^\1$", re.DOTALL | re.MULTILINE)


def told() -> str:
    """What the specs say in their first lines, the page of results, and where rows fall short."""
    heads = []
    for file in test_specs.ALL:
        lines = (test_specs.ROOT / file).read_text(encoding="utf-8").split("\n")
        heads.append(" ".join(line.removeprefix("#").strip() for line in lines if line.startswith("#")))
    pages = [(DOCS / name).read_text(encoding="utf-8") for name in ("results.md", "systems/rows.toml")]
    return "\n".join([*heads, *pages])


@pytest.mark.parametrize("chapter", sorted(p.name for p in (DOCS / "chapters").glob("*.md")))
def test_results_of_a_chapter_are_told_by_specs(chapter: str) -> None:
    prose = _BLOCK.sub("", (DOCS / "chapters" / chapter).read_text(encoding="utf-8"))
    numbers = [next(g for g in m.groups() if g) for m in _MEASURED.finditer(prose)]
    known = told()
    assert [n for n in numbers if not re.search(rf"(?<![\d.,]){re.escape(n)}(?![\d])", known)] == []
