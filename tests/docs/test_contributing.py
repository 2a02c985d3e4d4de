"""CONTRIBUTING.md sends nobody astray: the files that it names are there, and so are the names that it speaks of in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
if not (ROOT / "CONTRIBUTING.md").exists():
    pytest.skip("only in a checkout", allow_module_level=True)
ROWS = dict(re.findall(r"^\| (\w[^|]+) \| (.+) \|$", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.MULTILINE)[1:])


def places(row: str) -> dict[str, Path]:
    """Each path of a row: from the root, else beside the one before it."""
    found: dict[str, Path] = {}
    near = ROOT
    for word in re.findall(r"`([\w./<>]*(?:/|\.(?:py|net|h|md|toml)))`", row):
        plain = word.partition("<")[0]
        at = next((base / plain for base in (ROOT, near, near.parent) if (base / plain).exists()), ROOT / plain)
        found[word] = at
        near = at if at.is_dir() else at.parent
    return found


def test_every_row_names_a_place() -> None:
    assert [task for task, row in ROWS.items() if not places(row)] == []
    assert {"an optimiser", "a problem", "a layer", "a command"} <= ROWS.keys()


@pytest.mark.parametrize("task", ROWS)
def test_what_a_row_names_is_there(task: str) -> None:
    at = places(ROWS[task])
    assert [word for word, path in at.items() if not path.exists()] == []
    texts = "".join(p.read_text(encoding="utf-8") for p in at.values() if p.is_file())
    assert [name for name in re.findall(r"`([A-Z_]{3,}|Request|compile_net)`", ROWS[task]) if not re.search(rf"\b{name}\b", texts)] == []
