"""`netc check` looks at data that lie in the package, and says what it did not look at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

Netc = Callable[..., CompletedProcess[str]]
DIGITS = """net N:
    input image: real[12, 12]
    input digit: class({classes})
    digit ~ softmax(Dense({classes})(flatten(image)))
train:
    data = digits() -> border({border})
"""
LINE = """net N:
    input x: real[3]
    input y: real
    y ~ normal(sum(Dense(1)(x)), 1)
train:
    data = csv("mine.csv")
    load = weights("before.safetensors")
"""


def test_embedded_data_are_checked(tmp_path: Path, netc: Netc) -> None:
    (tmp_path / "n.net").write_text(DIGITS.format(classes=10, border=2), encoding="utf-8")
    assert netc("check", "n.net", cwd=tmp_path).stderr == ""
    (tmp_path / "n.net").write_text(DIGITS.format(classes=10, border=3), encoding="utf-8")
    told = netc("check", "n.net", code=1, cwd=tmp_path).stderr
    assert "R106" in told and "the field `image` is real[14, 14], and the input `image` is real[12, 12]" in told and "--> n.net:6:12" in told
    (tmp_path / "n.net").write_text(DIGITS.format(classes=9, border=2), encoding="utf-8")
    assert "the field `digit` is class(10), and the input `digit` is class(9)" in netc("check", "n.net", code=1, cwd=tmp_path).stderr


def test_what_was_not_looked_at_is_said(tmp_path: Path, netc: Netc) -> None:
    (tmp_path / "n.net").write_text(LINE, encoding="utf-8")
    assert netc("check", "n.net", cwd=tmp_path).stderr.splitlines() == [
        "N: the weights `before.safetensors` are not there yet; training begins with them",
        "data not checked: `netc train n.net --dry-run` reads it",
    ]
