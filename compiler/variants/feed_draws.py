"""Scheduled sampling (Bengio, Vinyals, Jaitly, Shazeer 2015): in training a net reads now and then what it would have drawn.

before: h[t] = f(h[t-1], x[t])        after: h[t] = f(h[t-1], x.fed[t])
        x[t+1] ~ softmax(g(h[t]))            x.fed[t] = x.drawn[t] if u[t] < share else x[t]
                                             x.drawn[t] = a draw from softmax(g(h[t-1]))

The loss is still that of the data. A draw passes no gradient on. `share` is an input, so a schedule needs one program; where
an element does not count (`where`), the net reads the data.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from netc.compiler.diagnostics.error import NetcError
from netc.compiler.diagnostics.problems.causality import DrawsUnfit
from netc.compiler.diagnostics.problems.generation import NoDrawFrom
from netc.compiler.elaborate.model import Elaborated, Equation, Observation
from netc.compiler.source.text import Span
from netc.compiler.statements.expressions import (
    Apply,
    Expr,
    Initialiser,
    Kind,
    Read,
    Type,
    Variable,
    affine,
    map_reads,
    reads,
)
from netc.compiler.variants.draws import Draw, sequences
from netc.compiler.variants.left_to_right import find_look_ahead

SHARE = "share of draws"  # a name that no spec can give
FED, DRAWN = "fed", "drawn"


def feed_draws(elaborated: Elaborated) -> Elaborated:
    """The net that reads draws at a share of its points. It must have no `refusals`; the new input is `SHARE`."""
    found = _read_back(elaborated)
    share = Variable(SHARE, (), Kind.INPUT, Type.REAL, True)
    variables = {**elaborated.variables, SHARE: share}
    instead = {o.variable: _beside(o.variable, FED) for o, _ in found}
    within = {v for _, behind in found for v in behind}
    extra: list[Equation] = []
    for o, _ in found:
        copy = o.target.variable
        if copy is not o.variable:  # an input with boundary points: the loss goes on reading the data
            instead[copy] = _beside(copy, FED)
            extra += [replace(e, target=instead[copy]) for e in elaborated.equations if e.target is copy]
            within.discard(copy)

    def reading(r: Read) -> Expr:
        return Read(instead[r.variable], r.indices) if r.variable in instead else r

    equations = [replace(e, value=map_reads(e.value, reading)) if e.target in within else e for e in elaborated.equations]
    equations += [replace(e, value=map_reads(e.value, reading)) for e in extra]
    for o, _ in found:
        draw = Draw(o, reading)
        equations += _mixed(draw, instead[o.variable], share)
        variables |= {v.name: v for v in draw.made}
    variables |= {v.name: v for v in instead.values()}
    return replace(elaborated, variables=variables, equations=tuple(equations))


def _mixed(draw: Draw, fed: Variable, share: Variable) -> list[Equation]:
    """What is read: a draw where a coin says so, the data elsewhere."""
    v, place = draw.o.variable, tuple(affine(i) for i in draw.places)
    axes = tuple(i.domain for i in draw.places)
    drawn = Variable(f"{v.name}.{DRAWN}", axes, Kind.TEMPORARY, v.type, True, classes=v.classes, span=v.span)
    coin = Variable(f"{v.name}.coin.draw", axes, Kind.RANDOM, Type.REAL, True, init=Initialiser("uniform"))
    draw.made += [drawn, coin]
    chosen: Expr = Apply("<", (Read(coin, place), Read(share)))
    if draw.condition is not None:
        chosen = Apply("and", (chosen, draw.condition))
    taken: Expr = Read(drawn, place) if v.type is Type.INTEGER else Apply("stop", (Read(drawn, place),))
    value = Apply("where", (chosen, taken, Read(v, place)))
    return [*draw.extra, draw.equation(drawn, draw.places, draw.value), draw.equation(fed, draw.places, value), *draw.given(fed, v)]


def refusals(elaborated: Elaborated, span: Span) -> tuple[DrawsUnfit, ...]:
    """Why a net cannot read its own draws; `span` is the setting that asks for it."""
    if not _read_back(elaborated):
        why = "it reads nothing that it predicts along a length"
        return (DrawsUnfit(span, why, "leave `scheduled_sampling` out: it serves nets such as `x[t+1] ~ softmax(z[t])` whose `z[t]` reads `x[t]`"),)
    try:
        feed_draws(elaborated)
    except NetcError as error:
        unfit = [p for p in error.problems if isinstance(p, NoDrawFrom)]
        return tuple(DrawsUnfit(p.span, f"`{p.name}` cannot be drawn, for {p.why}", "leave `scheduled_sampling` out", span) for p in unfit)
    return ()


def no_order(fed: Elaborated) -> DrawsUnfit:
    """Why a net that reads its draws cannot be put in order."""
    drawn = [v for n, v in fed.variables.items() if n.endswith(f".{FED}")]
    found = find_look_ahead(fed.equations, drawn)
    assert found is not None, "only what reads draws makes a circle of a net that had none"
    what = {"later": "later points", "same": "the same point", "all": "all points"}[found.points]
    why = f"`{found.equation}` reads {what} of `{found.read}`, which depend on symbols still to be drawn"
    return DrawsUnfit(found.span, why, "leave `scheduled_sampling` out, or let it read earlier points only")


def _read_back(elaborated: Elaborated) -> list[tuple[Observation, set[Variable]]]:
    """The sequences whose likelihood depends on themselves, and all that stands between."""
    writers: dict[Variable, list[Equation]] = {}
    for e in elaborated.equations:
        writers.setdefault(e.target, []).append(e)
    found = []
    for o in sequences(elaborated).values():
        behind = _behind(o.parameters, writers)
        if o.variable in behind:
            found.append((o, behind))
    return found


def _behind(expressions: Iterable[Expr], writers: dict[Variable, list[Equation]]) -> set[Variable]:
    """Everything that the expressions depend on."""
    found: set[Variable] = set()
    waiting = [r.variable for e in expressions for r in reads(e)]
    while waiting:
        v = waiting.pop()
        if v not in found:
            found.add(v)
            waiting += [r.variable for e in writers.get(v, ()) for r in reads(e.value)]
    return found


def _beside(v: Variable, what: str) -> Variable:
    return Variable(f"{v.name}.{what}", v.axes, Kind.TEMPORARY, v.type, True, fill=v.fill, classes=v.classes, span=v.span)
