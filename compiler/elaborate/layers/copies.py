"""A layer applied again to arguments of the same form: what it made the first time is copied, under its new path.

before: each of 36 × Bottleneck(256) worked out      after: one worked out, 35 copied

A copy is taken only of what stands alone: it reads its arguments, its own variables and constants, nothing is said about
it elsewhere, and no problem was found in it. Indices belong to the equation they stand in, so copies share them.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import islice

from netc.compiler.elaborate.made import Made
from netc.compiler.elaborate.model import Equation
from netc.compiler.elaborate.scope import Build, Scope, reading
from netc.compiler.elaborate.values import (
    Array,
    Composition,
    Function,
    LayerName,
    LayerValue,
    Mapped,
    Outputs,
    Rule,
    Value,
)
from netc.compiler.statements.expressions import Expr, Kind, Read, Variable, map_reads

_COPIED = ("variables", "equations", "updates", "recurrent", "layers", "made")  # of a build: what a copy takes along
_SHARED = ("applied", "tables")  # and what is the same for it


# ---- what is the same ------------------------------------------------------------------------------------------------


def form_of(b: Build, layer: LayerValue, arguments: Sequence[Array], scope: Scope) -> Hashable | None:
    """Equal forms make equal equations, but for names; None for what cannot be copied."""
    variables = [a.variable for a in arguments]
    if b.typing or scope.context or not scope.row or not all(_plain(b, a) for a in arguments):
        return None
    settings = tuple((name, _key(value)) for name, value in layer.settings.items())
    same = tuple(variables.index(v) for v in variables)
    return layer.declaration, settings, same, tuple((_axes(a), a.type, a.classes, a.variable.fill) for a in arguments if a.variable)


def _plain(b: Build, array: Array) -> bool:
    """Whether this is a whole variable, one that is read like any other."""
    v = array.variable
    return v is not None and v.kind in (Kind.INPUT, Kind.TEMPORARY) and not v.tree and v not in b.recurrent and v.axes == array.axes


def _axes(array: Array) -> Hashable:
    return tuple((axis, axis.name) for axis in array.axes)


def _key(value: Value) -> Hashable:
    """1, 1.0 and true are different settings."""
    match value:
        case list() | tuple():
            return tuple(_key(v) for v in value)
        case Rule():
            return value.name, _key(value.arguments)
        case Composition():
            return _key(value.parts)
        case Mapped():
            return Mapped, _key(value.inner)
        case Outputs():
            return _key(value.first)
        case Function() | LayerName():
            return type(value), value.declaration
        case Array(variable=Variable(kind=Kind.CONSTANT) as table) if table.axes == value.axes:
            return table
        case _:
            return type(value), value


# ---- the first time --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mark:
    """How far a build had come."""

    sizes: dict[str, int]
    problems: int
    layers: int


def mark(b: Build, row: str) -> Mark:
    """Where the body of a layer begins."""
    sizes = {name: len(value) for name, value in vars(b).items() if isinstance(value, dict | list | set)}
    return Mark(sizes, b.reporter.count, len(b.layers.get(row, ())))


def remember(b: Build, form: Hashable, since: Mark, path: str, arguments: Sequence[Array], result: Value, row: str) -> None:
    """Keep what was made since the mark for the next time."""
    now = mark(b, row)
    said = any(n != since.sizes[k] for k, n in now.sizes.items() if k not in (*_COPIED, *_SHARED))
    if form in b.made or now.problems != since.problems or said:
        return
    b.made[form] = Made(
        path, row, tuple(a.variable for a in arguments if a.variable),
        tuple(islice(b.variables.values(), since.sizes["variables"], None)), tuple(b.equations[since.sizes["equations"] :]),
        tuple(islice(b.updates.items(), since.sizes["updates"], None)), tuple(b.layers[row][since.layers :]), result,
    )  # fmt: skip


# ---- every further time ----------------------------------------------------------------------------------------------


def copied(b: Build, made: Made, path: str, arguments: Sequence[Array], row: str) -> Value | None:
    """The same equations under another path, for other arguments; None where that would not be the same."""
    names = [path + v.name[len(made.path) :] for v in made.variables]
    if not made.alone or any(name in b.variables for name in names):  # a layer applied twice shares its parameters
        return None
    new = dict(zip(made.arguments, (a.variable for a in arguments if a.variable), strict=True))
    for v, name in zip(made.variables, names, strict=True):
        new[v] = b.variables[name] = Variable(
            name, v.axes, v.kind, v.type, v.per_sample, v.fill, v.support, v.init, v.tree, v.classes, v.span
        )

    def read(r: Read) -> Expr:
        return Read(new[r.variable], r.indices) if r.variable in new else r

    for e in made.equations:
        serves = row if e.row == made.row else e.row
        b.equations.append(Equation(new[e.target], e.place, e.indices, map_reads(e.value, read), e.span, serves, e.role))
    b.updates.update({new[state]: new[value] for state, value in made.updates})
    b.recurrent.update(new[v] for v in made.variables if v in b.recurrent)
    b.layers[row] += made.layers
    results: dict[str, Value] = {k: reading(new[a.variable]) for k, a in made.results.items() if isinstance(a, Array) and a.variable}
    return Outputs(results) if isinstance(made.result, Outputs) else results[""]
