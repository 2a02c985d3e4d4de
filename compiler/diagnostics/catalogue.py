"""All problems by code, and their long explanations."""

from __future__ import annotations

import inspect
import pkgutil
import textwrap
from dataclasses import dataclass
from importlib import import_module

from netc.compiler.diagnostics import problems
from netc.compiler.diagnostics.model import Problem


def catalogue() -> dict[str, type[Problem]]:
    """Every problem class by its code. Raises ValueError where two share one."""
    found: dict[str, type[Problem]] = {}
    for module in pkgutil.iter_modules(problems.__path__):
        for value in vars(import_module(f"{problems.__name__}.{module.name}")).values():
            coded = isinstance(value, type) and issubclass(value, Problem) and "code" in vars(value)
            if coded and found.setdefault(value.code, value) is not value:
                raise ValueError(f"{value.code} stands for {value.__name__} and for {found[value.code].__name__}")
    return dict(sorted(found.items()))


@dataclass(frozen=True)
class Examples:
    """The specs in a problem's explanation."""

    wrong: str | None
    right: str | None


def topics() -> dict[str, list[type[Problem]]]:
    """The same by what they are about, as the modules of problems say it."""
    found: dict[str, list[type[Problem]]] = {}
    for problem in catalogue().values():
        about = (import_module(problem.__module__).__doc__ or "").split("\n")[0].rstrip(".")
        found.setdefault(about, []).append(problem)
    return found


def title(problem: type[Problem]) -> str:
    """What a code stands for, in one line."""
    return inspect.cleandoc(problem.__doc__ or "").split("\n")[0]


def explanation(problem: type[Problem]) -> str:
    """The long text of a code."""
    text = inspect.cleandoc(problem.__doc__ or "")
    return f"{problem.severity.value}[{problem.code}]\n\n{text}"


def examples(problem: type[Problem]) -> Examples:
    """The snippets behind `Wrong:` and `Right:`."""
    text = inspect.cleandoc(problem.__doc__ or "")
    _, _, rest = text.partition("Wrong:\n")
    if not rest:
        return Examples(None, None)
    wrong, _, right = rest.partition("Right:\n")
    return Examples(textwrap.dedent(wrong), textwrap.dedent(right) or None)
