"""A loss made of chosen equations and given weights: what a gradient check of every equation differentiates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from netc.compiler.elaborate.model import Elaborated, Equation
from netc.compiler.source.text import typed
from netc.compiler.statements.expressions import BATCH, Apply, Expr, Index, Kind, Read, Reduce, Variable, affine, total


def weight_name(equation: str) -> str:
    """The input that holds the weights of an equation's elements."""
    return f"weight of {equation}"


def weighted(elaborated: Elaborated, names: Sequence[str]) -> Elaborated:
    """The net with the loss `sum over names, elements and samples of weight * element` in place of its own."""
    variables = dict(elaborated.variables)
    equations = list(elaborated.equations)
    losses: dict[str, Variable] = {}
    for name in names:
        value = elaborated.variables[name]
        span = value.span or typed("netc", name)
        weight = Variable(weight_name(name), value.axes, Kind.INPUT, per_sample=value.per_sample, span=span)
        term = Variable(f"weighted {name}", (), span=span)
        variables[weight.name] = weight
        indices = tuple(Index(f"w{k}", axis) for k, axis in enumerate(value.axes))
        places = tuple(map(affine, indices))
        over = (*((BATCH,) if value.per_sample else ()), *indices)
        body: Expr = Apply("*", (Read(weight, places), Read(value, places)))
        equations.append(Equation(term, (), (), Reduce("sum", over, None, body) if over else body, span, name))
        losses[name] = term
    loss = Variable("weighted loss", ())
    equations.append(Equation(loss, (), (), total([Read(v) for v in losses.values()]), typed("netc", "loss"), ""))
    return replace(elaborated, equations=tuple(equations), variables=variables, loss=loss, losses=losses, metrics={}, updates={})
