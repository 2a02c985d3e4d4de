"""How commands show problems, tables and colours."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence

import click
from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.render import text
from netc.compiler.diagnostics.render.text import width_of
from netc.compiler.source.text import Span

_LEAST = 6  # columns that a cut column keeps


def coloured(stream: object) -> bool:
    """Whether a stream is a terminal that wants colours."""
    return bool(getattr(stream, "isatty", lambda: False)()) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def terminal_width() -> int:
    """Columns of the terminal; 100 where there is none."""
    return shutil.get_terminal_size((100, 24)).columns


def show_problems(problems: Iterable[Problem], *, unchecked: Sequence[Span] = (), err: bool = True, counted: bool = False) -> None:
    """Problems as text, how many (of one alone only with `counted`), and what could not be checked because of them; an empty line behind each of these."""
    found = list(problems)
    stream = sys.stderr if err else sys.stdout
    for problem in found:
        click.echo(text.render(problem, width=terminal_width(), color=coloured(stream)) + "\n", err=err)
    ending = [text.summary(found)] if len(found) > 1 or counted and found else []
    ending += [text.unchecked(unchecked)] if unchecked else []
    if ending:
        click.echo("\n".join(ending) + "\n", err=err)


def table(
    header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int], rules: Sequence[int] = (), elastic: int | None = None
) -> str:
    """Columns aligned by display width; those in `right` to the right; a rule before each row numbered in `rules`.

    On a terminal that is too narrow the column `elastic` is cut short; where that is not enough, each row is a paragraph.
    """
    widths = [max([width_of(header[k]), *(width_of(r[k]) for r in rows)]) for k in range(len(header))]
    if elastic is not None and sys.stdout.isatty():
        excess = 1 + sum(widths) + 2 * (len(widths) - 1) - terminal_width()
        if excess > 0:
            widths[elastic] = max(widths[elastic] - excess, _LEAST, width_of(header[elastic]))
            if 1 + sum(widths) + 2 * (len(widths) - 1) > terminal_width():
                return "\n".join(_paragraph(header, r) for r in rows)
            rows = [[_cut(c, widths[k]) if k == elastic else c for k, c in enumerate(r)] for r in rows]

    def line(cells: Sequence[str]) -> str:
        padded = [
            " " * (w - width_of(c)) + c if k in right else c + " " * (w - width_of(c))
            for k, (c, w) in enumerate(zip(cells, widths, strict=True))
        ]
        return (" " + "  ".join(padded)).rstrip()

    rule = " " + "─" * (sum(widths) + 2 * (len(widths) - 1))
    lines = [line(header), rule]
    for k, row in enumerate(rows):
        if k in rules:
            lines.append(rule)
        lines.append(line(row))
    return "\n".join(lines)


def _paragraph(header: Sequence[str], row: Sequence[str]) -> str:
    facts = " · ".join(f"{h} {c}".strip() for h, c in zip(header[1:], row[1:], strict=True) if c and c != "–")
    return textwrap.fill(f"{row[0]}  {facts}", terminal_width() - 1, initial_indent=" ", subsequent_indent="     ")


def listing(titled: dict[str, Sequence[tuple[str, str]]]) -> str:
    """Names with what they are, section by section; what they are is indented below, and wrapped to the terminal."""
    width = terminal_width() - 1
    parts = []
    for title, pairs in titled.items():
        lines = [
            textwrap.fill(text, width, initial_indent=indent, subsequent_indent="      ", break_on_hyphens=False, break_long_words=False)
            for name, what in pairs
            for text, indent in ((name, "  "), (what, "      "))
        ]
        parts.append("\n".join([f"{title}:", *lines]))
    return "\n\n".join(parts) + "\n"


def fitting(text: str, indent: int) -> str:
    """A line as it is; on a terminal wrapped, with further lines indented."""
    return textwrap.fill(text, terminal_width() - 1, subsequent_indent=" " * indent, break_on_hyphens=False) if sys.stdout.isatty() else text


def _cut(text: str, width: int) -> str:
    if width_of(text) <= width:
        return text
    while width_of(text) > width - 1:
        text = text[:-1]
    return text.rstrip() + "…"


def bytes_text(n: int) -> str:
    """`234 KiB`, `4.9 MiB`."""
    if n < 1024:
        return f"{n} B"
    for unit in ("KiB", "MiB", "GiB", "TiB"):
        n_ = n / 1024
        if n_ < 1024 or unit == "TiB":
            return f"{n_:.0f} {unit}" if n_ >= 100 else f"{n_:.1f} {unit}"
        n = int(n_)
    return ""
