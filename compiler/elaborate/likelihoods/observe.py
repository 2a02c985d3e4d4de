"""`y ~ D(...)`, `loss` and `metric`: equations that reduce over the batch."""

from __future__ import annotations

from dataclasses import replace

from netc.compiler.diagnostics import foreign
from netc.compiler.diagnostics.problems.calls import ExtraArgument, MissingArgument, NotApplicable
from netc.compiler.diagnostics.problems.likelihood import (
    DistributionUnfit,
    NotScalar,
    TargetUnfit,
    UnknownDistribution,
)
from netc.compiler.diagnostics.problems.names import UnknownName
from netc.compiler.diagnostics.suggest import suggest
from netc.compiler.elaborate.expressions.calls import BUILTINS, DISTRIBUTIONS
from netc.compiler.elaborate.judging.judged import judge_likelihood
from netc.compiler.elaborate.left import used_names
from netc.compiler.elaborate.likelihoods.distributions import TERMS, Term, counted, shared
from netc.compiler.elaborate.misapplied import unfit
from netc.compiler.elaborate.ranges.ranges import fresh
from netc.compiler.elaborate.scope import Broken, Build, Environment, Scope, Silenced
from netc.compiler.elaborate.values import Array, first, lifted, shape_text, sort_text
from netc.compiler.source.text import Span
from netc.compiler.statements.domains import Domain, difference
from netc.compiler.statements.expressions import (
    BATCH,
    Affine,
    Apply,
    Expr,
    Index,
    Kind,
    Read,
    Reduce,
    Type,
    Variable,
    affine,
)
from netc.compiler.syntax import tree

_WANTED = {
    "softmax": "a class", "categorical": "a class", "sigmoid": "numbers that are 0 or 1", "bernoulli": "numbers that are 0 or 1",
    "normal": "real numbers", "poisson": "counts",
}  # fmt: skip
_KNOWN = tuple(d for d in DISTRIBUTIONS if d in _WANTED)


def observe(b: Build, statement: tree.Likelihood, scope: Scope) -> None:
    """One likelihood: a loss term, a metric where there is one, and what it predicts."""
    env: Environment = {}
    try:
        _observe(b, statement, scope, env)
    except (Broken, Silenced) as failed:
        if isinstance(failed, Broken) and isinstance(failed.problem, UnknownName) and isinstance(statement.target, tree.Name):
            failed.problem = replace(failed.problem, observed=statement.target.name)
            b.report(failed.problem, scope)
        judge_likelihood(b, statement, scope, env)
        if isinstance(failed, Silenced):
            _by_sizes(b, statement, scope)
        raise


def _by_sizes(b: Build, statement: tree.Likelihood, scope: Scope) -> None:
    """What is wrong with a likelihood of something that failed, as far as its sizes tell."""
    with b.trial(report=True):
        try:
            _observe(b, statement, scope, {})
        except Broken as broken:
            b.report(broken.problem, scope)
        except Silenced:
            pass


def _observe(b: Build, statement: tree.Likelihood, scope: Scope, env: Environment) -> None:
    target = statement.target
    base = target.base if isinstance(target, tree.Index) else target
    if not isinstance(base, tree.Name):
        raise Broken(TargetUnfit(target.span, target.span.text))
    name = base.name
    scope.row = scope.owner = name
    if isinstance(target, tree.Index):
        for letter in sorted(set().union(*(used_names(i) for i in target.items))):
            if letter not in scope.names and letter not in b.module.names and letter not in BUILTINS:
                env[letter] = index = fresh(letter)
                b.kept.add(index)
    value = first(b.evaluate(target, scope, env))
    whole = first(b.evaluate(base, scope, env))
    observed = b.extended.get(whole.variable, whole.variable) if isinstance(whole, Array) and whole.variable is not None else None
    if not isinstance(value, Array) or observed is None or observed.kind is not Kind.INPUT:
        raise Broken(TargetUnfit(target.span, target.span.text))
    own = [i for i in env.values() if isinstance(i, Index)]
    if _ahead(own, value):
        _cut(b, own, value, statement)  # before a layer on the right is entered
    rule, arguments = _distribution(statement)
    _check_kind(rule, value, statement)
    parameters = [_parameter(b, a, scope, env) for a in arguments]
    condition = _observed(b, statement, scope, env)
    own = [i for i in env.values() if isinstance(i, Index)]
    problem = b.ranges.disagreement(own)
    if problem is not None:
        raise Broken(problem)
    _cut(b, own, value, statement)
    b.resolve(own, statement.span)
    term = Term(b, scope, statement, name, observed, value, own, condition)
    TERMS[rule](term, parameters)
    if observed not in b.observed:
        b.observed.append(observed)


