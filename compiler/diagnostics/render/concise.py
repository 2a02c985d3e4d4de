"""One line for each problem, as compilers print them."""

from __future__ import annotations

from netc.compiler.diagnostics.model import Problem


def render(problem: Problem) -> str:
    """`file:line:column: error[E0307]: message`."""
    d = problem.diagnose()
    return f"{d.span.source.name}:{d.span.line}:{d.span.column}: {d.severity.value}[{d.code}]: {d.message}"
