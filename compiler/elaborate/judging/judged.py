"""What can still be said of an equation that was given up because of a mistake, here or elsewhere.

Its parts are evaluated one by one, for their problems alone: each mistake is told in one run. What depends on a part that
is not known says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.calls import ExtraArgument, MissingArgument
from netc.compiler.diagnostics.problems.domains import AlreadyBound
from netc.compiler.diagnostics.problems.likelihood import SoftmaxTwice
from netc.compiler.diagnostics.problems.names import IndexShadows, UnknownName
from netc.compiler.elaborate.declarations import declare
from netc.compiler.elaborate.expressions.indexing import in_brackets
from netc.compiler.elaborate.expressions.reductions import inside
from netc.compiler.elaborate.judging.reach import judge_beginnings, judge_ranges
from netc.compiler.elaborate.judging.stand_ins import sizes_of
from netc.compiler.elaborate.layers.instances import make_layer, no_value
from netc.compiler.elaborate.left import (
    Defining,
    index_names,
    is_boundary,
    parts_of,
    read_left,
    target_names,
    targets,
    used_names,
)
from netc.compiler.elaborate.ranges.ranges import fresh
from netc.compiler.elaborate.roles import gate_in_doubt
from netc.compiler.elaborate.scope import Broken, Build, Environment, Scope, Silenced
from netc.compiler.elaborate.values import Array, LayerValue, Outputs, Poison, lifted
from netc.compiler.source.text import Span
from netc.compiler.statements.expressions import Index, Number, affine
from netc.compiler.syntax import tree

_STEPS = 8  # names that are followed from a likelihood to the softmax that they stand for


def judge(b: Build, statement: Defining, scope: Scope, group: Sequence[Defining] = ()) -> dict[str, Array | Outputs]:
    """Report what is wrong in the parts of an equation; `group` are those that it is computed together with.

    The sizes of what it defines are given back, as far as its sound parts tell: by them, what depends on it can be judged too.
    """
    with b.trial(report=True):
        env: Environment = {}
        try:
            for target in targets(statement):
                read_left(b, target, scope, env)
        except (Broken, Silenced) as failed:
            env = {name: fresh(name) for t in targets(statement) if isinstance(t, tree.Index) for name in index_names(b, t.items, scope)}
            if isinstance(failed, Broken) and isinstance(failed.problem, IndexShadows):
                if failed.problem.name in _bases(statement.value):
                    env.pop(failed.problem.name, None)  # it is read as the variable that it is
                env |= {name: fresh(name) for name in _unbound(b, statement.value, scope, env)}  # one of them was meant on the left
        _names(b, statement.value, targets(statement), scope, env)
        _parts(b, statement.value, scope, env)
        judge_ranges(b, env, statement.span, scope)
        made = _settings(b, statement.value, scope) if isinstance(statement.value, tree.Call) and not isinstance(targets(statement)[0], tree.Name) else None
        if made is not None and statement.value is not None:
            b.report(no_value(made, statement.value), scope)
        if not is_boundary(b, statement, scope):
            judge_beginnings(b, statement, group, scope, env)
        if isinstance(statement, tree.Equation) and statement.role == "gate":
            _gate(b, statement, scope)
        with b.trial(guess=True):
            return sizes_of(b, statement, scope)


def _unbound(b: Build, value: object, scope: Scope, env: Environment) -> list[str]:
    """The names that stand in brackets and that nothing defines."""
    known = {*env, *scope.names, *scope.defined, *b.globals, *b.module.names}
    return [node.name for node, around in _free_names(value, frozenset()) if around is not None and node.name not in known]


def _bases(value: object) -> set[str]:
    """The names that are read at some place."""
    found: set[str] = set()
    stack: list[object] = [value]
    while stack:
        x = stack.pop()
        if isinstance(x, tree.Index) and isinstance(x.base, tree.Name):
            found.add(x.base.name)
        stack.extend(x if isinstance(x, tuple) else parts_of(x))
    return found


def _gate(b: Build, statement: tree.Equation, scope: Scope) -> None:
    """A gate that does not stay between 0 and 1, whatever the values are that failed."""
    env: Environment = {}
    try:
        for target in targets(statement):
            read_left(b, target, scope, env)
        value = lifted(b.evaluate(statement.value, scope, env))
    except (Broken, Silenced):
        return
    if value is not None and not value.open:
        e = value.at([affine(Index("r", axis)) for axis in value.axes])
        for problem in gate_in_doubt(e, statement.span, target_names(statement)[0].name, b.equations):
            b.report(problem, scope)


def judge_layer(b: Build, layer: tree.Layer) -> None:
    """What is wrong in a layer whatever it is given, in all branches of it: settings, sizes and inputs are unknown."""
    given = [n for p in (*layer.settings, *layer.inputs) for n in (p.name.name, *used_names(p.type))]
    unknown = {n: Poison() for n in given if n not in b.module.names and n not in b.globals}
    scope = Scope("", names=dict(unknown), layer=layer.name.name)
    with b.trial(report=True):
        declare(b, layer.body, scope)
        equations = [s for s in layer.body if isinstance(s, tree.Equation)]
        scope.names.update({n.name: Poison() for s in equations for n in target_names(s)})
        for statement in equations:
            judge(b, statement, scope)


def judge_def(b: Build, function: tree.Def) -> None:
    """As `judge_layer`, of a function; with numbers of any size as its arguments, the arguments of what it calls are counted."""
    unknown = dict.fromkeys((p.name.name for p in function.parameters), Poison())
    with b.trial(report=True):
        scope = Scope("", names={**unknown}, layer=function.name.name)
        for value in (function.body, *(p.default for p in function.parameters)):
            _names(b, value, (), scope, {})
            _parts(b, value, scope, {})
        try:
            numbers = Poison(Array((), lambda _: Number(0), open=True))
            b.evaluate(function.body, Scope("", names=dict.fromkeys(unknown, numbers), layer=function.name.name), {})
        except Broken as broken:
            if isinstance(broken.problem, ExtraArgument | MissingArgument):
                b.report(broken.problem, scope)
        except Silenced:
            pass


def judge_likelihood(b: Build, statement: tree.Likelihood, scope: Scope, env: Environment) -> None:
    """As `judge`, of what stands on the right of `~`."""
    call = statement.distribution
    if not isinstance(call, tree.Call) or not isinstance(call.function, tree.Name):
        return
    parts = (*(a.value for a in call.arguments), *((statement.where,) if statement.where is not None else ()))
    with b.trial(report=True):
        _names(b, parts, (statement.target,), scope, env, statement.target.name if isinstance(statement.target, tree.Name) else "")
        for part in parts:
            _parts(b, part, scope, env)
        judge_ranges(b, env, statement.span, scope)
    inner = _softmax_written(call.arguments[0].value, scope) if call.arguments and call.function.name == "softmax" else None
    if inner is not None:
        b.report(SoftmaxTwice(call.span, inner.span), scope)


def _softmax_written(node: tree.Expr | None, scope: Scope) -> tree.Expr | None:
    """The softmax that a value is, as far as its names lead."""
    for _ in range(_STEPS):
        if isinstance(node, tree.Call):
            function = node.function.base if isinstance(node.function, tree.Index) else node.function
            return node if isinstance(function, tree.Name) and function.name == "softmax" else None
        base = node.base if isinstance(node, tree.Index) else node
        node = scope.defined.get(base.name) if isinstance(base, tree.Name) else None
    return None


# ---- the parts of an expression --------------------------------------------------------------------------------------


def _parts(b: Build, node: object, scope: Scope, env: Environment) -> None:
    """The largest parts that have a value of their own; the problems of the others."""
    if not isinstance(node, tree.Expr):
        return
    try:
        b.evaluate(node, scope, env)
        return
    except Broken as broken:
        if not isinstance(broken.problem, UnknownName):  # `_names` knows which are bound further in
            b.report(broken.problem, scope)
    except Silenced:
        _settings(b, node, scope)
    if isinstance(node, tree.Call) and isinstance(node.function, tree.Index) and isinstance(node.function.base, tree.Name):
        inner = inside(b, node.function.base.name, node.function.items, scope, env)
        for argument in node.arguments:
            _parts(b, argument.value, scope, inner)
        judge_ranges(b, {name: index for name, index in inner.items() if env.get(name) is not index}, node.span, scope, env)
        return
    for part in _within(b, node, scope, env):
        _parts(b, part, scope, env)


def _settings(b: Build, node: tree.Expr, scope: Scope) -> LayerValue | None:
    """The layer that a call makes, whatever the values of its settings are; the problem of one that it does not have."""
    declaration = b.module.names.get(node.function.name) if isinstance(node, tree.Call) and isinstance(node.function, tree.Name) else None
    if not isinstance(node, tree.Call) or not isinstance(declaration, tree.Layer):
        return None
    try:
        return make_layer(b, node, declaration, [(a, Poison()) for a in node.arguments], scope)
    except Broken as broken:
        b.report(broken.problem, scope)
        return None


def _within(b: Build, node: tree.Expr, scope: Scope, env: Environment) -> Iterator[tree.Expr]:
    match node:
        case tree.Call(function=function, arguments=arguments):
            if isinstance(function, tree.Name) and function.name == "repeat":
                return  # its first argument binds a name
            yield from (function, *(a.value for a in arguments)) if isinstance(function, tree.Call) else (a.value for a in arguments)
        case tree.Conditional(condition=condition, then=then, otherwise=otherwise):
            yield condition
            try:
                known = b.evaluate(condition, scope, env)
            except (Broken, Silenced):
                known = None
            yield from (then if known else otherwise,) if isinstance(known, bool | int | float) else (then, otherwise)
        case tree.Index(items=items):
            yield from (i for i in items if not isinstance(i, tree.Star))
        case tree.Attribute(base=base):
            yield base
        case _:
            for part in parts_of(node):
                yield from (x for x in (part if isinstance(part, tuple) else (part,)) if isinstance(x, tree.Expr))


def _names(b: Build, value: object, left: Sequence[tree.Expr], scope: Scope, env: Environment, observed: str = "") -> None:
    """Names that nothing defines; what the equation binds itself, as an index, is known where it is bound."""
    told = {p.name for p in b.reporter.problems if isinstance(p, UnknownName) and any(_inside(p.span, part) for part in _spans(value))}
    told |= {p.meant for p in b.reporter.problems if isinstance(p, AlreadyBound) and any(_inside(p.span, part) for part in _spans(value))}
    for node, around in _free_names(value, frozenset(name for part in left for name in used_names(part))):
        if node.name in told:
            continue
        try:
            b.evaluate(node, scope, {})
        except Broken as broken:
            told_so = _in_place(broken.problem, around, node, b, scope, env)
            b.report(replace(told_so, observed=observed) if isinstance(told_so, UnknownName) else told_so, scope)
            told.add(node.name)
        except Silenced:
            pass


def _spans(value: object) -> list[Span]:
    """Where an expression, or several, stand."""
    return [x.span for x in (value if isinstance(value, tuple) else (value,)) if isinstance(x, tree.Expr)]


def _inside(span: Span, other: Span) -> bool:
    return span.source is other.source and other.start <= span.start and span.end <= other.end


def _free_names(value: object, bound: frozenset[str]) -> Iterator[tuple[tree.Name, tree.Index | None]]:
    """Every name that no left side and no bracket around it binds, with the bracket that it stands in."""
    stack: list[tuple[object, frozenset[str], tree.Index | None]] = [(value, bound, None)]
    while stack:
        x, known, around = stack.pop()
        if isinstance(x, tree.Name):
            if x.name not in known:
                yield x, around
        elif isinstance(x, tuple):
            stack += [(part, known, around) for part in reversed(x)]
        else:
            known |= _binding(x)
            inside = around if isinstance(x, tree.Binary) else None
            stack += [(part, known, x if isinstance(x, tree.Index) and part is x.items else inside) for part in reversed(parts_of(x))]


def _in_place(problem: Problem, around: tree.Index | None, node: tree.Name, b: Build, scope: Scope, env: Environment) -> Problem:
    """The problem of a name, with what its bracket says."""
    if around is None:
        return problem
    try:
        array = lifted(b.evaluate(around.base, scope, env))
    except (Broken, Silenced):
        array = None
    axis, item = next((k, i) for k, i in enumerate(around.items) if _inside(node.span, i.span))
    known = array is not None and axis < array.rank and not any(isinstance(i, tree.Star) for i in around.items)
    return in_brackets(problem, around, item, array.axes[axis] if array is not None and known else None, b, scope, env)


def _binding(node: object) -> frozenset[str]:
    """The names that a call binds: in the bracket of `sum[i, s <= t](...)`, left of `in` in `repeat(l in 1..10, ...)`."""
    if not isinstance(node, tree.Call):
        return frozenset()
    repeated = (a.value for a in node.arguments if isinstance(a.value, tree.Compare) and a.value.operator == "in")
    items = node.function.items if isinstance(node.function, tree.Index) else repeated
    names = (i.left if isinstance(i, tree.Compare) else i for i in items)
    return frozenset(n.name for n in names if isinstance(n, tree.Name))
