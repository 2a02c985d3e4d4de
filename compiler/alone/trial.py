"""One layer applied to what stands for its settings and inputs: the problems that are met."""

from __future__ import annotations

from dataclasses import replace

from netc.compiler.alone.given import Given, Open, layer_and_inputs
from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.syntax import TooDeep
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.elaborate.layers.instances import instantiate
from netc.compiler.elaborate.model import Elaborated
from netc.compiler.elaborate.module import Module
from netc.compiler.elaborate.net import begin, spread_samples
from netc.compiler.elaborate.roles import prove_roles
from netc.compiler.elaborate.scope import Broken, Build, Options, Scope, Silenced
from netc.compiler.schedule.circles import find_circles


def problems_of(module: Module, options: Options, open_: Open, given: Given) -> tuple[Problem, ...]:
    """What is wrong with the layer where it is given this; in training, and at test time where that is not the same."""
    found = Reporter()
    for training in (True, False):
        reporter = Reporter()
        b = begin(module, "", replace(options, training=training), reporter)
        known = set(reporter.problems)  # of the file's constants, which are told elsewhere
        b.largest = float("inf")
        try:
            _apply(b, open_, given)
        except RecursionError:
            reporter.report(TooDeep(open_.layer.name.span, 200))
        for problem in reporter.problems:
            if problem not in known:
                found.report(replace(problem, applied=problem.applied[1:]))  # but for the application that was made up
        if not b.moded:
            break
    return found.problems


def _apply(b: Build, open_: Open, given: Given) -> None:
    name = open_.layer.name
    scope = Scope("", row=name.name, owner=name.name)
    try:
        layer, inputs = layer_and_inputs(b, open_, given, lambda node, header: b.evaluate(node, header, {}))
        instantiate(b, layer, list(inputs), scope, name.span)
    except Broken as broken:
        b.report(broken.problem, scope)
    except Silenced:
        pass
    sound = [e for e in b.equations if e not in b.failed]
    for problem in prove_roles(b.equations):
        b.report(problem, scope)
    spread_samples(b)
    for circle in find_circles(Elaborated(name.name, b.options.training, tuple(sound), b.variables, (), lengths=b.lengths, lost=frozenset())):
        b.report(circle, scope)
