"""The exception that public functions raise: problems, carried as they are."""

from __future__ import annotations

from typing import ClassVar

from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.render.text import render


class NetcError(Exception):
    """Something is wrong with a spec, its data or its settings. `problems` says what and where."""

    exit_code: ClassVar[int] = 1

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(
            f"{d.span.source.name}:{d.span.line}:{d.span.column}: {d.severity.value}[{d.code}]: {d.message}"
            for d in (p.diagnose() for p in self.problems)
        )

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the problems as the command line shows them, without the calls that led there."""
        return [line for p in self.problems for line in (*render(p).split("\n"), "")]


class UsageError(NetcError):
    """The call itself is wrong: an unknown option value, a setting that does not exist."""

    exit_code = 2


class MissingError(NetcError):
    """Something needed is absent: an extra, a GPU, a data file."""

    exit_code = 3


class UnknownNameError(NetcError, KeyError):
    """A mapping of parameters, states or values does not have this name. The names that it has are told with it."""

    def __str__(self) -> str:
        return f"{super().__str__()}; {'; '.join(p.diagnose().help for p in self.problems)}"


class DivergedError(NetcError):
    """A number became infinite or undefined while training."""

    exit_code = 4
