"""What stands for a name that failed: by its sizes, where they are known all the same, what depends on it can be judged."""

from __future__ import annotations

from collections.abc import Iterable

from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.domains import AlreadyBound, EmptyRange, NotBound, RangesDiffer, ReadOutside
from netc.compiler.diagnostics.problems.names import IndexShadows, UnknownName
from netc.compiler.diagnostics.problems.sizes import AxesCount, DeclaredSizeDiffers, NumberForVector
from netc.compiler.elaborate.left import Defining, Left, read_left, targets
from netc.compiler.elaborate.ranges.edges import Edge
from netc.compiler.elaborate.recurrences.sizes import axis_of
from netc.compiler.elaborate.scope import Broken, Build, Environment, Scope, Silenced, reading
from netc.compiler.elaborate.values import Array, Outputs, Poison, Value, lifted
from netc.compiler.statements.expressions import Variable
from netc.compiler.syntax import tree

_SIZES_OPEN = (RangesDiffer, EmptyRange, DeclaredSizeDiffers, NumberForVector, NotBound, AlreadyBound, IndexShadows, AxesCount)


def in_doubt(problems: Iterable[Problem]) -> bool:
    """Whether a mistake may be mended by other sizes of what is defined."""
    return any(isinstance(p, _SIZES_OPEN) or _ranges_open(p) for p in problems)


def _ranges_open(problem: Problem) -> bool:
    """Whether an index that nothing binds, or a boundary that stands elsewhere, leaves open which points there are."""
    if isinstance(problem, UnknownName):
        return bool(problem.indexed)
    return isinstance(problem, ReadOutside) and (not problem.missing or bool(problem.behind) or problem.apart)


def sizes_of(b: Build, statement: Defining, scope: Scope) -> dict[str, Array | Outputs]:
    """What an equation would define, by its sizes alone; parts that have none stand aside."""
    env: Environment = {}
    try:
        lefts = [read_left(b, t, scope, env) for t in targets(statement)]
        node = statement.value
        assert node is not None
        value = b.evaluate(tree.Join(node.span, node.items) if isinstance(node, tree.ListOf) else node, scope, env)
        if isinstance(value, Outputs) and len(lefts) == 1 and not lefts[0].items:
            parts = {k: _stand_in(b, Left(k, lefts[0].span, []), v, scope) for k, v in value.values.items()}
            return {lefts[0].name: Outputs({k: p for k, p in parts.items() if p is not None})} if all(parts.values()) else {}
        values: list[Value] = list(value.values.values()) if isinstance(value, Outputs) else [value]
        found = {left.name: _stand_in(b, left, part, scope) for left, part in zip(lefts, values, strict=False) if not left.boundary}
    except (Broken, Silenced):
        return {}
    return {name: array for name, array in found.items() if array is not None}


def _stand_in(b: Build, left: Left, value: Value, scope: Scope) -> Array | None:
    array = lifted(value)
    if array is None or array.open:
        return None
    places = left.places()
    b.resolve(dict.fromkeys(i for p in places for i in p.indices), left.span)
    axes = scope.declared.get(left.name, (*map(axis_of, places), *array.axes))
    return reading(Variable(left.name, axes, type=array.type, classes=array.classes))


def poisoned(b: Build, sized: Array | Outputs | None, bounded: bool, scope: Scope) -> Poison:
    """What stands for a name that failed; where boundary equations give more of it, reads beyond its ends may be right."""
    if bounded and isinstance(sized, Array) and sized.variable is not None and sized.variable not in b.recurrent:
        scope.edges[sized.variable] = {k: Edge(sides={"low", "high"}) for k in range(len(sized.variable.axes))}
    return Poison(sized)


def declared_sizes(name: str, scope: Scope) -> Array | None:
    """What a header says of a name, where it does."""
    axes = scope.declared.get(name)
    return None if axes is None else reading(Variable(name, axes))
