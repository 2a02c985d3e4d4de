"""Files stay rooms with one purpose."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LIMIT = 400
if not (ROOT / "compiler").is_dir():
    pytest.skip("only in a checkout", allow_module_level=True)


def test_no_file_is_longer_than_the_limit() -> None:
    long = {
        str(p.relative_to(ROOT)): n
        for f in ("grammar", "compiler", "runtime", "specs")
        for p in (ROOT / f).rglob("*.py")
        if (n := len(p.read_text(encoding="utf-8").splitlines())) > LIMIT
    }
    assert not long


def test_no_file_is_named_after_nothing() -> None:
    vague = {"utils", "helpers", "common", "manager", "misc"}
    found = [str(p.relative_to(ROOT)) for f in ("grammar", "compiler", "runtime") for p in (ROOT / f).rglob("*.py") if p.stem in vague]
    assert not found
