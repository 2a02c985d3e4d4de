"""Proofs for the parameters of distributions, by interval arithmetic: spreads and rates above 0, probabilities from 0 to 1."""

from __future__ import annotations

from collections.abc import Iterable

from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.likelihood import ParameterInDoubt, ParameterOutside
from netc.compiler.elaborate.model import Equation, Observation
from netc.compiler.elaborate.roles import Intervals
from netc.compiler.statements.expressions import Expr, Kind, Read

_POSITIVE = {"normal": 1, "poisson": 0}  # which parameter must be above 0
_SHARES = {"bernoulli": 0, "categorical": 0}  # which lies between 0 and 1


def prove_parameters(observations: Iterable[Observation], equations: Iterable[Equation]) -> list[Problem]:
    """What is never right, and what may come to be below 0. Numbers that a sample brings are taken to be right."""
    intervals = Intervals(equations, (0.0, 1.0))
    found: list[Problem] = []
    for seen in observations:
        place = {**_POSITIVE, **_SHARES}.get(seen.rule)
        if place is None or place >= len(seen.written):
            continue
        low, high = intervals.of(seen.parameters[place])
        span = seen.written[place]
        shares = seen.rule in _SHARES
        if high < 0 or (low >= 1 and high > 1 if shares else high == 0):
            found.append(ParameterOutside(span, seen.rule, f"{low:g}" if low == high else f"in [{low:g}, {high:g}]"))
        elif low < 0 and not _given(seen.parameters[place], intervals):
            found.append(ParameterInDoubt(span, seen.rule))
    return found


def _given(e: Expr, intervals: Intervals) -> bool:
    """Whether a value is an input as it stands, under whatever names."""
    for _ in range(8):
        if not isinstance(e, Read):
            return False
        if e.variable.kind is Kind.INPUT:
            return True
        pieces = intervals.defined.get(e.variable, [])
        if len(pieces) != 1:
            return False
        e = pieces[0].value
    return False
