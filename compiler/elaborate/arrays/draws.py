"""`draw(...)`: random numbers, one for each point of all indices in scope."""

from __future__ import annotations

from collections.abc import Sequence

from netc.compiler.diagnostics.problems.calls import NotApplicable
from netc.compiler.diagnostics.problems.causality import NotYet
from netc.compiler.elaborate.scope import Broken, Build, Environment, Scope
from netc.compiler.elaborate.values import Array, Place, Rule, StarIndices, Value, lifted, sort_text
from netc.compiler.source.text import Span
from netc.compiler.statements.domains import Domain
from netc.compiler.statements.expressions import BATCH, Affine, Apply, Expr, Index, Initialiser, Kind, Read, affine


def draw(b: Build, value: Value, scope: Scope, env: Environment, span: Span) -> Array:
    """A draw, made from standard uniform or standard normal numbers so that gradients reach its parameters."""
    if not isinstance(value, Rule):
        raise Broken(NotApplicable(span, "drawn from", sort_text(value), "draw from `normal(m, s)`, `uniform(a, b)` or `bernoulli(p)`"))
    arguments = [lifted(a) for a in value.arguments]
    parts = [a for a in arguments if a is not None]
    wanted = {"bernoulli": 1, "normal": 2, "uniform": 2}.get(value.name)
    if wanted is None:
        raise Broken(NotYet(span, f"draws from `{value.name}`"))
    if len(parts) != wanted or len(arguments) != wanted:
        raise Broken(NotApplicable(span, f"drawn from with {len(arguments)} values", f"`{value.name}`", f"it takes {wanted}"))
    axes = max((p.axes for p in parts), key=len)
    standard = _standard(b, "normal" if value.name == "normal" else "uniform", axes, scope, env, span)

    def at(places: Sequence[Place]) -> Expr:
        given = tuple(places)
        z = standard.at(given)
        e = [p.at(given if p.axes else ()) for p in parts]
        if value.name == "bernoulli":
            return Apply("<", (z, e[0]))
        if value.name == "normal":
            return Apply("+", (e[0], Apply("*", (e[1], z))))
        return Apply("+", (e[0], Apply("*", (Apply("-", (e[1], e[0])), z))))

    return Array(axes, at)


def _standard(b: Build, rule: str, axes: tuple[Domain, ...], scope: Scope, env: Environment, span: Span) -> Array:
    outer: list[Index] = list(scope.context)
    for given in env.values():
        bound = given.plain if isinstance(given, Affine) else given
        if isinstance(bound, Index) and bound is not BATCH and bound not in outer:
            outer.append(bound)
        elif isinstance(bound, StarIndices):
            outer += [i for p in bound.indices or () for i in p.indices if i not in outer]
    path = f"{scope.path or scope.owner}.draw"
    variable = b.variable(path, (), Kind.RANDOM, span=span, init=Initialiser(rule), per_sample=True)
    indices = tuple(outer)

    def settle() -> None:
        variable.axes = (*(i.domain for i in indices), *axes)

    b.later(indices, settle)
    lead = tuple(affine(i) for i in indices)

    def at(places: Sequence[Place]) -> Read:
        return Read(variable, (*lead, *places))

    return Array(axes, at)
