"""Left sides: which names an equation defines, and what stands at each axis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

from netc.compiler.diagnostics.problems.calls import NotApplicable
from netc.compiler.diagnostics.problems.names import IndexShadows
from netc.compiler.diagnostics.problems.pieces import LeftSideUnfit
from netc.compiler.diagnostics.problems.sizes import AxesCount
from netc.compiler.elaborate.ranges.edges import Edge
from netc.compiler.elaborate.ranges.ranges import fresh
from netc.compiler.elaborate.scope import Broken, Build, Environment, Scope
from netc.compiler.elaborate.values import Array, Poison, StarIndices, sort_text
from netc.compiler.source.text import Span
from netc.compiler.statements.domains import Bound, Domain, Extent
from netc.compiler.statements.expressions import Affine, Index, affine
from netc.compiler.syntax import tree

Defining = tree.Equation | tree.Objective | tree.Output


@dataclass(frozen=True)
class Region:
    """`t <= 0`: all points beyond one end of an axis; `inside` is the first point that the axis itself has."""

    side: str  # low or high
    inside: Bound
    index: str


@dataclass
class Left:
    """One target of an equation: its name and what stands at each of its axes."""

    name: str
    span: Span
    items: list[Index | StarIndices | Affine | Region]

    @property
    def regions(self) -> dict[int, Region]:
        return {k: i for k, i in enumerate(self.items) if isinstance(i, Region)}

    @property
    def boundary(self) -> bool:
        """Whether this is one point or a region of an axis, beside the equation for the rest."""
        return any(isinstance(i, Region) or isinstance(i, Affine) and not i.terms for i in self.items)

    def places(self) -> list[Affine]:
        """The place along each axis that is written."""
        found: list[Affine] = []
        for item in self.items:
            if isinstance(item, Index):
                found.append(affine(item))
            elif isinstance(item, StarIndices):
                found += item.indices or ()
            elif isinstance(item, Affine):
                found.append(item)
        return found


def targets(statement: Defining) -> list[tree.Expr]:
    """The left side's parts: one, or those of a tuple."""
    if not isinstance(statement, tree.Equation):
        return [statement.name]
    return list(statement.target.items) if isinstance(statement.target, tree.TupleOf) else [statement.target]


def target_names(statement: Defining) -> list[tree.Name]:
    """The names on the left side."""
    found = [p.base if isinstance(p, tree.Index) else p for p in targets(statement)]
    return [f for f in found if isinstance(f, tree.Name)]


@lru_cache(maxsize=4096)
def used_names(node: object) -> frozenset[str]:
    """All names in an expression; found once for the body of a layer, however often it is applied."""
    found: set[str] = set()
    stack: list[Any] = [node]
    while stack:
        x = stack.pop()
        if isinstance(x, tree.Name):
            found.add(x.name)
        elif isinstance(x, tuple):
            stack.extend(x)
        else:
            stack.extend(parts_of(x))
    return frozenset(found)


def parts_of(node: Any) -> list[Any]:
    """What stands directly below a syntax node and can hold names of the scope."""
    return [getattr(node, part) for part in _parts(node.__class__)]


@cache
def _parts(kind: type) -> tuple[str, ...]:
    """The fields of a kind of syntax node that can hold names of the scope; those of settings and parts are not."""
    skipped = ("span", "name") if kind in (tree.Argument, tree.Attribute) else ("span",)
    return () if kind is Span else tuple(s for s in getattr(kind, "__slots__", ()) if s not in skipped)


def names_in_part(statement: Defining) -> set[str]:
    """The names of which a left side may give only some points: `h[t in 2..T]`, `h[t+1]`."""
    return {
        t.base.name for t in targets(statement)
        if isinstance(t, tree.Index) and isinstance(t.base, tree.Name) and any(not isinstance(i, tree.Name | tree.Star) for i in t.items)
    }  # fmt: skip


def is_boundary(b: Build, statement: Defining, scope: Scope) -> bool:
    """Whether the left side is a single point or a region along some axis: `h[0]`, `h[T+1]`, `x[t <= 0]`."""
    return any(isinstance(t, tree.Index) and any(_fixed(b, i, scope) for i in t.items) for t in targets(statement))


def _fixed(b: Build, item: tree.Expr, scope: Scope) -> bool:
    if isinstance(item, tree.Compare):
        return item.operator != "in"
    if isinstance(item, tree.Star):
        return False
    return all(_is_size(b, name, scope) for name in used_names(item))


def _is_size(b: Build, name: str, scope: Scope) -> bool:
    value = scope.names.get(name, b.seen(scope).get(name))
    return isinstance(value, int | Extent) and not isinstance(value, bool)


def index_names(b: Build, items: Iterable[tree.Expr], scope: Scope) -> list[str]:
    """The names that items of a bracket would bind: those that stand alone, or before a comparison, and are no sizes."""
    names = [i.left if isinstance(i, tree.Compare) else i for i in items]
    return [n.name for n in names if isinstance(n, tree.Name) and not _is_size(b, n.name, scope)]


