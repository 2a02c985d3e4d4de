"""A problem as plain data."""

from __future__ import annotations

from typing import Any

from netc.compiler.diagnostics.model import Problem
from netc.compiler.source.text import Span


def _place(span: Span) -> dict[str, Any]:
    return {
        "file": span.source.name, "line": span.line, "column": span.column, "end_line": span.end_line, "end_column": span.end_column,
    }  # fmt: skip


def to_dict(problem: Problem) -> dict[str, Any]:
    """Keys: code, severity, message, file, line, column, end_line, end_column, labels, help."""
    d = problem.diagnose()
    return {
        "code": d.code,
        "severity": d.severity.value,
        "message": d.message,
        **_place(d.span),
        "labels": [{**_place(x.span), "text": x.text} for x in d.labels],
        "help": d.help,
    }
