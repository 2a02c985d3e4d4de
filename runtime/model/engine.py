"""Programs of one net, bound to a backend: flat blocks of numbers, and a plan for each batch size in use."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from netc.compiler.diagnostics.error import NetcError
from netc.compiler.diagnostics.problems.likelihood import NoLoss
from netc.compiler.elaborate.model import Elaborated
from netc.compiler.pipeline import Compiled, Request
from netc.compiler.plan import Sizes
from netc.compiler.session import Session
from netc.compiler.source.text import typed
from netc.compiler.statements.domains import Length
from netc.compiler.statements.expressions import Kind, Type, Variable
from netc.runtime.backends.backend import Backend, Bound, bind_plan, make_blocks
from netc.runtime.backends.update import Updater
from netc.runtime.data.fields.ragged import Ragged
from netc.runtime.model.initialise import Array
from netc.runtime.model.inputs import Samples
from netc.runtime.model.lengths import rounded, trimmed
from netc.runtime.model.nodes import Nodes, as_given, by_level

_KEPT = 1 << 29  # bytes of bound plans at once: sequences of many lengths need a plan for each
_LEAST = 4  # plans that are kept whatever they take


class Engine:
    """Runs requests in one precision. Parameters, gradients and states are flat blocks shared by all its plans."""

    def __init__(self, session: Session, net: str, backend: Backend, dtype: str, per: str) -> None:
        self.session, self.net, self.backend, self.dtype, self.per = session, net, backend, dtype, per
        self.training = self.elaborated()
        self.inputs = self.training.leaves(Kind.INPUT)
        self.parameters = self.training.leaves(Kind.PARAMETER)
        self.states = self.training.leaves(Kind.STATE)
        self.blocks = make_blocks(backend.xp, self.parameters, self.states, dtype)
        self.trees = session.tree_levels(net, per)
        self.constants: dict[str, Array] = {}
        self._held: set[tuple[int, ...]] = set()  # lengths for which the asserts of the spec hold
        self._asserts = session.open_asserts(net, per)
        self._bound: OrderedDict[tuple[Request, int, tuple[tuple[str, int], ...], Updater | None, bool], tuple[Compiled, Bound]] = OrderedDict()

    def elaborated(self, training: bool = True) -> Elaborated:
        """The equations of the net, in training or at test time."""
        found = self.session.elaborate(self.net, training, self.per)
        assert found is not None, "a net that is built has equations"
        return found

    def compiled(self, request: Request) -> Compiled:
        """The program of a request."""
        return self.session.compile(self.net, request, self.per)

    def need_loss(self) -> None:
        """Raises NetcError where the net has no loss."""
        if self.training.loss is None:
            raise NetcError(NoLoss(typed("Python", self.net), self.net))

    def bound(
        self, request: Request, batch: int, lengths: Mapping[str, int] | None = None, updater: Updater | None = None, calls: bool = False
    ) -> tuple[Compiled, Bound]:
        """The program of a request, ready to run on `batch` samples of these (padded) lengths.

        An updater moves the parameters then. As `calls`, one for each step of the plan, a run can be stopped and looked into.
        """
        key = (request, batch, tuple(lengths.items()) if lengths else (), updater, calls)
        if key not in self._bound:
            sizes = Sizes(batch, lengths or {})
            request = request.at(sizes, self.backend.called)
            compiled = self.compiled(request)
            calls = calls or request.drawing is not None and request.drawing.searched  # a search stops between turns
            leaves = compiled.elaborated.leaves(Kind.PARAMETER), compiled.elaborated.leaves(Kind.STATE)
            if calls:
                bound = bind_plan(self.backend, compiled.schedule, compiled.program, sizes, self.dtype, leaves, self.blocks)
            else:
                bound = self.backend.bind(compiled.schedule, compiled.program, sizes, self.dtype, leaves, self.blocks, updater)
            for name, variable in bound.constants.items():
                if name in self.constants:
                    bound.write(variable, self.constants[name])
            self._bound[key] = compiled, bound
            while len(self._bound) > _LEAST and sum(b.size for _, b in self._bound.values()) > _KEPT:
                self._bound.popitem(last=False)
        self._bound.move_to_end(key)
        return self._bound[key]

    def fill(
        self, request: Request, samples: Samples, noise: Mapping[str, Array] | None = None, updater: Updater | None = None,
        calls: bool = False,
    ) -> tuple[Compiled, Bound]:  # fmt: skip
        """A program with its inputs filled. Samples that differ in length are padded with their own last point.

        The nodes of trees are numbered by height, where the net lets them.
        Raises NetcError where an assert of the spec does not hold for the length of a sample.
        """
        self._check_asserts(samples)
        alone = samples.batch == 1
        sizes = {n.name: int(v[0] if alone else v.max(initial=1)) for n, v in samples.lengths.items()}
        ragged = not alone and any(v.min(initial=sizes[n.name]) != sizes[n.name] for n, v in samples.lengths.items())
        nodes = self._nodes(samples) if samples.nodes else {}
        if ragged or nodes:
            request = replace(request, ragged=True, levels=tuple(n.name for n in nodes))
            sizes = {n: rounded(k) for n, k in sizes.items()} | {n.name: one.size for n, one in nodes.items()}
        compiled, bound = self.bound(request, samples.batch, sizes, updater, calls)
        xp = self.backend.xp
        for name, array in samples.arrays.items():
            if name in bound.inputs:
                _put(xp, bound.inputs[name], by_level(array, bound.plan.inputs[name], nodes) if nodes else array)
        for length, one in nodes.items():
            bound.set_levels(length.name, one.bounds)
        for length, values in samples.lengths.items():
            if f"length of {length.name}" in bound.inputs:
                bound.inputs[f"length of {length.name}"][...] = xp.asarray(values)
        bound.fixed.clear()
        for name, values in (noise or {}).items():
            bound.set_noise(name, by_level(values, bound.plan.randoms[name], nodes) if name in bound.plan.randoms else values)
        return compiled, bound

    def _nodes(self, samples: Samples) -> dict[Length, Nodes]:
        return {n: one for n, one in samples.nodes.items() if n in self.trees}

    def value(self, bound: Bound, variable: Variable, samples: Samples, of: Variable | None = None) -> Array:
        """What a run came to (the adjoint of `of`), in the order of the samples' own points and with 0 beyond each sample's end."""
        declared = of or variable
        values = trimmed(as_given(bound.read(variable), declared, self._nodes(samples)), declared, samples.lengths)
        return values.astype(bool) if variable.type is Type.BOOLEAN else values

    def _check_asserts(self, samples: Samples) -> None:
        if not self._asserts:
            return
        for sample, sizes in enumerate(zip(*(v.tolist() for v in samples.lengths.values()), strict=True)):
            if sizes in self._held:
                continue
            problem = self.session.broken_assert(self.net, self.per, dict(zip(samples.lengths, sizes, strict=True)), sample)
            if problem is not None:
                raise NetcError(problem)
            self._held.add(sizes)

    def run(
        self, request: Request, samples: Samples, seed: int = 0, step: int = 0, noise: Mapping[str, Array] | None = None,
        updater: Updater | None = None,
    ) -> tuple[Compiled, Bound]:  # fmt: skip
        """Fill the inputs and run one step."""
        compiled, bound = self.fill(request, samples, noise, updater)
        bound.run(seed, step)
        return compiled, bound


def _put(xp: Any, target: Any, given: Array | Ragged) -> None:
    """Copy samples into the space of a plan, which may be longer than they are."""
    if isinstance(given, Ragged):
        given = given.padded(target.shape[1])
    for axis, (have, need) in enumerate(zip(given.shape, target.shape, strict=True) if given.shape != target.shape else ()):
        if have < need:
            given = np.concatenate((given, np.repeat(given.take([-1], axis), need - have, axis)), axis)
    target[...] = xp.asarray(given)
