"""Reductions, which bind an index and remove it, and normalisers, which keep one that is bound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.calls import NotApplicable
from netc.compiler.diagnostics.problems.domains import AlreadyBound, NotBound
from netc.compiler.diagnostics.problems.names import IndexShadows, UnknownName
from netc.compiler.diagnostics.problems.sizes import RankUnfit
from netc.compiler.elaborate.expressions.unused import check_bracket, unbound
from netc.compiler.elaborate.left import fix_range, index_names
from netc.compiler.elaborate.misapplied import unfit
from netc.compiler.elaborate.ranges.ranges import fresh
from netc.compiler.elaborate.scope import Broken, Build, Environment, Scope, Silenced
from netc.compiler.elaborate.values import (
    Array,
    Children,
    Place,
    StarIndices,
    Value,
    first,
    lifted,
    shape_text,
    sort_text,
)
from netc.compiler.statements.expressions import (
    BATCH,
    Affine,
    Apply,
    Expr,
    Index,
    IndexValue,
    Normalise,
    Reduce,
    Type,
    affine,
)
from netc.compiler.syntax import tree

REDUCTIONS = ("sum", "mean", "max", "min", "prod", "argmax", "argmin", "logsumexp", "any")
NORMALISERS = ("softmax", "log_softmax", "cumsum")


@dataclass
class _Binders:
    indices: list[Index | StarIndices] = field(default_factory=list)
    conditions: list[tree.Expr] = field(default_factory=list)
    present: list[Expr] = field(default_factory=list)  # that a child is there


def evaluate_reduction(
    b: Build, operation: str, items: tuple[tree.Expr, ...], body: tree.Expr, whole: tree.Expr, scope: Scope, env: Environment
) -> Array:
    """`sum[i, s <= t](body)` and the like."""
    inner = dict(env)
    normaliser = operation in NORMALISERS
    try:
        binders = _bound(b, operation, items, scope, inner)
    except Broken as broken:
        found = broken.problem
        meant = unbound(b, body, scope, env) if len(items) == 1 else []
        raise Broken(replace(found, meant=meant[0])) if isinstance(found, AlreadyBound) and len(meant) == 1 else broken from None
    if not binders.indices:  # conditions alone
        raise Broken(AlreadyBound(items[0].span, items[0].span.text, operation, fitting=_with_index(operation, items, env)))
    if not normaliser:
        check_bracket(b, operation, items, body, scope, inner)
    value = first(b.evaluate(body, scope, inner))
    array = lifted(value)
    if array is None:
        raise Broken(unfit(body.span, "reduced", value))
    indices: list[Index] = []
    for bound in binders.indices:
        if isinstance(bound, Index):
            indices.append(bound)
        else:
            indices += [i for p in bound.indices or () for i in p.indices]
    if array.open:
        return array
    if not normaliser:
        b.resolve([i for i in indices if i is not BATCH], whole.span)
    condition = _condition(b, binders, scope, inner)
    if normaliser:
        return Array(array.axes, lambda p: Normalise(operation, tuple(indices), condition, array.at(p)))
    return _reduced(operation, tuple(indices), condition, array)


def _with_index(operation: str, items: tuple[tree.Expr, ...], env: Environment) -> str:
    """`softmax[j, A[i, j]]`, of conditions that stand alone: the last index that they read, of a normaliser one that is bound."""
    read = [i.span.text for c in items if isinstance(c, tree.Index) for i in c.items if isinstance(i, tree.Name)]
    own = [n for n in read if isinstance(env.get(n), Index) is (operation in NORMALISERS)]
    return f"{operation}[{', '.join([*(own or read or ['i'])[-1:], *(i.span.text for i in items)])}]"


def _bound(b: Build, operation: str, items: tuple[tree.Expr, ...], scope: Scope, env: Environment) -> _Binders:
    """What the bracket binds, which is put into `env`."""
    binders = _Binders()
    for k, item in enumerate(items):
        _bind(b, operation, item, k, operation in NORMALISERS, binders, scope, env)
        index = env.get(item.name) if isinstance(item, tree.Name) else None
        if isinstance(index, Index) and index in binders.indices:
            b.ranges.brackets.setdefault(index, f"{operation}[{', '.join('?' if j == k else i.span.text for j, i in enumerate(items))}]")
    return binders


def without_bracket(b: Build, problem: Problem, node: tree.Call, scope: Scope, env: Environment) -> Problem:
    """The problem of an index that nothing binds, inside `sum(...)` that could."""
    operation = node.function.name if isinstance(node.function, tree.Name) else ""
    if not isinstance(problem, UnknownName) or problem.reduction or operation not in REDUCTIONS or len(node.arguments) != 1:
        return problem
    body = node.arguments[0].value
    fits = unbound(b, body, scope, env) == [problem.name]
    return replace(problem, reduction=f"{operation}[{problem.name}]({body.span.text})") if fits else problem


def inside(b: Build, operation: str, items: tuple[tree.Expr, ...], scope: Scope, env: Environment) -> Environment:
    """What is known inside a reduction, of which something else is wrong: names that cannot be bound as they should are indices all the same."""
    found = dict(env)
    try:
        _bound(b, operation, items, scope, found)
    except (Broken, Silenced):
        found = env | {name: fresh(name) for name in index_names(b, items, scope)}
    return found


def _reduced(operation: str, indices: tuple[Index, ...], condition: Expr | None, array: Array) -> Array:
    def at(places: Sequence[Place]) -> Expr:
        return Reduce(operation, indices, condition, array.at(places))

    if operation in ("argmax", "argmin"):
        return Array(array.axes, at, Type.INTEGER, indices[0].domain)
    kind = Type.BOOLEAN if operation == "any" else Type.REAL
    return Array(array.axes, at, kind)


def _bind(
    b: Build, operation: str, item: tree.Expr, position: int, normaliser: bool, binders: _Binders, scope: Scope, env: Environment
) -> None:
    """One item of the bracket: a name (or a comparison whose left side is a name not yet bound) binds; the rest filters."""
    if isinstance(item, tree.Star):
        box = env.get(f"*{item.name}") if normaliser else None
        if not isinstance(box, StarIndices):
            box = StarIndices(item.name)
            env[f"*{item.name}"] = box
        binders.indices.append(box)
        return
    name = item if isinstance(item, tree.Name) else item.left if isinstance(item, tree.Compare) else None
    if not isinstance(name, tree.Name):
        binders.conditions.append(item)
        return
    if name.name == "batch" and isinstance(item, tree.Name):
        binders.indices.append(BATCH)
        return
    already = env.get(name.name)
    already = already.plain if isinstance(already, Affine) else already
    if isinstance(already, Index):
        if normaliser and (position == 0 or isinstance(item, tree.Name)):
            binders.indices.append(already)
        elif isinstance(item, tree.Name) or isinstance(item, tree.Compare) and item.operator == "in":
            raise Broken(AlreadyBound(name.span, name.name, operation))
        if isinstance(item, tree.Compare):
            if normaliser and item.operator == "in":
                fix_range(b, already, item.right, scope, env)
            else:
                binders.conditions.append(item)
        return
    if normaliser:
        around = [n for n, i in env.items() if isinstance(i, Index)]
        raise Broken(NotBound(name.span, name.name, operation, f"{scope.owner.strip('_') or 'y'}[{', '.join([*around, name.name])}]"))
    if name.name in scope.names and not isinstance(scope.names[name.name], int | float):
        raise Broken(IndexShadows(name.span, name.name, scope.spans.get(name.name)))
    index = fresh(name.name)
    env[name.name] = index
    binders.indices.append(index)
    if isinstance(item, tree.Compare):
        if item.operator == "in":
            _children_or_range(b, index, name.name, item, binders, scope, env)
        else:
            binders.conditions.append(item)


def _children_or_range(
    b: Build, index: Index, name: str, item: tree.Compare, binders: _Binders, scope: Scope, env: Environment
) -> None:
    """`k in children(n)`: the index runs over the slots, and k is the child in one; else a range."""
    value = b.evaluate(item.right, scope, env)
    if not isinstance(value, Children):
        fix_range(b, index, item.right, scope, env)
        return
    b.ranges.fix(index, value.slots)
    env[name] = value.child(affine(index))
    binders.present.append(value.present(affine(index)))


def _condition(b: Build, binders: _Binders, scope: Scope, env: Environment) -> Expr | None:
    whole: Expr | None = None
    for part in binders.present:
        whole = part if whole is None else Apply("and", (whole, part))
    for item in binders.conditions:
        value = lifted(first(b.evaluate(item, scope, env)))
        if value is None or value.axes:
            raise Broken(NotApplicable(item.span, "a condition", sort_text(b.evaluate(item, scope, env))))
        part = value.at(())
        whole = part if whole is None else Apply("and", (whole, part))
    return whole


def reduce_all(operation: str, value: Value, node: tree.Expr) -> Array:
    """Without a bracket: a reduction takes every axis, a normaliser the single axis of a vector."""
    array = lifted(value)
    if array is None:
        raise Broken(unfit(node.span, "reduced", value))
    if array.open:
        return array
    if operation in NORMALISERS:
        return _normalised_vector(operation, array)
    if operation in ("argmax", "argmin") and array.rank != 1:
        raise Broken(RankUnfit(node.span, f"`{operation}` without a bracket takes a vector", shape_text(array.axes), f"name the index: `{operation}[i](...)`"))
    indices = tuple(Index(f"i{k}", axis) for k, axis in enumerate(array.axes))
    body = array.at([affine(i) for i in indices])
    return _reduced(operation, indices, None, Array((), lambda _: body, array.type)) if indices else array


def _normalised_vector(operation: str, array: Array) -> Array:
    def at(places: Sequence[Place]) -> Expr:
        (place,) = places
        return vector_element(operation, array, place)

    return Array(array.axes, at)


def vector_element(operation: str, array: Array, place: Place) -> Expr:
    """One element of a normalised vector; at a plain index the index itself is normalised over."""
    if isinstance(place, Affine) and place.plain is not None and place.const == 0 and place.plain.domain == array.axes[0]:
        return Normalise(operation, (place.plain,), None, array.at((place,)))
    k = Index("k", array.axes[0])
    total = array.at((affine(k),))
    if operation == "cumsum":
        assert isinstance(place, Affine)
        return Reduce("sum", (k,), Apply("<=", (IndexValue(affine(k)), IndexValue(place))), total)
    log = Apply("-", (array.at((place,)), Reduce("logsumexp", (k,), None, total)))
    return log if operation == "log_softmax" else Apply("exp", (log,))
