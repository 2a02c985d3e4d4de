"""A net that generates: what a likelihood observes over a length is drawn from it, and read back.

before: x is an input                 after: x[p] = given[p] if p <= prompt else argmax[k](z[p-1, k] + temperature * g[p, k])
        x[t+1] ~ softmax(z[t])               x[1] = given[1]                with  g[p, k] = -log(-log(u[p, k])), u uniform

The largest of logits plus Gumbel noise is an exact draw from their softmax; at temperature 0 it is the most
likely class. What comes out is an ordinary recurrence: the scheduler finds its order, and each equation is computed once
for each point. For a causal transformer the keys and values that are kept are its cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from netc.compiler.diagnostics.error import NetcError
from netc.compiler.diagnostics.problems.generation import NoDrawFrom, NothingToSample, NotLeftToRight
from netc.compiler.elaborate.model import Elaborated, Equation, Observation
from netc.compiler.source.text import Source, Span
from netc.compiler.statements.components import components
from netc.compiler.statements.domains import Bound, Domain, difference, sample_lengths
from netc.compiler.statements.expressions import (
    Affine,
    Apply,
    Expr,
    Index,
    IndexValue,
    Initialiser,
    Kind,
    Normalise,
    Number,
    Read,
    Reduce,
    Type,
    Variable,
    affine,
    map_reads,
    reads,
    substitute,
    walk,
)

_TINY = 1e-30  # keeps the logarithm of a uniform number finite
GIVEN, PROMPT, TEMPERATURE, SCORES = "given", "prompt", "temperature", "scores"


@dataclass(frozen=True)
class Drawing:
    """How sequences are drawn. With `top_k` only the k most likely classes can come (0: all).

    `searched`: whoever reads the scores of the classes (`x.scores`) picks one; left alone it is the most likely.
    """

    top_k: int = 0
    searched: bool = False


def sequences(elaborated: Elaborated) -> dict[str, Observation]:
    """The inputs that can be drawn: those that a likelihood observes along a length of the sample."""
    found: dict[str, Observation] = {}
    for o in elaborated.observations:
        if any(sample_lengths(axis.hi) for axis in o.variable.axes):
            found.setdefault(o.variable.name, o)
    return found


def draw_sequences(elaborated: Elaborated, drawing: Drawing) -> Elaborated:
    """The net with its observed sequences drawn. Raises NetcError where there is none, or no way to draw it.

    New inputs: `x.given` (the prompt, padded), `x.prompt` (how many of its points count), `x.temperature`; one for each sample.
    """
    observed = sequences(elaborated)
    if not observed:
        raise NetcError(NothingToSample(_span(elaborated), elaborated.name))
    drawn = {o.variable: _drawn_variable(o.variable) for o in observed.values()}
    variables = {n: drawn.get(v, v) for n, v in elaborated.variables.items()}

    def reading(r: Read) -> Read:
        return Read(drawn[r.variable], r.indices) if r.variable in drawn else r

    equations = [replace(e, value=map_reads(e.value, reading)) for e in elaborated.equations]
    for o in observed.values():
        writer = _Writer(o, drawn[o.variable], drawing, reading)
        equations += writer.equations()
        variables.update({v.name: v for v in writer.made})
    outputs = {n: drawn.get(v, v) for n, v in elaborated.outputs.items()}
    return replace(elaborated, variables=variables, equations=tuple(equations), outputs=outputs, observed=())


def _drawn_variable(v: Variable) -> Variable:
    return Variable(v.name, v.axes, Kind.TEMPORARY, v.type, True, classes=v.classes, span=v.span)


class _Writer:
    """The equations that draw one input."""

    def __init__(self, o: Observation, target: Variable, drawing: Drawing, reading: Callable[[Read], Expr]) -> None:
        self.o, self.target, self.drawing = o, target, drawing
        name, v = o.variable.name, o.variable
        self.given = Variable(f"{name}.{GIVEN}", v.axes, Kind.INPUT, v.type, True, classes=v.classes, span=v.span)
        self.prompt = Variable(f"{name}.{PROMPT}", (), Kind.INPUT, Type.INTEGER, True, span=v.span)
        self.temperature = Variable(f"{name}.{TEMPERATURE}", (), Kind.INPUT, Type.REAL, True, span=v.span)
        self.made = [self.given, self.prompt, self.temperature]
        self.extra: list[Equation] = []
        self.places: list[Index] = []
        mapping: dict[Index, Affine] = {}
        for place, axis in zip(o.target.indices, o.target.variable.axes, strict=True):
            if not isinstance(place, Affine) or place.plain is None:
                raise NetcError(NoDrawFrom(o.span, name, o.rule, "it speaks of single points"))
            i = Index(place.plain.name, Domain(place.plain.domain.lo + place.const, place.plain.domain.hi + place.const, axis.name))
            self.places.append(i)
            mapping[place.plain] = affine(i) - place.const
        self.parameters = [map_reads(substitute(p, mapping), reading) for p in o.parameters]

    def equations(self) -> list[Equation]:
        """The prompt where it stands, a draw behind it; before the first draw always the prompt."""
        sequence = next(k for k, axis in enumerate(self.o.variable.axes) if sample_lengths(axis.hi))
        p = self.places[sequence]
        place = tuple(affine(i) for i in self.places)
        inside = Apply("<=", (IndexValue(affine(p)), Apply("+", (Read(self.prompt), Number(_before(self.o.variable.axes[sequence].lo))))))
        value = Apply("where", (inside, Read(self.given, place), self._draw()))
        found = [*self.extra, self._equation(self.target, self.places, value)]
        for lo, hi in _uncovered(self.o.variable.axes[sequence], p.domain):
            own = [Index(i.name, Domain(lo, hi)) if i is p else i for i in self.places]
            found.append(self._equation(self.target, own, Read(self.given, tuple(affine(i) for i in own))))
        return found

    def _equation(self, target: Variable, indices: Sequence[Index], value: Expr) -> Equation:
        return Equation(target, tuple(affine(i) for i in indices), tuple(indices), value, self.o.span, self.o.variable.name)

    # ---- draws ---------------------------------------------------------------------------------------------------

    def _draw(self) -> Expr:
        match self.o.rule:
            case "softmax":
                return self._choice(self.parameters[0])
            case "categorical":
                return self._choice(_log(self.parameters[0]))
            case "sigmoid":
                return self._yes(self.parameters[0])
            case "bernoulli":
                p = self.parameters[0]
                return self._yes(Apply("-", (_log(p), _log(Apply("-", (Number(1), p))))))
            case "normal":
                mean, sd = self.parameters
                return Apply("+", (mean, Apply("*", (self._heat, Apply("*", (sd, self._noise("normal", self.places)))))))
            case rule:
                raise NetcError(NoDrawFrom(self.o.span, self.o.variable.name, rule, f"netc cannot draw from `{rule}`"))

    @property
    def _heat(self) -> Expr:
        return Read(self.temperature)

    def _choice(self, scores: Expr) -> Expr:
        k = self.o.choice
        assert k is not None
        if self.drawing.searched:
            return Reduce("argmax", (k,), None, self._aside(SCORES, [*self.places, k], scores))
        u = self._noise("uniform", [*self.places, k])
        gumbel = Apply("neg", (_log(Apply("neg", (_log(u),))),))
        noise = self._aside("gumbel", [*self.places, k], gumbel)
        heated = Apply("+", (scores, Apply("*", (self._heat, noise))))
        return Reduce("argmax", (k,), self._likely(scores, k), heated)

    def _likely(self, scores: Expr, k: Index) -> Expr | None:
        """Whether a class is among the most likely: its score reaches the k-th largest, found by as many maxima."""
        classes = k.domain.points()
        if not 0 < self.drawing.top_k < classes:
            return None
        least: Expr | None = None
        for _ in range(self.drawing.top_k):
            j = Index(k.name, k.domain)
            one = substitute(scores, {k: affine(j)})
            least = Reduce("max", (j,), None if least is None else Apply("<", (one, least)), one)
            least = self._aside(f"largest{len(self.extra)}", self.places, least)
        assert least is not None
        return Apply(">=", (scores, least))

    def _yes(self, logit: Expr) -> Expr:
        """1 where the logit plus logistic noise is above 0."""
        u = self._noise("uniform", self.places)
        logistic = self._aside("logistic", self.places, Apply("-", (_log(u), _log(Apply("-", (Number(1), u))))))
        return Apply(">", (Apply("+", (logit, Apply("*", (self._heat, logistic)))), Number(0)))

    def _noise(self, rule: str, indices: Sequence[Index]) -> Read:
        name = f"{self.o.variable.name}.draw"
        variable = Variable(name, tuple(i.domain for i in indices), Kind.RANDOM, Type.REAL, True, init=Initialiser(rule))
        self.made.append(variable)
        return Read(variable, tuple(affine(i) for i in indices))

    def _aside(self, what: str, indices: Sequence[Index], value: Expr) -> Read:
        """A value under a name of its own."""
        variable = Variable(f"{self.o.variable.name}.{what}", tuple(i.domain for i in indices), Kind.TEMPORARY, Type.REAL, True)
        self.made.append(variable)
        own = {i: Index(i.name, i.domain) for i in indices}
        self.extra.append(self._equation(variable, list(own.values()), substitute(value, {i: affine(j) for i, j in own.items()})))
        return Read(variable, tuple(affine(i) for i in indices))


def _log(e: Expr) -> Expr:
    return Apply("log", (Apply("max", (e, Number(_TINY))),))


def _before(lo: Bound) -> int:
    """How far the first point is from 1."""
    return (lo if isinstance(lo, int) else 1) - 1


def _uncovered(axis: Domain, drawn: Domain) -> Iterator[tuple[Bound, Bound]]:
    """The stretches of an axis before and behind what is drawn."""
    before, behind = difference(drawn.lo, axis.lo), difference(axis.hi, drawn.hi)
    if before is not None and before > 0:
        yield axis.lo, drawn.lo - 1
    if behind is not None and behind > 0:
        yield drawn.hi + 1, axis.hi


# ---- nets that cannot generate ---------------------------------------------------------------------------------------


def not_left_to_right(elaborated: Elaborated) -> NotLeftToRight:
    """Why a net whose sequences are drawn has no order: the equation that looks ahead."""
    names = tuple(sequences(elaborated))
    for group in _circles(elaborated.equations):
        targets = {e.target for e in group}
        if not any(v.name in names for v in targets):
            continue
        ahead = next(((e, r) for e in group for r in reads(e.value) if r.variable in targets and _looks_ahead(e, r)), None)
        everything = next(((e, r) for e in group for r in reads(e.value) if r.variable in targets and _takes_all(e, r)), None)
        equation, read = ahead or everything or (group[0], next(r for r in reads(group[0].value) if r.variable in targets))
        drawn = next(n for n in names if any(v.name == n for v in targets))
        return NotLeftToRight(equation.span, drawn, _shown(equation.target), _shown(read.variable), ahead is not None)
    return NotLeftToRight(_span(elaborated), names[0] if names else elaborated.name, elaborated.name, elaborated.name, False)


def _circles(equations: Sequence[Equation]) -> list[list[Equation]]:
    writers: dict[Variable, list[int]] = {}
    for k, e in enumerate(equations):
        writers.setdefault(e.target, []).append(k)
    needs = [sorted({j for r in reads(e.value) for j in writers.get(r.variable, ())}) for e in equations]
    return [[equations[k] for k in c] for c in components(needs) if len(c) > 1]


def _looks_ahead(e: Equation, read: Read) -> bool:
    """Whether a read lies behind the point that is being computed."""
    for place in e.place:
        for other in read.indices:
            if isinstance(place, Affine) and isinstance(other, Affine) and place.plain is not None and other.plain is place.plain:
                d = difference(other.const, place.const)
                if d is not None and d > 0 and sample_lengths(place.plain.domain.hi):
                    return True
    return False


def _takes_all(e: Equation, read: Read) -> bool:
    """Whether a reduction or a normaliser without a condition takes all points of a length."""
    for x in walk(e.value):
        if isinstance(x, Reduce | Normalise) and x.condition is None and any(sample_lengths(i.domain.hi) for i in x.indices):
            return any(r.variable is read.variable for r in reads(x))
    return any(isinstance(p, Affine) and not p.terms and sample_lengths(p.const) for p in read.indices)


def _shown(v: Variable) -> str:
    return v.name.removesuffix(".border")


def _span(elaborated: Elaborated) -> Span:
    row = elaborated.rows[0] if elaborated.rows else None
    return row.span if row else Span(Source("spec", elaborated.name), 0, len(elaborated.name))
