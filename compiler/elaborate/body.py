"""Runs a body: its declarations, then its equations in order, then what is said about them."""

from __future__ import annotations

from netc.compiler.diagnostics.model import LIBRARY
from netc.compiler.diagnostics.problems.likelihood import TargetUnfit
from netc.compiler.diagnostics.problems.names import Duplicate
from netc.compiler.elaborate.declarations import declare
from netc.compiler.elaborate.equations.boundaries import unread_boundaries
from netc.compiler.elaborate.equations.define import define, define_group
from netc.compiler.elaborate.equations.order import in_groups
from netc.compiler.elaborate.expressions.calls import DISTRIBUTIONS
from netc.compiler.elaborate.layers.asserts import assertions
from netc.compiler.elaborate.left import Defining, is_boundary, names_in_part, target_names, targets, used_names
from netc.compiler.elaborate.likelihoods.observe import objective, observe
from netc.compiler.elaborate.model import Row
from netc.compiler.elaborate.scope import Broken, Build, Scope, Silenced
from netc.compiler.elaborate.values import Array, Outputs, Poison, Value, first
from netc.compiler.statements.expressions import Kind
from netc.compiler.syntax import tree


def run_body(b: Build, body: tuple[tree.Statement, ...], scope: Scope) -> None:
    """All statements of a net, or of a layer applied somewhere."""
    declare(b, body, scope)
    row = scope.row
    equations: list[Defining] = []
    for statement in body:
        if isinstance(statement, tree.Equation | tree.Objective) or isinstance(statement, tree.Output) and statement.value is not None:
            equations.append(statement)
    _check_duplicates(b, equations, scope)
    for statement in equations:
        assert statement.value is not None
        for name in target_names(statement):
            if not is_boundary(b, statement, scope):
                scope.defined[name.name] = statement.value
    for statement in body:
        if isinstance(statement, tree.Likelihood):
            _meant_as_drawn(b, statement, equations, scope)
    for group in in_groups(tuple(equations)):
        define_group(b, group, scope)
    if scope.net_level:
        _rows(b, body, scope)
    for statement in body:
        before = len(b.equations)
        try:
            _remark(b, statement, scope)
            continue
        except Broken as broken:
            b.report(broken.problem, scope)
        except Silenced:
            b.reporter.give_up(statement.span)
        b.failed |= set(b.equations[before:])
        b.lost |= used_names(statement)
    unread_boundaries(b, scope)
    scope.row = row


def _meant_as_drawn(b: Build, statement: tree.Likelihood, equations: list[Defining], scope: Scope) -> None:
    """`z ~ normal(m, s)` of a name that is no input, and that equations read, is meant as a draw."""
    base = statement.target.base if isinstance(statement.target, tree.Index) else statement.target
    name = base.name if isinstance(base, tree.Name) else ""
    if name and name not in scope.names and name not in scope.defined and any(name in used_names(e.value) for e in equations):
        b.report(TargetUnfit(statement.target.span, statement.target.span.text, statement.distribution.span.text), scope)
        scope.names[name] = Poison()


def _check_duplicates(b: Build, equations: list[Defining], scope: Scope) -> None:
    """One equation for each name, beside its boundaries; or pieces that each say their range, where a type says the whole."""
    seen: dict[str, tree.Name] = {}
    typed = {target_names(s)[0].name for s in equations if isinstance(s, tree.Equation) and s.type is not None}
    for statement in list(equations):
        if is_boundary(b, statement, scope):
            continue
        if {n.name for n in target_names(statement)} <= typed & names_in_part(statement):
            continue
        for name in target_names(statement):
            declared = scope.spans.get(name.name) if name.name in scope.names and name.name not in scope.declared else None
            first_span = seen[name.name].span if name.name in seen else declared
            if first_span is not None:
                known = scope.names.get(name.name)
                state = isinstance(known, Array) and known.variable is not None and known.variable.kind is Kind.STATE and name.name not in seen
                updated = targets(statement)[0].span.text if state else ""
                begins = _beginning(statement, name.name, equations)
                in_part, observed = name.name in names_in_part(statement), _observing(statement, known) if scope.net_level and name.name not in seen else ""
                b.report(Duplicate(name.span, name.name, first_span, in_part, begins is not None, updated, observed), scope)
                dropped = begins or statement
                if begins is not None:
                    scope.unread.add(name.name)  # where it begins
                if dropped in equations:
                    equations.remove(dropped)
                    b.lost |= used_names(dropped.value)
            seen.setdefault(name.name, name)


