"""What each distribution of `y ~ D(...)` adds: its negative logarithm as a loss, what it predicts, and how often that is wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property

from netc.compiler.diagnostics.model import LIBRARY
from netc.compiler.diagnostics.problems.likelihood import LogitsUnfit, ParameterOutside, SoftmaxTwice
from netc.compiler.elaborate.arrays.joins import named
from netc.compiler.elaborate.left import parts_of
from netc.compiler.elaborate.model import Equation, Observation, Row
from netc.compiler.elaborate.scope import Broken, Build, Scope
from netc.compiler.elaborate.values import Array, Place, shape_text
from netc.compiler.source.text import Span
from netc.compiler.statements.expressions import (
    BATCH,
    Affine,
    Apply,
    Expr,
    Index,
    Kind,
    Normalise,
    Number,
    Read,
    Reduce,
    Type,
    Variable,
    affine,
    walk,
)
from netc.compiler.syntax import tree

_HALF_LOG_TAU = 0.5 * math.log(2 * math.pi)


class Term:
    """A likelihood with its parts settled."""

    def __init__(
        self, b: Build, scope: Scope, statement: tree.Likelihood, name: str, variable: Variable, target: Array, own: list[Index],
        condition: Expr | None,
    ) -> None:  # fmt: skip
        self.b, self.scope, self.statement, self.name, self.target, self.condition = b, scope, statement, name, target, condition
        self.variable, self.own = variable, own
        self.inner = [Index(f"e{k}", axis) for k, axis in enumerate(target.axes)]
        self.y = target.at([affine(i) for i in self.inner])

    @property
    def count(self) -> Variable:
        """How many elements (or samples) the loss is a mean of."""
        return self.observed if self.b.options.per == "element" else counted(self.b, (), None, self.statement.span, self.scope)

    @cached_property
    def observed(self) -> Variable:
        """How many elements of the batch are observed."""
        return counted(self.b, self.indices, self.condition, self.statement.span, self.scope)

    @property
    def indices(self) -> list[Index]:
        return [*self.own, *self.inner]

    def element(self, parameter: Array) -> Expr:
        """The parameter at the target's element; a single number serves all."""
        if parameter.axes and parameter.axes != self.target.axes:
            raise Broken(self.unfit(shape_text(self.target.axes), parameter, classes=False))
        return parameter.at([affine(i) for i in self.inner] if parameter.axes else ())

    def unfit(self, wanted: str, parameter: Array, classes: bool = True) -> LogitsUnfit:
        call = self.statement.distribution
        written = call.arguments[0].value if isinstance(call, tree.Call) else None
        name = written.span.text.partition("[")[0] if parameter.rank == 1 and isinstance(written, tree.Name | tree.Index) else ""
        return LogitsUnfit(call.span, self.statement.target.span, wanted, shape_text(parameter.axes), classes, name)

    def scores(self, parameter: Array, what: str) -> Array:
        """The logits (or probabilities), with the classes as the last axis, under a name of their own."""
        classes = self.target.classes
        assert classes is not None
        last = parameter.axes[-1] if parameter.axes else None
        if parameter.axes[:-1] != self.target.axes or last is None or (last.lo, last.hi) != (classes.lo, classes.hi):
            sizes = [*self.target.axes, classes]
            raise Broken(self.unfit(f"{shape_text(sizes)} {what}", parameter))
        array = named(self.b, parameter, what, self.statement.distribution.span, self.scope)
        self.b.resolve((), self.statement.span)
        return array

    def follows(self, rule: str, parameters: Sequence[Expr], choice: Index | None = None) -> None:
        """Note how an element is distributed, for drawing it."""
        if isinstance(self.y, Read):
            call = self.statement.distribution
            written = tuple(a.value.span for a in call.arguments) if isinstance(call, tree.Call) else ()
            self.b.observations.append(Observation(self.variable, self.y, rule, tuple(parameters), choice, self.statement.span, self.condition, written))

    def finish(self, negative_log: Expr, prediction: Array | None) -> None:
        b, span = self.b, self.statement.span
        loss = mean_over_batch(b, negative_log, self.indices, self.condition)
        path = b.unique(f"loss {self.name}")
        b.losses[path.removeprefix("loss ")] = term = shared(b, path, loss, span, self.scope)
        b.counts[term] = self.count
        if not any(r.kind == "likelihood" and r.name == self.name for r in b.rows):
            b.rows.append(Row(self.name, "likelihood", span, None))
        if prediction is not None:
            self.predict(prediction)

    def predict(self, prediction: Array) -> None:
        b = self.b
        rest = tuple(Index(f"r{k}", axis) for k, axis in enumerate(prediction.axes))
        axes = (*(i.domain for i in self.own), *prediction.axes)
        variable = b.variable(f"{self.name}.prediction", axes, Kind.TEMPORARY, span=self.statement.span)
        place = tuple(affine(i) for i in (*self.own, *rest))
        b.emit(variable, place, (*self.own, *rest), prediction, rest, self.statement.span, self.scope.row)
        b.predictions.setdefault(self.name, variable)
        if self.condition is not None and f"{self.name}.observed" not in b.variables:
            self.emit_observed(self.condition)

    def emit_observed(self, condition: Expr) -> None:
        """Where elements count, for those who compare element by element."""
        b, span = self.b, self.statement.span
        which = b.variable(f"{self.name}.observed", tuple(i.domain for i in self.own), Kind.TEMPORARY, Type.BOOLEAN, span=span)
        b.emit(which, tuple(affine(i) for i in self.own), tuple(self.own), Array((), lambda _: condition), (), span, self.scope.row)

    def error(self, scores: Array) -> None:
        """The share of elements whose most likely class is not the observed one."""
        classes = self.target.classes
        assert classes is not None
        k = Index("k", classes)
        best = Reduce("argmax", (k,), None, scores.at([*(affine(i) for i in self.inner), affine(k)]))
        wrong = Apply("!=", (best, self.y))
        path = "error" if "error" not in self.b.metrics else f"error {self.name}"
        value = Reduce("mean", (BATCH, *self.indices), self.condition, wrong)
        self.b.metrics[path] = metric = shared(self.b, f"metric {path}", value, self.statement.span, self.scope)
        self.b.counts[metric] = self.observed


