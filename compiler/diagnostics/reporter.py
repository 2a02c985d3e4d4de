"""Collects the problems of a run, in order of place, each once."""

from __future__ import annotations

from netc.compiler.diagnostics.model import Problem, Severity


class Reporter:
    """Handed to every stage; nothing is raised across stages."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, int, int], Problem] = {}

    def report(self, problem: Problem) -> None:
        """Keep the problem unless one with the same code stands at the same place of the spec."""
        span = problem.shown_at
        self._found.setdefault((problem.code, span.source.name, span.start, span.end), problem)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All problems, by file, then place."""
        return tuple(sorted(self._found.values(), key=lambda p: (p.shown_at.source.name, p.shown_at.start, p.shown_at.end, p.code)))

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._found)

    @property
    def failed(self) -> bool:
        """Whether any problem is an error."""
        return any(p.severity is Severity.ERROR for p in self._found.values())
