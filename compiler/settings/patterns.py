"""Patterns over paths: `features.*`, `y.Block[0].*`. Only `*` and `?` stand for other text; brackets are those of the path."""

from __future__ import annotations

from collections.abc import Collection
from fnmatch import fnmatchcase

from netc.compiler.diagnostics.problems.settings import PatternUnmatched
from netc.compiler.diagnostics.suggest import suggest
from netc.compiler.settings.model import TrainSettings


def matches(path: str, pattern: str) -> bool:
    """Whether the pattern covers the path.

    >>> matches("y.Block[0].m.W", "y.Block[0].*"), matches("y.Block[1].m.W", "y.Block[0].*")
    (True, False)
    """
    return fnmatchcase(path, pattern.replace("[", "[[]"))


def unmatched(settings: TrainSettings, parameters: Collection[str], states: Collection[str]) -> tuple[PatternUnmatched, ...]:
    """The patterns of `freeze`, `rates` and `max_norm` that cover nothing of the net."""
    given = {"freeze": settings.freeze, "rates": tuple(p for p, _ in settings.rates), "max_norm": tuple(p for p, _ in settings.max_norm)}
    return tuple(
        PatternUnmatched(settings.place(name), pattern, _guess(pattern, parameters))
        for name, patterns in given.items()
        for pattern in patterns
        if not any(matches(path, pattern) for path in (*parameters, *states))
    )


def _guess(pattern: str, parameters: Collection[str]) -> str | None:
    """The pattern with the nearest first name that there is, else the nearest parameter."""
    first, dot, rest = pattern.partition(".")
    known = dict.fromkeys(path.partition(".")[0] for path in parameters)
    near = suggest(first, known) if first not in known else None
    return f"{near}{dot}{rest}" if near else suggest(pattern, parameters)
