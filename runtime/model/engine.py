"""Programs of one net, bound to a backend: flat blocks of numbers, and a plan for each batch size in use."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import numpy as np

from netc.compiler.plan import Sizes, make_plan
from netc.compiler.session import Compiled, Request, Session, parameters, states
from netc.compiler.statements.expressions import Kind, Variable
from netc.runtime.backends.backend import Backend, Blocks, Bound
from netc.runtime.model.initialise import Array, initial, support_mask

_KEPT = 8  # bound plans at once; each holds an arena


class Engine:
    """Runs requests in one precision. Parameters, gradients and states are flat blocks shared by all its plans."""

    def __init__(self, session: Session, net: str, backend: Backend, dtype: str, per: str) -> None:
        self.session, self.net, self.backend, self.dtype, self.per = session, net, backend, dtype, per
        training = session.elaborate(net, True, per)
        assert training is not None
        self.parameters = parameters(training)
        self.states = states(training)
        self.blocks: Blocks = backend.blocks(self.parameters, self.states, dtype)
        self.constants: dict[str, Array] = {}
        self._bound: OrderedDict[tuple[Request, int], Bound] = OrderedDict()

    def bound(self, request: Request, batch: int) -> tuple[Compiled, Bound]:
        """The program of a request, ready to run on `batch` samples."""
        compiled = self.session.compile(self.net, request, self.per)
        key = (request, batch)
        if key not in self._bound:
            plan = make_plan(
                compiled.schedule, compiled.program, Sizes(batch, {}), self.dtype,
                parameters=self._own(compiled, Kind.PARAMETER), states=self._own(compiled, Kind.STATE),
            )  # fmt: skip
            bound = self.backend.bind(plan, self.blocks)
            for variable in compiled.program.leaves(Kind.CONSTANT):
                if variable.name in self.constants:
                    bound.write(variable, self.constants[variable.name])
            self._bound[key] = bound
            while len(self._bound) > _KEPT:
                self._bound.popitem(last=False)
        self._bound.move_to_end(key)
        return compiled, self._bound[key]

    def _own(self, compiled: Compiled, kind: Kind) -> list[Variable]:
        return list(compiled.elaborated.leaves(kind))

    def run(
        self, request: Request, inputs: Mapping[str, Array], batch: int, seed: int = 0, step: int = 0,
        noise: Mapping[str, Array] | None = None,
    ) -> tuple[Compiled, Bound]:  # fmt: skip
        """Fill the inputs and run one step."""
        compiled, bound = self.bound(request, batch)
        for name, array in inputs.items():
            if name in bound.inputs:
                bound.inputs[name][...] = self.backend.to_device(array)
        for name, array in (noise or {}).items():
            bound.set_noise(name, array)
        bound.run(seed, step)
        return compiled, bound


def first_values(engine: Engine, seed: int) -> dict[str, Array]:
    """What parameters and states start from, by path, in float64."""
    return {v.name: initial(v, seed) for v in [*engine.parameters, *engine.states]}


def mask(variable: Variable) -> Array | None:
    """Where the variable exists, or None where it exists everywhere."""
    return None if variable.support is None else np.asarray(support_mask(variable))


def numbers(x: Any) -> float:
    """A 0-dimensional array of any backend as a float."""
    return float(x)
