"""The steps that training takes: loss and gradients of one batch, evaluation of one, and where a number went bad."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from netc.compiler.pipeline import Request, training_request
from netc.compiler.rewrites import Wanted
from netc.compiler.statements.expressions import Type, reads
from netc.compiler.variants.carry_state import FRESH, overlap
from netc.compiler.variants.feed_draws import SHARE
from netc.runtime.backends.update import Updater
from netc.runtime.model.engine import Engine
from netc.runtime.model.initialise import Array
from netc.runtime.model.inputs import Samples, prepare
from netc.runtime.model.results import BadValue, StepResult


@lru_cache
def _testing(carry: bool, names: tuple[str, ...]) -> Request:
    return Request(False, Wanted(True, True, True, True, False, names, counts=True), carry=carry)


class Steps:
    """The steps of one net's training, run by its engine; they leave gradients, parameters and states in the engine's blocks."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def request(self, paths: Sequence[str] | None = None, carry: bool = False, feeding: bool = False) -> Request:
        """What a training step computes: the loss, its gradient with respect to these parameters (or all), the next states."""
        return training_request(tuple(v.name for v in self.engine.parameters) if paths is None else tuple(paths), carry, feeding)

    def train(
        self, inputs: Mapping[str, Any] | Samples, *, seed: int, step: int, paths: Sequence[str] | None = None,
        carried: Mapping[str, Array] | None = None, share: float = 0.0, updater: Updater | None = None,
    ) -> StepResult:  # fmt: skip
        """Loss and gradients (into the engine's block) of one batch; states move on. `paths` are the parameters that learn.

        Arrays are checked first; `Samples` are taken as they are. With an updater the parameters move, too, unless the loss is infinite or undefined; what it does to gradients is its own.

        Where the samples are chunks of sequences, `carried` is what they start from: see `beginning`. At a `share` of their
        points the net reads its own draws; at 0 it runs the program that knows of none.
        """
        return self._step(self.request(paths, carried is not None, share > 0), inputs, seed, step, carried, share, updater)

    def evaluate(self, inputs: Mapping[str, Any], carried: Mapping[str, Array] | None = None) -> StepResult:
        """Loss, metrics and predictions of one batch, as at test time, and which elements of an input count."""
        training = self.engine.training
        which = tuple(n for v in training.observed if (n := f"{v.name}.observed") in training.variables)
        return self._step(_testing(carried is not None, which), inputs, 0, 0, carried)

    def beginning(self, count: int) -> dict[str, Array]:
        """What `count` sequences carry before their first chunk; with `begins here` true it is not read."""
        found = self.engine.compiled(Request(True, Wanted(counts=True), carry=True)).carried
        kinds = {Type.INTEGER: "int32", Type.BOOLEAN: "bool", Type.REAL: self.engine.dtype}
        state = {c.arrives.name: np.zeros((count, *(a.points() for a in c.arrives.axes)), kinds[c.arrives.type]) for c in found}
        return {FRESH: np.ones(count, bool), **state}

    @property
    def overlap(self) -> int:
        """How many points two chunks of a sequence share."""
        return overlap(self.engine.training)

    def _step(
        self, request: Request, inputs: Mapping[str, Any] | Samples, seed: int, step: int, carried: Mapping[str, Array] | None,
        share: float = 0.0, updater: Updater | None = None,
    ) -> StepResult:  # fmt: skip
        self.engine.need_loss()
        samples = self._begun(inputs, carried, share)
        compiled, bound = self.engine.run(request, samples, seed, step, updater=updater)
        program, number = compiled.program, bound.number
        assert program.loss is not None
        counts = {v: number(c) for v, c in program.counts.items()}
        terms = {n: counts.get(v, float(samples.batch)) for n, v in program.losses.items()}
        leaving = {c.leaves.name: c.arrives.name for c in compiled.carried}
        return StepResult(
            number(program.loss), {n: number(v) for n, v in program.losses.items()}, {n: number(v) for n, v in program.metrics.items()},
            {n: self.engine.value(bound, v, samples) for n, v in program.values.items() if n not in leaving},
            max(terms.values(), default=float(samples.batch)), {n: counts[v] for n, v in program.metrics.items() if v in counts}, terms,
            {leaving[n]: bound.read(v) for n, v in program.values.items() if n in leaving},
        )  # fmt: skip

    def _begun(self, inputs: Mapping[str, Any] | Samples, carried: Mapping[str, Array] | None, share: float = 0.0) -> Samples:
        """The samples, with what they start from where they are chunks, and the share of their own draws."""
        samples = inputs if isinstance(inputs, Samples) else self._samples(inputs)
        more = {**(carried or {}), **({SHARE: np.full(samples.batch, share)} if share > 0 else {})}
        return Samples({**samples.arrays, **more}, samples.batch, samples.lengths, samples.nodes) if more else samples

    def _samples(self, inputs: Mapping[str, Any]) -> Samples:
        """Training has looked at its data once: here they are taken as they are."""
        ragged = bool(self.engine.training.lengths)
        return prepare(inputs, self.engine.inputs, set(), finite=False) if ragged else Samples(dict(inputs), len(next(iter(inputs.values()))))

    def first_bad(self, inputs: Mapping[str, Any], seed: int, step: int, carried: Mapping[str, Array] | None = None, share: float = 0.0) -> BadValue | None:
        """Where a training step on this batch first gives an infinite or undefined number."""
        request = self.request(None, carried is not None, share > 0)
        compiled, bound = self.engine.fill(request, self._begun(inputs, carried, share), calls=True)
        found = bound.first_bad(seed, step)
        if found is None:
            return None
        variable, place = found
        by_target = {s.target: s for s in compiled.program.statements}
        named = variable
        for _ in range(16):  # a temporary stands inside an equation: name that
            if named.span is not None or named not in by_target:
                break
            users = [s.target for s in compiled.program.statements if any(r.variable is named for r in reads(s.body))]
            if not users:
                break
            named = users[0]
        known = not any(v.tree for v in self.engine.inputs)  # nodes of trees may lie in another order
        return BadValue(variable, place if known else (), named.span)
