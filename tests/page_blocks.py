"""The code blocks of a page, and how what they print is compared with what the page shows.

A comment above a block says what is not plain:

    <!-- expect: E0301 -->            netc finds this problem in the `.net` block
    <!-- parsed only: REASON -->      a shell block that takes too long; its netc commands must still be understood
    <!-- needs NETC_DATA -->          a block that needs real data
    <!-- about: 10 % -->              numbers in the output may differ by so much

`:caption: name.net` writes a block to a file of this name. A `text` block right behind a Python or shell block is its output; in
it `⋮` stands for any lines and `…` for anything within a line. Times may differ always.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

_FENCE = re.compile(r"^( *)(`{3,})(?:\{code-block\} )?(.*?)\s*$")
_MARK = re.compile(r"^<!-- ([\w ]+?)(?:: (.*?))? -->$")
_TIMES = re.compile(r"\d+:\d\d:\d\d|\d[\d.,]*(?= (?:ms|s|µs|minutes)\b)|\d{8}-\d{4,6}")
_NUMBER = re.compile(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?")


@dataclass
class Block:
    """One block: its language, text, the file it is, what was said of it, and the output shown behind it."""

    line: int
    language: str
    text: str
    caption: str | None = None
    marks: dict[str, str] = field(default_factory=dict)
    output: str | None = None
    shown: range = range(0)  # the lines of the page between the fences of the output


def blocks_of(page: Path) -> list[Block]:
    """The blocks of a page in order; an output belongs to the block before it."""
    found: list[Block] = []
    marks: dict[str, str] = {}
    since: list[str] = []  # what stands between the last block and this one
    lines = page.read_text(encoding="utf-8").split("\n")
    k = 0
    while k < len(lines):
        fence = _FENCE.match(lines[k])
        if fence is None:
            mark = _MARK.match(lines[k].strip())
            if mark is not None:
                marks[mark[1]] = mark[2] or ""
            elif lines[k].strip():
                since.append(lines[k])
                marks = {}
            k += 1
            continue
        end = next(j for j in range(k + 1, len(lines)) if lines[j].strip() == fence[2])
        inner = [line.removeprefix(fence[1]) for line in lines[k + 1 : end]]
        caption = inner.pop(0).removeprefix(":caption: ") if inner and inner[0].startswith(":caption: ") else None
        text = "\n".join(inner).strip("\n") + "\n"
        if fence[3] == "text" and caption is None and found and not since and found[-1].language in ("sh", "python"):
            found[-1].output, found[-1].shown = text, range(k + 1, end)
            found[-1].marks |= marks
        elif not fence[3].startswith("{"):  # other directives ask netc while the pages are made
            found.append(Block(k + 1, fence[3], text, caption, marks))
        marks, since, k = {}, [], end + 1
    return found


def with_outputs(page: Path, printed: list[tuple[Block, str]]) -> str:
    """The page with these outputs in place of those it shows."""
    lines = page.read_text(encoding="utf-8").split("\n")
    for block, text in sorted(printed, key=lambda b: -b[0].line):
        lines[block.shown.start : block.shown.stop] = [x.rstrip() for x in text.rstrip().split("\n")]
    return "\n".join(lines)


def same(shown: str, printed: str, about: float = 0.0) -> bool:
    """Whether what was printed is what the page shows."""
    return _meet(
        [_plain(x) for x in shown.rstrip().split("\n")], [_plain(x) for x in printed.rstrip().split("\n")], about
    )


def _plain(line: str) -> str:
    return re.sub(r" {2,}", "  ", _TIMES.sub("T", line.rstrip()))


def _meet(shown: list[str], printed: list[str], about: float) -> bool:
    if not shown:
        return not printed
    if shown[0].strip() == "⋮":
        return any(_meet(shown[1:], printed[k:], about) for k in range(len(printed) + 1))
    return bool(printed) and _line(shown[0], printed[0], about) and _meet(shown[1:], printed[1:], about)


def _line(shown: str, printed: str, about: float) -> bool:
    if about:
        pairs = list(zip(_NUMBER.findall(shown), _NUMBER.findall(printed), strict=False))
        if not all(_near(a, b, about) for a, b in pairs):
            return False
        shown, printed = _NUMBER.sub("N", shown), _NUMBER.sub("N", printed)
    pattern = ".*".join(re.escape(part) for part in shown.split("…"))
    return re.fullmatch(pattern, printed) is not None


def _near(a: str, b: str, about: float) -> bool:
    x, y = float(a.replace(",", "")), float(b.replace(",", ""))
    return abs(x - y) <= about * max(abs(x), abs(y))
