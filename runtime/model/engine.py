"""Programs of one net, bound to a backend: flat blocks of numbers, and a plan for each batch size in use."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

from netc.compiler.plan import Sizes, make_plan
from netc.compiler.session import Compiled, Request, Session
from netc.compiler.statements.expressions import Kind
from netc.runtime.backends.backend import Backend, Bound, make_blocks
from netc.runtime.model.initialise import Array

_KEPT = 8  # bound plans at once; each holds an arena


class Engine:
    """Runs requests in one precision. Parameters, gradients and states are flat blocks shared by all its plans."""

    def __init__(self, session: Session, net: str, backend: Backend, dtype: str, per: str) -> None:
        self.session, self.net, self.backend, self.dtype, self.per = session, net, backend, dtype, per
        training = session.elaborate(net, True, per)
        assert training is not None
        self.parameters = training.leaves(Kind.PARAMETER)
        self.states = training.leaves(Kind.STATE)
        self.blocks = make_blocks(backend.xp, self.parameters, self.states, dtype)
        self.constants: dict[str, Array] = {}
        self._bound: OrderedDict[tuple[Request, int], Bound] = OrderedDict()

    def bound(self, request: Request, batch: int) -> tuple[Compiled, Bound]:
        """The program of a request, ready to run on `batch` samples."""
        compiled = self.session.compile(self.net, request, self.per)
        key = (request, batch)
        if key not in self._bound:
            plan = make_plan(
                compiled.schedule, compiled.program, Sizes(batch), self.dtype,
                compiled.elaborated.leaves(Kind.PARAMETER), compiled.elaborated.leaves(Kind.STATE),
            )  # fmt: skip
            bound = Bound(plan, self.blocks, self.backend)
            for name, variable in bound.constants.items():
                if name in self.constants:
                    bound.write(variable, self.constants[name])
            self._bound[key] = bound
            if len(self._bound) > _KEPT:
                self._bound.popitem(last=False)
        self._bound.move_to_end(key)
        return compiled, self._bound[key]

    def run(
        self, request: Request, inputs: Mapping[str, Array], batch: int, seed: int = 0, step: int = 0,
        noise: Mapping[str, Array] | None = None,
    ) -> tuple[Compiled, Bound]:  # fmt: skip
        """Fill the inputs and run one step."""
        compiled, bound = self.bound(request, batch)
        for name, array in inputs.items():
            if name in bound.inputs:
                bound.inputs[name][...] = self.backend.xp.asarray(array)
        bound.fixed.clear()
        for name, array in (noise or {}).items():
            bound.set_noise(name, array)
        bound.run(seed, step)
        return compiled, bound