def _observing(statement: Defining, known: Value | None) -> str:
    """The likelihood that is meant where an equation gives an input a distribution: `digit ~ softmax(z)`."""
    value = statement.value
    given = isinstance(known, Array) and known.variable is not None and known.variable.kind is Kind.INPUT
    head = value.function if isinstance(value, tree.Call) else value
    named = isinstance(head, tree.Name) and head.name in DISTRIBUTIONS
    return f"{targets(statement)[0].span.text} ~ {' '.join(value.span.text.split())}" if given and named and isinstance(value, tree.Call) else ""


def _beginning(statement: Defining, name: str, equations: list[Defining]) -> Defining | None:
    """Of two equations of a name, of which one is computed from itself, the other: it may be meant as the boundary, `h[0] = 0`."""
    for other in (s for s in equations if s is not statement and name in {n.name for n in target_names(s)}):
        recurrent = [name in _needed(s, (statement, other), equations) for s in (statement, other)]
        if recurrent[0] != recurrent[1]:
            return other if recurrent[0] else statement
    return None


def _needed(statement: Defining, without: tuple[Defining, ...], equations: list[Defining]) -> set[str]:
    """All names that an equation is computed from, but for what these define."""
    found: set[str] = set()
    new = set(used_names(statement.value))
    while new:
        found |= new
        further = (s for s in equations if s not in without and new & {n.name for n in target_names(s)})
        new = set().union(*(used_names(s.value) for s in further)) - found
    return found


def _rows(b: Build, body: tuple[tree.Statement, ...], scope: Scope) -> None:
    recurrent = {e.row for e in b.equations if e.target in b.recurrent}
    for statement in body:
        if not isinstance(statement, tree.Equation | tree.Objective) or is_boundary(b, statement, scope):
            continue
        for name in target_names(statement):
            value = scope.names.get(name.name)
            value = first(value) if isinstance(value, Outputs) else value
            if not isinstance(value, Array) or any(r.name == name.name for r in b.rows):
                continue
            kind = statement.kind if isinstance(statement, tree.Objective) else "equation"
            layers = tuple(b.layers.get(name.name, ()))
            b.rows.append(Row(name.name, kind, statement.span, value.variable, layers, name.name in recurrent))


def _remark(b: Build, statement: tree.Statement, scope: Scope) -> None:
    match statement:
        case tree.Likelihood():
            observe(b, statement, scope)
        case tree.Objective():
            if not isinstance(scope.names.get(statement.name.name), Poison):
                objective(b, statement, scope)
        case tree.Output():
            value = first(b.evaluate(statement.name, scope, {}))
            if isinstance(value, Array) and value.variable is not None:
                b.outputs[statement.name.name] = value.variable
        case tree.Assert() if statement.span.source.name != LIBRARY:  # the library's were decided when its layer was applied
            b.assertions.extend(assertions(b, statement, scope))
        case tree.Next():
            _next(b, statement, scope)
        case _:
            pass


def _next(b: Build, statement: tree.Next, scope: Scope) -> None:
    """`next mu[c] = ...`: what a state becomes after a training step."""
    b.moded = True
    if not b.options.training:
        return
    target = statement.target
    base = target.base if isinstance(target, tree.Index) else target
    assert isinstance(base, tree.Name)
    state = b.evaluate(base, scope, {})
    variable = state.variable if isinstance(state, Array) else None
    if variable is None:
        raise Broken(Duplicate(base.span, base.name, scope.spans.get(base.name, base.span)))
    name = f"next {base.name}"
    scope.declared[name] = variable.axes
    equation = tree.Equation(statement.span, None, _called(target, name), None, statement.value)
    define(b, equation, scope)
    made = scope.names.get(name)
    if isinstance(made, Array) and made.variable is not None:
        b.updates[variable] = made.variable


def _called(target: tree.Expr, name: str) -> tree.Expr:
    if isinstance(target, tree.Index):
        return tree.Index(target.span, tree.Name(target.base.span, name), target.items)
    return tree.Name(target.span, name)
