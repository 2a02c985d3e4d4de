"""`netc check` reads no data, and says what it did not look at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

Netc = Callable[..., CompletedProcess[str]]
LINE = """net N:
    input x: real[3]
    input y: real
    y ~ normal(sum(Dense(1)(x)), 1)
train:
    data = csv("mine.csv")
    load = weights("before.safetensors")
"""


def test_what_was_not_looked_at_is_said(tmp_path: Path, netc: Netc) -> None:
    (tmp_path / "n.net").write_text(LINE, encoding="utf-8")
    assert netc("check", "n.net", cwd=tmp_path).stdout.splitlines()[-3:] == [
        "N: the weights `before.safetensors` are not there yet; training begins with them",
        "data not checked: `netc train n.net --dry-run` reads it",
        "",
    ]