def _ahead(own: list[Index], value: Array) -> bool:
    """Whether the left side is shifted, and says by itself what each of its indices ranges over."""
    read = value.at([affine(Index("p", axis)) for axis in value.axes])
    places = [p for p in read.indices if isinstance(p, Affine) and p.plain in own] if isinstance(read, Read) else []
    return {p.plain for p in places} == set(own) and any(p.const != 0 for p in places)


def _cut(b: Build, own: list[Index], value: Array, statement: tree.Likelihood) -> None:
    """`x[t+1] ~` speaks of the points whose target exists: the range of t ends one step before x does."""
    problem = b.ranges.resolve(own, statement.span)
    if problem is not None:
        raise Broken(problem)
    read = value.at([affine(Index("p", axis)) for axis in value.axes])
    assert isinstance(read, Read)
    for place, axis in zip(read.indices, read.variable.axes, strict=True):
        if not isinstance(place, Affine) or place.plain not in own:
            continue
        i, shift = place.plain, place.const
        lo, hi = axis.lo - shift, axis.hi - shift
        below, above = difference(lo, i.domain.lo), difference(i.domain.hi, hi)
        i.domain = Domain(lo if below is not None and below > 0 else i.domain.lo, hi if above is not None and above > 0 else i.domain.hi)


def _distribution(statement: tree.Likelihood) -> tuple[str, tuple[tree.Argument, ...]]:
    node = statement.distribution
    if not isinstance(node, tree.Call) or not isinstance(node.function, tree.Name) or node.function.name not in _WANTED:
        word = node.function.name if isinstance(node, tree.Call) and isinstance(node.function, tree.Name) else ""
        raise Broken(UnknownDistribution(node.span, _KNOWN, suggest(word, _KNOWN), foreign.name(word) or ""))
    rule = node.function.name
    wanted = 2 if rule == "normal" else 1
    if len(node.arguments) > wanted:
        raise Broken(ExtraArgument(node.arguments[wanted].span, f"`{rule}`", wanted, len(node.arguments)))
    if len(node.arguments) < wanted:
        raise Broken(MissingArgument(node.span, f"`{rule}`", "sd" if node.arguments else "a value", None))
    return rule, node.arguments


def _parameter(b: Build, argument: tree.Argument, scope: Scope, env: Environment) -> Array:
    value = first(b.evaluate(argument.value, scope, env))
    array = lifted(value)
    if array is None:
        raise Broken(unfit(argument.span, "a parameter of a distribution", value))
    return array


def _check_kind(rule: str, value: Array, statement: tree.Likelihood) -> None:
    is_class = value.type is Type.INTEGER
    if is_class != (rule in ("softmax", "categorical")) and not (rule == "poisson" and is_class):
        raise Broken(DistributionUnfit(statement.distribution.span, rule, statement.target.span, sort_text(value), _WANTED[rule]))


def _observed(b: Build, statement: tree.Likelihood, scope: Scope, env: Environment) -> Expr | None:
    if statement.where is None:
        return None
    array = lifted(first(b.evaluate(statement.where, scope, env)))
    if array is None or array.axes:
        raise Broken(NotApplicable(statement.where.span, "a condition", sort_text(b.evaluate(statement.where, scope, env))))
    return array.at(())


def objective(b: Build, statement: tree.Objective, scope: Scope) -> None:
    """`loss name = ...` and `metric name = ...`: one number for each sample, averaged over the batch."""
    value = scope.names.get(statement.name.name)
    array = lifted(value) if value is not None else None
    if array is None:
        return
    if array.axes and statement.kind == "loss":
        raise Broken(NotScalar(statement.value.span, statement.kind, shape_text(array.axes)))
    inner = tuple(Index(f"e{k}", axis) for k, axis in enumerate(array.axes))
    e = Reduce("mean", (BATCH, *inner), None, array.at([affine(i) for i in inner]))
    name = statement.name.name
    scope.row = name
    store = b.losses if statement.kind == "loss" else b.metrics
    store[name] = term = shared(b, f"{statement.kind} {name}", e, statement.span, scope)
    b.counts[term] = counted(b, inner, None, statement.span, scope)


def total_loss(b: Build, span: Span, scope: Scope) -> Variable | None:
    """The sum of all loss terms."""
    terms = [Read(v) for v in b.losses.values()]
    if not terms:
        return None
    e: Expr = terms[0]
    for term in terms[1:]:
        e = Apply("+", (e, term))
    scope.row = ""
    return shared(b, "loss", e, span, scope)


