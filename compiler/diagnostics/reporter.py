"""Collects the problems of a run, in order of place, each once."""

from __future__ import annotations

from netc.compiler.diagnostics.model import LIBRARY, Problem, Severity
from netc.compiler.source.text import Span


class Reporter:
    """Handed to every stage; nothing is raised across stages."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, int, int], Problem] = {}
        self._given_up: dict[Span, None] = {}
        self.told: list[Problem] = []  # every report, the same one again included

    def report(self, problem: Problem) -> None:
        """Keep the problem unless one with the same code stands at the same place of the spec."""
        self.told.append(problem)
        span = problem.shown_at
        if any(p.code == problem.code and span in p.places for p in self._found.values()):
            return
        for key, known in self._found.items():
            both = known.joined(problem) if known.code == problem.code else None
            if both is not None:
                self._found[key] = both
                return
        self._found.setdefault((problem.code, span.source.name, span.start, span.end), problem)

    def give_up(self, statement: Span) -> None:
        """Note that this statement could not be checked, because it depends on another with a problem."""
        if statement.source.name != LIBRARY:
            self._given_up.setdefault(statement)

    @property
    def unchecked(self) -> tuple[Span, ...]:
        """Statements that could not be checked and have no error of their own, in order of place."""
        wrong = [span for p in self._found.values() if p.severity is Severity.ERROR for span in p.places]
        free = (s for s in self._given_up if not any(w.source is s.source and s.start <= w.start <= s.end for w in wrong))
        return tuple(sorted(free, key=lambda s: (s.source.name, s.start)))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All problems, by file, then place."""
        told = (p for p in self._found.values() if p.beside_errors or not self.failed)
        return tuple(sorted(told, key=lambda p: (p.shown_at.source.name, p.shown_at.start, p.shown_at.end, p.code)))

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._found)

    @property
    def failed(self) -> bool:
        """Whether any problem is an error."""
        return any(p.severity is Severity.ERROR for p in self._found.values())
