"""Elaborated nets to programs: what is wanted, in normal form, rewritten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from netc.compiler.elaborate.model import Elaborated, Equation
from netc.compiler.rewrites.drop_masks import drop_masks
from netc.compiler.rewrites.fold_symbols import fold_symbols
from netc.compiler.rewrites.hoist import hoist
from netc.compiler.rewrites.inline_maps import inline_maps
from netc.compiler.rewrites.normal_form import Normaliser
from netc.compiler.rewrites.remove_copies import remove_copies
from netc.compiler.rewrites.remove_dead import remove_dead
from netc.compiler.rewrites.split_joins import split_joins
from netc.compiler.rewrites.stabilise import stabilise
from netc.compiler.rewrites.stack_products import stack_products
from netc.compiler.rewrites.write_directly import write_directly
from netc.compiler.rewrites.write_in_place import write_in_place
from netc.compiler.statements.expressions import Variable
from netc.compiler.statements.program import Program, Statement


@dataclass(frozen=True)
class Wanted:
    """What a program is to compute."""

    loss: bool = True
    metrics: bool = True
    outputs: bool = False
    predictions: bool = False
    updates: bool = True
    names: tuple[str, ...] = ()
    counts: bool = False  # how many elements each loss term and metric is a mean of
    kept: tuple[str, ...] = ()  # equations whose adjoints will be asked for: they stand as they are


Rewrite = Callable[[Program], Program]
ORDER: tuple[Rewrite, ...] = (remove_copies, write_directly, write_in_place, inline_maps, remove_dead)


BEFORE_GRADIENTS: tuple[Rewrite, ...] = (split_joins, hoist, drop_masks, fold_symbols)


def simplify(program: Program) -> Program:
    """All rewrites, in their order."""
    for rewrite in ORDER:
        program = rewrite(program)
    return program


def lower(elaborated: Elaborated, wanted: Wanted, stacked: bool = False) -> Program:
    """The statements that compute what is wanted, in normal form; `stacked` puts products of one recurrent value side by side."""
    values: dict[str, Variable] = {n: elaborated.variables[n] for n in wanted.names}
    if wanted.outputs:
        values.update(elaborated.outputs)
    if wanted.predictions:
        values.update({f"{n}.prediction": v for n, v in elaborated.predictions.items()})
    empty = Program(
        (),
        elaborated.loss if wanted.loss else None,
        dict(elaborated.losses) if wanted.loss else {},
        dict(elaborated.metrics) if wanted.metrics else {},
        values,
        dict(elaborated.updates) if wanted.updates else {},
        counts={v: elaborated.counts[v] for v in _judged(elaborated, wanted) if v in elaborated.counts},
        kept=tuple(elaborated.variables[n] for n in wanted.kept),
    )
    statements: list[Statement] = []
    normaliser = Normaliser(statements, set(elaborated.variables))
    for equation in needed(elaborated, empty.roots()):
        normaliser.hint, normaliser.order = equation.target.name, equation.indices
        body = normaliser.normal(stabilise(equation.value), root=True)
        statements.append(Statement(equation.target, equation.place, equation.indices, body, span=equation.span))
    program = simplify(replace(empty, statements=tuple(statements)))
    for rewrite in (*BEFORE_GRADIENTS, stack_products) if stacked else BEFORE_GRADIENTS:
        done = rewrite(program)
        program = program if done is program else simplify(done)
    return program


def _judged(elaborated: Elaborated, wanted: Wanted) -> list[Variable]:
    if not wanted.counts:
        return []
    return [*(elaborated.losses.values() if wanted.loss else ()), *(elaborated.metrics.values() if wanted.metrics else ())]


def needed(elaborated: Elaborated, roots: list[Variable]) -> list[Equation]:
    """The equations that the roots depend on, in their order."""
    by_target: dict[Variable, list[Equation]] = {}
    for equation in elaborated.equations:
        by_target.setdefault(equation.target, []).append(equation)
    live: set[Variable] = set()
    stack = list(roots)
    while stack:
        variable = stack.pop()
        if variable in live:
            continue
        live.add(variable)
        for equation in by_target.get(variable, ()):
            stack += [r.variable for r in equation.reads]
    return [e for e in elaborated.equations if e.target in live]
