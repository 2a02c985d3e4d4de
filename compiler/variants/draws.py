"""What a likelihood observes can be drawn from it: one element as an expression of random numbers.

x[t+1] ~ softmax(z[t])      draws     x[p] = argmax[k](z[p-1, k] + g[p, k])   with   g[p, k] = -log(-log(u[p, k])), u uniform
x[t+1] ~ normal(m[t], s)    draws     x[p] = m[p-1] + s * n[p]                with   n standard normal

The largest of logits plus Gumbel noise is an exact draw from their softmax. A temperature scales the noise: at 0 the draw
is the most likely class, or the mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from netc.compiler.diagnostics.error import NetcError
from netc.compiler.diagnostics.problems.generation import NoDrawFrom
from netc.compiler.elaborate.model import Elaborated, Equation, Observation
from netc.compiler.statements.domains import Bound, Domain, difference, sample_lengths
from netc.compiler.statements.expressions import (
    Affine,
    Apply,
    Expr,
    Index,
    Initialiser,
    Kind,
    Number,
    Read,
    Reduce,
    Type,
    Variable,
    affine,
    map_reads,
    substitute,
)

SCORES = "scores"
_TINY = 1e-30  # keeps the logarithm of a uniform number finite


def sequences(elaborated: Elaborated) -> dict[str, Observation]:
    """The inputs that can be drawn: those that a likelihood observes along a length of the sample."""
    found: dict[str, Observation] = {}
    for o in elaborated.observations:
        if any(sample_lengths(axis.hi) for axis in o.variable.axes):
            found.setdefault(o.variable.name, o)
    return found


class Draw:
    """One input drawn: `value` at its `places`, with the variables (`made`) and equations (`extra`) that this takes.

    `reading` says what the likelihood's parameters read instead of the given input. Without a `temperature` it is 1; with
    `top_k` only the k most likely classes can come (0: all); `searched` makes no draw but shows the scores. Raises NetcError where there is no way to draw.
    """

    def __init__(self, o: Observation, reading: Callable[[Read], Expr], temperature: Expr | None = None, top_k: int = 0, searched: bool = False) -> None:
        self.o, self.temperature, self.top_k, self.searched = o, temperature, top_k, searched
        self.made: list[Variable] = []
        self.extra: list[Equation] = []
        self.places: list[Index] = []
        mapping: dict[Index, Affine] = {}
        for place, axis in zip(o.target.indices, o.target.variable.axes, strict=True):
            if not isinstance(place, Affine) or place.plain is None:
                raise NetcError(NoDrawFrom(o.span, o.variable.name, o.rule, "it speaks of single points"))
            i = Index(place.plain.name, Domain(place.plain.domain.lo + place.const, place.plain.domain.hi + place.const, axis.name))
            self.places.append(i)
            mapping[place.plain] = affine(i) - place.const

        def moved(e: Expr) -> Expr:
            return map_reads(substitute(e, mapping), reading)

        self.parameters = [moved(p) for p in o.parameters]
        self.condition = None if o.condition is None else moved(o.condition)
        self.value = self._value()

    # ---- along the sequence ----------------------------------------------------------------------------------------

    @property
    def sequence(self) -> int:
        """The axis that has the length of the sample."""
        return next(k for k, axis in enumerate(self.o.variable.axes) if sample_lengths(axis.hi))

    def equation(self, target: Variable, indices: Sequence[Index], value: Expr) -> Equation:
        return Equation(target, tuple(affine(i) for i in indices), tuple(indices), value, self.o.span, self.o.variable.name)

    def given(self, target: Variable, source: Variable) -> Iterator[Equation]:
        """The stretches before and behind what the likelihood speaks of, taken from a source."""
        p = self.places[self.sequence]
        for lo, hi in _uncovered(self.o.variable.axes[self.sequence], p.domain):
            own = [Index(i.name, Domain(lo, hi)) if i is p else i for i in self.places]
            yield self.equation(target, own, Read(source, tuple(affine(i) for i in own)))

    # ---- draws -----------------------------------------------------------------------------------------------------

    def _value(self) -> Expr:
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
                return Apply("+", (mean, self._heated(Apply("*", (sd, self._noise("normal", self.places))))))
            case rule:
                raise NetcError(NoDrawFrom(self.o.span, self.o.variable.name, rule, f"netc cannot draw from `{rule}`"))

    def _heated(self, noise: Expr) -> Expr:
        return noise if self.temperature is None else Apply("*", (self.temperature, noise))

    def _choice(self, scores: Expr) -> Expr:
        k = self.o.choice
        assert k is not None
        if self.searched:
            return Reduce("argmax", (k,), None, self._aside(SCORES, [*self.places, k], scores))
        u = self._noise("uniform", [*self.places, k])
        gumbel = Apply("neg", (_log(Apply("neg", (_log(u),))),))
        noise = self._aside("gumbel", [*self.places, k], gumbel)
        return Reduce("argmax", (k,), self._likely(scores, k), Apply("+", (scores, self._heated(noise))))

    def _likely(self, scores: Expr, k: Index) -> Expr | None:
        """Whether a class is among the most likely: its score reaches the k-th largest, found by as many maxima."""
        classes = k.domain.points()
        if not 0 < self.top_k < classes:
            return None
        least: Expr | None = None
        for _ in range(self.top_k):
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
        return Apply(">", (Apply("+", (logit, self._heated(logistic))), Number(0)))

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
        self.extra.append(self.equation(variable, list(own.values()), substitute(value, {i: affine(j) for i, j in own.items()})))
        return Read(variable, tuple(affine(i) for i in indices))


def _log(e: Expr) -> Expr:
    return Apply("log", (Apply("max", (e, Number(_TINY))),))


def _uncovered(axis: Domain, drawn: Domain) -> Iterator[tuple[Bound, Bound]]:
    """The stretches of an axis before and behind what is drawn."""
    before, behind = difference(drawn.lo, axis.lo), difference(axis.hi, drawn.hi)
    if before is not None and before > 0:
        yield axis.lo, drawn.lo - 1
    if behind is not None and behind > 0:
        yield drawn.hi + 1, axis.hi
