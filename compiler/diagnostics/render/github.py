"""Annotations that GitHub shows beside the lines of a change."""

from __future__ import annotations

from netc.compiler.diagnostics.model import Problem


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def render(problem: Problem) -> str:
    """`::error file=...,line=...::message`."""
    d = problem.diagnose()
    place = f"file={d.span.source.name},line={d.span.line},endLine={d.span.end_line},col={d.span.column},endColumn={d.span.end_column}"
    return f"::{d.severity.value} {place},title={d.code}::{_escaped(d.message)}"
