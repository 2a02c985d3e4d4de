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


def test_a_dry_run_tells_the_mistakes_of_the_net_the_settings_and_the_command_line_at_once(tmp_path: Path, netc: Netc) -> None:
    wrong = LINE.replace("sum(Dense", "sun(Dense").replace("data = csv(", "batch = 0\n    data = cvs(")
    (tmp_path / "n.net").write_text(wrong, encoding="utf-8")
    err = netc("train", "n.net", "--dry-run", "--set", "epoch=3", "--data", "spirals(sample=9)", "--epochs", "2", "--steps", "3", cwd=tmp_path, code=1).stderr
    assert [line.split()[0] for line in err.splitlines() if line.startswith("error")] == [
        "error[E0201]:", "error[E0703]:", "error[E0707]:", "error[E0701]:", "error[E0704]:", "error[E0708]:",
    ]  # fmt: skip


def test_a_batch_of_more_than_all_samples_is_noted(tmp_path: Path, netc: Netc) -> None:
    (tmp_path / "n.net").write_text(LINE.partition("train:")[0].replace("real[3]", "real[1]"), encoding="utf-8")
    done = netc("train", "n.net", "--dry-run", "--data", "sine(samples=50)", "--batch", "64", cwd=tmp_path)
    assert done.stderr == "note: `batch = 64` is more than the 40 samples for training: each step takes all of them\n"
