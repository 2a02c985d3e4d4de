"""Patterns over paths: `features.*`, `y.Block[0].*`. Only `*` and `?` stand for other text; brackets are those of the path."""

from __future__ import annotations

from fnmatch import fnmatchcase


def matches(path: str, pattern: str) -> bool:
    """Whether the pattern covers the path.

    >>> matches("y.Block[0].m.W", "y.Block[0].*"), matches("y.Block[1].m.W", "y.Block[0].*")
    (True, False)
    """
    return fnmatchcase(path, pattern.replace("[", "[[]"))