def mean_over_batch(b: Build, value: Expr, indices: list[Index], condition: Expr | None) -> Expr:
    """The scale of a loss term (section 9): over all observed elements, or summed per sample and averaged over samples."""
    if b.options.per == "element":
        return Reduce("mean", (BATCH, *indices), condition, value)
    inner = Reduce("sum", tuple(indices), condition, value) if indices or condition is not None else value
    return Reduce("mean", (BATCH,), None, inner)


def counted(b: Build, indices: Sequence[Index], condition: Expr | None, span: Span, scope: Scope) -> Variable:
    """How many points there are in the batch at which a condition holds."""
    return shared(b, b.unique(f"count {scope.row}"), Reduce("sum", (BATCH, *indices), condition, Number(1)), span, scope)


def shared(b: Build, path: str, value: Expr, span: Span, scope: Scope) -> Variable:
    """One number for the whole batch, under a name."""
    variable = b.variable(path, (), Kind.TEMPORARY, span=span)
    b.emit(variable, (), (), Array((), lambda _: value), (), span, scope.row)
    return variable


def _softmax(term: Term, parameters: list[Array]) -> None:
    logits = term.scores(parameters[0], "logits")
    _refuse_probabilities(term, logits, "softmax")
    assert term.target.classes is not None
    k = Index("k", term.target.classes)
    at = [affine(i) for i in term.inner]
    total = Reduce("logsumexp", (k,), None, logits.at([*at, affine(k)]))
    term.error(logits)
    term.follows("softmax", [logits.at([*at, affine(k)])], k)

    def probability(places: Sequence[Place]) -> Expr:
        *front, last = places
        assert isinstance(last, Affine) and last.plain is not None
        return Normalise("softmax", (last.plain,), None, logits.at((*front, last)))

    term.finish(Apply("-", (total, logits.at([*at, term.y]))), Array((*term.target.axes, term.target.classes), probability))


def _refuse_probabilities(term: Term, logits: Array, function: str) -> None:
    """What takes logits is not given what it makes of them."""
    read = logits.at([affine(Index("p", a)) for a in logits.axes])
    if not isinstance(read, Read):
        return
    source: Variable | None = read.variable
    for _ in range(8):
        equation = next((e for e in term.b.equations if e.target is source), None)
        if equation is None:
            return
        if _made_by(function, equation.value):
            setting = _setting(term, equation, function) if equation.span.source.name == LIBRARY else None
            inner = setting.span if setting is not None else equation.span
            raise Broken(SoftmaxTwice(term.statement.distribution.span, inner, function, setting.span.text if setting is not None else ""))
        source = equation.value.variable if isinstance(equation.value, Read) else None


