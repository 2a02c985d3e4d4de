"""A problem as people read it: the line of the spec with what is wrong underlined."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence

from netc.compiler.diagnostics.model import Diagnostic, Problem, Severity
from netc.compiler.source.text import TYPED, Source, Span

_COLOURS = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "place": "\x1b[1;34m", "help": "\x1b[1;36m", "bold": "\x1b[1m"}
_RESET = "\x1b[0m"
_TYPED_WORDS = re.compile(r"`[^`]{1,40}`")  # what is there to be copied stays on one line
_JOINED = "\x00"


class _Paint:
    def __init__(self, on: bool) -> None:
        self.on = on

    def __call__(self, kind: str, text: str) -> str:
        return f"{_COLOURS[kind]}{text}{_RESET}" if self.on and text else text


def width_of(text: str) -> int:
    """Columns on a terminal: combining marks take none, wide characters two, a tab four."""
    total = 0
    for c in text:
        if c == "\t":
            total += 4
        elif not unicodedata.combining(c):
            total += 2 if unicodedata.east_asian_width(c) in "WF" else 1
    return total


def render(problem: Problem, *, width: int = 100, color: bool = False) -> str:
    """The text of one problem, several lines."""
    d = problem.diagnose()
    paint = _Paint(color)
    lines = [f"{paint(d.severity.value, f'{d.severity.value}[{d.code}]')}: {paint('bold', d.message)}"]
    lines += _snippets(d, paint)
    for note in d.notes:
        lines += _wrapped("note", note, width, paint)
    if d.help:
        lines += _wrapped("help", d.help, width, paint)
    return "\n".join(lines)


def _wrapped(kind: str, text: str, width: int, paint: _Paint) -> list[str]:
    whole = _TYPED_WORDS.sub(lambda m: m[0].replace(" ", _JOINED), text)
    wrapped = [w.replace(_JOINED, " ") for w in textwrap.wrap(whole, max(width - 11, 30))] or [""]
    return [f"   = {paint('help', kind)}: {wrapped[0]}", *(f"           {w}" for w in wrapped[1:])]


def _snippets(d: Diagnostic, paint: _Paint) -> list[str]:
    """The primary place first; labels on its line stand with it, others get lines of their own."""
    if not d.span.source.text:
        return [f"  --> {d.span.source.name}"]
    marks: list[tuple[Span, str, str]] = [(d.span, d.label, "^"), *((x.span, x.text, "-") for x in d.labels)]
    by_source: dict[Source, dict[int, list[tuple[Span, str, str]]]] = {}
    for mark in marks:
        by_source.setdefault(mark[0].source, {}).setdefault(mark[0].line, []).append(mark)
    gutter = len(str(max(m[0].line for m in marks)))
    lines: list[str] = []
    for source, rows in by_source.items():
        span = d.span if source is d.span.source else next(iter(rows.values()))[0][0]
        typed = source.name in TYPED
        lines.append(f"  {paint('place', '-->')} {source.name}" + ("" if typed else f":{span.line}:{span.column}"))
        last = 0
        for number in sorted(rows):
            if last and number > last + 1:
                lines.append(f"{'...':>{gutter + 1}}")
            last = number
            shown = "" if typed else number
            lines.append(f"{paint('place', f'{shown:>{gutter}} |')} {source.line(number).expandtabs(4)}")
            lines += _underlines(source.line(number), rows[number], gutter, paint, d.severity)
    return lines


def _underlines(line: str, marks: list[tuple[Span, str, str]], gutter: int, paint: _Paint, severity: Severity) -> list[str]:
    """Marks from the last to the first: the rightmost label stands behind its mark, the others below theirs."""
    placed: list[tuple[int, int, str, str]] = []
    for span, text, sign in marks:
        start = width_of(line[: span.column - 1])
        inside = line[span.column - 1 : span.end_column - 1] if span.end_line == span.line else line[span.column - 1 :]
        placed.append((start, max(width_of(inside), 1), text, sign))
    placed.sort()
    margin = " " * gutter + " | "
    row = ""
    for start, length, _, sign in placed:
        row = row[:start].ljust(start) + sign * length
    lines = [margin + row + (f" {placed[-1][2]}" if placed[-1][2] else "")]
    for start, _, text, _ in reversed(placed[:-1]):
        if text:
            lines.append(margin + " " * start + text)
    kind = severity.value if len(placed) == 1 and placed[0][3] == "^" else "place"
    return [paint(kind, x) if paint.on else x for x in lines]


def unchecked(statements: Sequence[Span]) -> str:
    """How many equations and asserts could not be checked because of what was told, and where they stand."""
    lines = list(dict.fromkeys(s.line for s in statements))
    listed = ", ".join(map(str, lines[:8])) + (" …" if len(lines) > 8 else "")
    asserts = sum(s.text.startswith("assert") for s in statements)
    counted = [f"{n} {what}{'s' * (n > 1)}" for n, what in ((len(statements) - asserts, "equation"), (asserts, "assert")) if n]
    return f"{' and '.join(counted)} could not be checked because of these (line{'s' * (len(lines) > 1)} {listed})"


def summary(problems: Iterable[Problem]) -> str:
    """`2 errors, 1 warning`, or nothing."""
    counts = {s: 0 for s in Severity}
    for p in problems:
        counts[p.severity] += 1
    return ", ".join(f"{n} {s.value}{'s' * (n > 1)}" for s, n in counts.items() if n)


