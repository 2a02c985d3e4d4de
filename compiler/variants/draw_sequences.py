"""A net that generates: what a likelihood observes over a length is drawn from it, and read back.

before: x is an input                 after: x[p] = given[p] if p <= prompt else a draw from softmax(z[p-1])
        x[t+1] ~ softmax(z[t])               x[1] = given[1]

What comes out is an ordinary recurrence: the scheduler finds its order, and each equation is computed once for each point.
For a causal transformer the keys and values that are kept are its cache.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from netc.compiler.diagnostics.error import NetcError
from netc.compiler.diagnostics.problems.generation import NothingToSample, NotLeftToRight
from netc.compiler.elaborate.model import Elaborated, Equation
from netc.compiler.source.text import Span, typed
from netc.compiler.statements.domains import Bound
from netc.compiler.statements.expressions import (
    Apply,
    Expr,
    IndexValue,
    Kind,
    Number,
    Read,
    Type,
    Variable,
    affine,
    map_reads,
)
from netc.compiler.variants.draws import Draw, sequences
from netc.compiler.variants.left_to_right import find_look_ahead

GIVEN, PROMPT, TEMPERATURE = "given", "prompt", "temperature"


@dataclass(frozen=True)
class Drawing:
    """How sequences are drawn. With `top_k` only the k most likely classes can come (0: all).

    `searched`: whoever reads the scores of the classes (`x.scores`) picks one; left alone it is the most likely.
    """

    top_k: int = 0
    searched: bool = False


def draw_sequences(elaborated: Elaborated, drawing: Drawing) -> Elaborated:
    """The net with its observed sequences drawn. Raises NetcError where there is none, or no way to draw it.

    New inputs: `x.given` (the prompt, padded), `x.prompt` (how many of its points count), `x.temperature`; one for each sample.
    """
    observed = sequences(elaborated)
    if not observed:
        raise NetcError(NothingToSample(_span(elaborated), elaborated.name))
    drawn = {o.variable: _drawn_variable(o.variable) for o in observed.values()}
    variables = {n: drawn.get(v, v) for n, v in elaborated.variables.items()}

    def reading(r: Read) -> Expr:
        return Read(drawn[r.variable], r.indices) if r.variable in drawn else r

    equations = [replace(e, value=map_reads(e.value, reading)) for e in elaborated.equations]
    for name, o in observed.items():
        v = o.variable
        given = Variable(f"{name}.{GIVEN}", v.axes, Kind.INPUT, v.type, True, classes=v.classes, span=v.span)
        prompt = Variable(f"{name}.{PROMPT}", (), Kind.INPUT, Type.INTEGER, True, span=v.span)
        temperature = Variable(f"{name}.{TEMPERATURE}", (), Kind.INPUT, Type.REAL, True, span=v.span)
        draw = Draw(o, reading, Read(temperature), drawing.top_k, drawing.searched)
        equations += [*draw.extra, *_prompted(draw, drawn[v], given, prompt)]
        variables.update({made.name: made for made in (given, prompt, temperature, *draw.made)})
    outputs = {n: drawn.get(v, v) for n, v in elaborated.outputs.items()}
    return replace(elaborated, variables=variables, equations=tuple(equations), outputs=outputs, observed=())


def _drawn_variable(v: Variable) -> Variable:
    return Variable(v.name, v.axes, Kind.TEMPORARY, v.type, True, classes=v.classes, span=v.span)


def _prompted(draw: Draw, target: Variable, given: Variable, prompt: Variable) -> Iterator[Equation]:
    """The prompt where it stands, a draw behind it; before the first draw always the prompt."""
    places, axis = draw.places, draw.o.variable.axes[draw.sequence]
    points = Apply("+", (Read(prompt), Number(_before(axis.lo))))
    inside = Apply("<=", (IndexValue(affine(places[draw.sequence])), points))
    yield draw.equation(target, places, Apply("where", (inside, Read(given, tuple(affine(i) for i in places)), draw.value)))
    yield from draw.given(target, given)


def _before(lo: Bound) -> int:
    """How far the first point is from 1."""
    return (lo if isinstance(lo, int) else 1) - 1


def not_left_to_right(elaborated: Elaborated) -> NotLeftToRight:
    """Why a net whose sequences are drawn has no order."""
    drawn = [elaborated.variables[n] for n in sequences(elaborated)]
    found = find_look_ahead(elaborated.equations, drawn)
    assert found is not None, "only what is drawn makes a circle of a net that had none"
    likelihood = next((o.span for o in elaborated.observations if o.variable.name == found.drawn.name), found.span)
    span = likelihood if found.points == "same" else found.span
    return NotLeftToRight(span, found.drawn.name, found.equation, found.read, found.points)


def _span(elaborated: Elaborated) -> Span:
    row = elaborated.rows[0] if elaborated.rows else None
    return row.span if row else typed("spec", elaborated.name)