def _setting(term: Term, equation: Equation, function: str) -> tree.Argument | None:
    """The argument in the user's own text that makes a layer of the library end in a function."""
    stack: list[object] = [term.statement.distribution, term.scope.defined.get(equation.row)]
    while stack:
        x = stack.pop()
        if isinstance(x, tree.Argument) and isinstance(x.value, tree.Name) and x.value.name == function:
            return x
        stack.extend(x if isinstance(x, tuple) else parts_of(x))
    return None


def _made_by(function: str, e: Expr) -> bool:
    """Whether a value is a sigmoid, or a softmax, of something."""
    if function == "sigmoid":
        return isinstance(e, Apply) and e.function == "sigmoid"
    return isinstance(e, Normalise) and e.operation == "softmax" or (
        isinstance(e, Apply) and e.function == "exp" and any(isinstance(x, Reduce) and x.operation == "logsumexp" for x in walk(e))
    )


def _categorical(term: Term, parameters: list[Array]) -> None:
    p = term.scores(parameters[0], "probabilities")
    at = [affine(i) for i in term.inner]
    term.error(p)
    assert term.target.classes is not None
    k = Index("k", term.target.classes)
    term.follows("categorical", [p.at([*at, affine(k)])], k)
    term.finish(Apply("neg", (Apply("log", (p.at([*at, term.y]),)),)), p)


def _sigmoid(term: Term, parameters: list[Array]) -> None:
    z = named(term.b, parameters[0], "logits", term.statement.distribution.span, term.scope)
    term.b.resolve((), term.statement.span)
    _refuse_probabilities(term, z, "sigmoid")
    e = term.element(z)
    prediction = Array(z.axes, lambda p: Apply("sigmoid", (z.at(p),)))
    term.follows("sigmoid", [e])
    term.finish(Apply("-", (Apply("softplus", (e,)), Apply("*", (term.y, e)))), prediction)


def _bernoulli(term: Term, parameters: list[Array]) -> None:
    p = named(term.b, parameters[0], "probability", term.statement.distribution.span, term.scope)
    term.b.resolve((), term.statement.span)
    e = term.element(p)
    term.follows("bernoulli", [e])
    yes = Apply("*", (term.y, Apply("log", (e,))))
    no = Apply("*", (Apply("-", (Number(1), term.y)), Apply("log", (Apply("-", (Number(1), e)),))))
    term.finish(Apply("neg", (Apply("+", (yes, no)),)), p)


def _normal(term: Term, parameters: list[Array]) -> None:
    span, scope = term.statement.distribution.span, term.scope
    means, spreads = (named(term.b, p, what, span, scope) for p, what in zip(parameters, ("mean", "spread"), strict=True))
    term.b.resolve((), term.statement.span)
    mean, sd = term.element(means), term.element(spreads)
    written = term.statement.distribution
    if isinstance(sd, Number) and sd.value <= 0 and isinstance(written, tree.Call):
        raise Broken(ParameterOutside(written.arguments[1].span, "normal", f"{sd.value:g}"))
    term.follows("normal", [mean, sd])
    distance = Apply("/", (Apply("-", (term.y, mean)), sd)) if sd != Number(1) else Apply("-", (term.y, mean))
    half = Apply("*", (Number(0.5), Apply("^", (distance, Number(2)))))
    spread = Number(_HALF_LOG_TAU)
    if isinstance(sd, Number):
        spread = Number(_HALF_LOG_TAU + math.log(sd.value))
        e: Expr = Apply("+", (half, spread))
    else:
        e = Apply("+", (Apply("+", (half, Apply("log", (sd,)))), spread))
    term.finish(e, means)


def _poisson(term: Term, parameters: list[Array]) -> None:
    """Without log(y!), which does not depend on the parameters."""
    rates = named(term.b, parameters[0], "rate", term.statement.distribution.span, term.scope)
    term.b.resolve((), term.statement.span)
    rate = term.element(rates)
    term.follows("poisson", [rate])
    term.finish(Apply("-", (rate, Apply("*", (term.y, Apply("log", (rate,)))))), rates)


TERMS = {
    "softmax": _softmax, "categorical": _categorical, "sigmoid": _sigmoid, "bernoulli": _bernoulli, "normal": _normal, "poisson": _poisson,
}  # fmt: skip
