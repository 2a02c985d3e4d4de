"""Mistakes in layers that no net applies: each is told once, in the first run, beside a sound net and without one."""

import re
from pathlib import Path

from netc.compiler.checking import check_text

LIBRARY = (Path(__file__).parent / "planted.net").read_text(encoding="utf-8")
SOUND = "net N:\n    input q: real[3]\n    input r: real[2]\n    p = Dense(2)(q)\n    r ~ normal(p, 1)\n"


def expected() -> list[tuple[str, int]]:
    """The codes and lines that the comments of the library say."""
    lines = LIBRARY.split("\n")
    marks = [(k + 1, m) for k, line in enumerate(lines) if (m := re.match(r"# ([EW]\d+) (\d+) ", line))]
    return [(m[1], k + int(m[2])) for k, m in marks]


def test_a_library_is_told_all_its_mistakes_in_one_run() -> None:
    told = [(p.code, p.shown_at.line) for p in check_text(LIBRARY)]
    assert len(told) == 43
    assert told == expected()


def test_a_sound_net_beside_them_silences_none() -> None:
    assert [(p.code, p.shown_at.line) for p in check_text(LIBRARY + SOUND)] == expected()