def read_left(b: Build, target: tree.Expr, scope: Scope, env: Environment) -> Left:
    """A left side with its indices, which are put into `env`. Raises Broken."""
    if isinstance(target, tree.Name):
        return Left(target.name, target.span, [])
    assert isinstance(target, tree.Index) and isinstance(target.base, tree.Name)
    name = target.base.name
    left = Left(name, target.base.span, [_item(b, i, scope, env) for i in target.items])
    for k, item in enumerate(left.items):
        if isinstance(item, Index) and isinstance(target.items[k], tree.Name):
            b.ranges.brackets[item] = f"{name}[{', '.join('?' if j == k else i.span.text for j, i in enumerate(target.items))}]"
    axes, array = scope.declared.get(name), scope.names.get(name)
    if axes is not None:
        given = scope.edges.get(array.variable, {}) if isinstance(array, Array) and array.variable is not None else {}
        take_axes(b, left, axes, target.span, given)
    return left


def _item(b: Build, item: tree.Expr, scope: Scope, env: Environment) -> Index | StarIndices | Affine | Region:
    match item:
        case tree.Star():
            box = env.setdefault(f"*{item.name}", StarIndices(item.name))
            assert isinstance(box, StarIndices)
            return box
        case tree.Name() if not _is_size(b, item.name, scope):
            known = scope.names.get(item.name)
            if known is not None and not isinstance(known, Poison) or item.name in scope.defined:
                raise Broken(IndexShadows(item.span, item.name, scope.spans.get(item.name)))
            index = env.setdefault(item.name, fresh(item.name))
            assert isinstance(index, Index | Affine)
            return index
        case tree.Compare(operator="in", left=tree.Name() as left):
            index = fresh(left.name)
            fix_range(b, index, item.right, scope, env)
            env[left.name] = index
            return index
        case tree.Compare(left=tree.Name() as left):
            limit = b.evaluate(item.right, scope, {})
            if isinstance(limit, bool) or not isinstance(limit, int | Extent) or item.operator not in ("<", "<=", ">", ">="):
                raise Broken(LeftSideUnfit(item.span, "a boundary is `t <= a`, `t < a`, `t > a` or `t >= a`"))
            env[left.name] = fresh(left.name)
            side = "low" if item.operator in ("<", "<=") else "high"
            return Region(side, limit + {"<": 0, "<=": 1, ">": 0, ">=": -1}[item.operator], left.name)
        case _:
            return _affine_item(b, item, scope, env)


def fix_range(b: Build, index: Index, node: tree.Expr, scope: Scope, env: Environment) -> None:
    """`i in a..b`, or `i in N`, which counts from 0. Raises Broken where the right side is no range."""
    domain = b.evaluate(node, scope, env)
    if isinstance(domain, int) and not isinstance(domain, bool):
        domain = Domain(0, domain - 1)
    if not isinstance(domain, Domain):
        raise Broken(NotApplicable(node.span, "a range", sort_text(domain), "write `a..b`"))
    b.ranges.fix(index, domain)


def _affine_item(b: Build, item: tree.Expr, scope: Scope, env: Environment) -> Affine:
    made = [n for n in sorted(used_names(item)) if n not in env and n not in scope.names and n not in b.module.names and n not in b.seen(scope)]
    env.update({name: fresh(name) for name in made})
    value = b.evaluate(item, scope, env)
    if isinstance(value, int | Extent) and not isinstance(value, bool):
        return Affine(value)
    if not isinstance(value, Affine):
        raise Broken(LeftSideUnfit(item.span, f"{sort_text(value)} cannot stand on the left side", "use indices, numbers and sums of them"))
    if value.plain is not None and value.const != 0 and made == [value.plain.name]:
        return _counted_from_the_left(b, value, made[0], env)
    return value


def _counted_from_the_left(b: Build, place: Affine, name: str, env: Environment) -> Affine:
    """`h[t+1] = f(h[t])` is `h[s] = f(h[s-1])`: the index stands for the point that is computed, and t is where s - 1 is."""
    index = fresh(name)
    b.ranges.shifts[index] = place.const
    env[name] = affine(index) - place.const
    return affine(index)


def take_axes(b: Build, left: Left, axes: tuple[Domain, ...], span: Span, given: Mapping[int, Edge] = MappingProxyType({})) -> None:
    """Axes that are known settle the ranges of the indices on the left side.

    `h[t+1] = ...` says itself that it does not begin at the first point: it gives those that boundary equations leave.
    """
    k = 0
    for item in left.items:
        if isinstance(item, StarIndices):
            count = len(axes) - (len(left.items) - 1)
            if item.indices is None:
                item.indices = tuple(affine(Index(f"{item.name}{j}", a)) for j, a in enumerate(axes[k : k + count]))
            k += count
            continue
        if k >= len(axes):
            raise Broken(AxesCount(span, left.name, len(axes), len(left.items)))
        if isinstance(item, Index) and item not in b.ranges.explicit:
            b.ranges.fix(item, axes[k])
        if isinstance(item, Affine) and item.plain is not None and item.plain not in b.ranges.explicit:
            reached = given[k].rest(axes[k]) if k in given else axes[k]
            b.ranges.fix(item.plain, Domain(reached.lo - item.const, reached.hi - item.const))
        k += 1
