"""The entry: one net of a module, in one mode, to equations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from netc.compiler.diagnostics.model import Severity
from netc.compiler.diagnostics.problems.names import UnknownNet, UnknownSize
from netc.compiler.diagnostics.problems.syntax import TooDeep
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.diagnostics.suggest import suggest
from netc.compiler.elaborate.body import run_body
from netc.compiler.elaborate.declarations import check_table, declare
from netc.compiler.elaborate.expressions.calls import apply
from netc.compiler.elaborate.expressions.evaluate import evaluate
from netc.compiler.elaborate.layers.asserts import limits
from netc.compiler.elaborate.likelihoods.observe import total_loss
from netc.compiler.elaborate.model import Elaborated
from netc.compiler.elaborate.module import Module
from netc.compiler.elaborate.parameters import prove_parameters
from netc.compiler.elaborate.roles import prove_roles
from netc.compiler.elaborate.scope import Broken, Build, Options, Scope
from netc.compiler.elaborate.values import Poison
from netc.compiler.source.text import Span
from netc.compiler.statements.domains import sample_lengths
from netc.compiler.statements.expressions import (
    BATCH,
    Affine,
    Expr,
    IndexValue,
    Kind,
    Normalise,
    Read,
    Reduce,
    Variable,
    children,
)
from netc.compiler.syntax import tree


def elaborate(module: Module, net: str, options: Options, reporter: Reporter) -> Elaborated | None:
    """The net as equations; where it has errors, which are with the reporter, as many as are sound. None where nothing can be said."""
    declaration = module.nets.get(net)
    if declaration is None:
        reporter.report(UnknownNet(Span(module.file.source, 0, 0), net, tuple(module.nets)))
        return None
    scope = Scope("")
    before = len(reporter.told)
    try:
        b = begin(module, net, options, reporter)
        check_sizes(b, declaration.name.span, scope)
        run_body(b, declaration.body, scope)
        loss = total_loss(b, declaration.name.span, scope)
        sound = not any(p.severity is Severity.ERROR for p in reporter.told[before:])
    except RecursionError:
        reporter.report(TooDeep(declaration.name.span, 200))
        return None
    for problem in (*prove_roles(b.equations), *prove_parameters(b.observations, b.equations)):
        reporter.report(problem)
    sound = sound and not any(p.severity is Severity.ERROR for p in reporter.told[before:])
    unread = [i for i in (*declaration.body, *module.constants) if isinstance(i, tree.Unread)]
    lost = frozenset(b.lost.union(*(re.findall(r"\w+'*", i.span.text) for i in unread)))
    spread_samples(b)
    return Elaborated(
        declaration.name.name, options.training, tuple(e for e in b.equations if e not in b.failed), b.variables, tuple(b.rows), loss, b.losses, b.metrics,
        b.outputs, b.updates, b.dims, tuple(b.observed), b.predictions, (*b.assertions, *limits(b.doubtful)), b.lengths, b.counts, tuple(b.observations),
        b.moded, sound, None if sound and not unread else lost, frozenset(b.applied),
    )  # fmt: skip


def begin(module: Module, net: str, options: Options, reporter: Reporter) -> Build:
    """A build that knows the sizes, constants and tables of the file, each with its problems told."""
    b = Build(module, net, options, reporter)
    b.evaluate, b.apply, b.run = partial(evaluate, b), partial(apply, b), partial(run_body, b)
    outside = Scope("")
    _tables(b, outside)
    declare(b, module.constants, outside)
    b.globals = outside.names
    return b


def _tables(b: Build, scope: Scope) -> None:
    for item in b.module.names.values():
        if isinstance(item, tree.Table):
            try:
                check_table(b, item, scope)
            except Broken as broken:
                b.report(broken.problem, scope)
                scope.names[item.name.name] = Poison()


def check_sizes(b: Build, place: Span, scope: Scope) -> None:
    """`-D` must name sizes that the file or some net of it declares."""
    declared: set[str] = set()
    for body in (*(n.body for n in b.module.nets.values()), b.module.constants):
        for statement in body:
            if isinstance(statement, tree.Dims):
                declared |= {x.item.name.name for x in statement.bindings}
    for name in b.options.dims:
        if name not in declared:
            b.report(UnknownSize(place, name, tuple(sorted(declared)), suggest(name, declared)), scope)


def spread_samples(b: Build) -> None:
    """Which variables carry the batch: the least set closed under 'reads one that does and does not reduce over it'."""
    readers: dict[Variable, list[Variable]] = {}
    for equation in b.equations:
        parts = list(_outside_batch(equation.value))
        for part in parts:
            if type(part) is Read:
                readers.setdefault(part.variable, []).append(equation.target)
        if b.lengths and (any(map(_speaks_of_length, parts)) or any(_moves(p) for p in equation.place)):
            equation.target.per_sample = True
    stack = [v for v in b.variables.values() if v.per_sample]
    while stack:
        for target in readers.get(stack.pop(), ()):
            if not target.per_sample and target.kind is Kind.TEMPORARY:
                target.per_sample = True
                stack.append(target)


def _outside_batch(e: Expr) -> Iterator[Expr]:
    """The expression and all below it, but for what is reduced over the batch."""
    stack = [e]
    while stack:
        x = stack.pop()
        if type(x) is not Reduce or BATCH not in x.indices:
            yield x
            stack.extend(children(x))


def _speaks_of_length(e: Expr) -> bool:
    """Whether this node depends on how long the sample is."""
    match e:
        case IndexValue():
            return _moves(e.affine)
        case Read():
            return any(map(_moves, e.indices))
        case Reduce() | Normalise():
            return any(sample_lengths(i.domain.hi) for i in e.indices)
        case _:
            return False


def _moves(place: Affine | Expr) -> bool:
    """Whether a place lies elsewhere in samples of other lengths."""
    return isinstance(place, Affine) and bool(sample_lengths(place.const))
