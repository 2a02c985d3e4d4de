"""A net that runs: parameters, values of any equation, gradients, samples and files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from netc.compiler.pipeline import Request
from netc.compiler.rewrites import Wanted
from netc.compiler.session import Session
from netc.compiler.statements.domains import Length
from netc.compiler.statements.expressions import Kind, Type
from netc.runtime.backends.choose import Choice
from netc.runtime.backends.numpy import NumpyBackend
from netc.runtime.model import checkpoints
from netc.runtime.model.checkpoints import Checkpoint
from netc.runtime.model.engine import Engine
from netc.runtime.model.initialise import Array, Read, initial
from netc.runtime.model.inputs import prepare, unknown_name
from netc.runtime.model.results import Gradient
from netc.runtime.model.steps import Steps
from netc.runtime.model.trace import Trace, declared
from netc.runtime.model.values import Values

if TYPE_CHECKING:
    from netc.compiler.elaborate.model import Elaborated
    from netc.runtime.model.sampling import Sample


class Net:
    """A built net. Made by `Spec.build`; nothing in it is shared with other nets.

    `params` and `state` are mappings of paths (`c1.Conv.K`) to arrays. An array that is read is a copy, and numpy refuses to write to it:
    `net.params["c1.Conv.K"] = array` sets all its numbers, and checks its sizes.

    >>> net = netc.parse("net N:\\n    input x: real[3]\\n    y = Dense(2)(x)\\n").build(seed=1)
    >>> {path: array.shape for path, array in net.params.items()}
    {'y.Dense.W': (2, 3), 'y.Dense.b': (2,)}
    >>> net.params["y.Dense.b"] = [1, 2]
    >>> net.params["y.Dense.b"] = [1, 2, 3]
    Traceback (most recent call last):
    netc.compiler.diagnostics.error.NetcError: prelude.net:31:5: error[R412]: `y.Dense.b` takes 2, and the array given is 3
    """

    def __init__(
        self, session: Session, name: str, choice: Choice, dtype: str, seed: int, read: Read | None = None,
        consts: Mapping[str, Any] | None = None, per: str = "element",
    ) -> None:  # fmt: skip
        self.session, self.name, self.choice, self.dtype, self.seed, self.per = session, name, choice, dtype, seed, per
        self.backend = backend = choice.backend
        self.engine = Engine(session, name, backend, dtype, per)  # runs the net's programs in its own precision
        self.steps = Steps(self.engine)
        self._others: dict[str, Engine] = {}  # by precision
        self._traces: list[Trace] = []
        self.labels: Mapping[str, Sequence[str] | None] = {}  # the symbols of class inputs, where the data have named them
        self.inputs = self.engine.inputs
        self.params = Values(self.engine.parameters, self.engine.blocks.parameters, backend, "parameter")
        self.state = Values(self.engine.states, self.engine.blocks.states, backend, "state")
        given = {k: np.asarray(v, np.float64) for k, v in (consts or {}).items()}
        constants = {v.name: v for v in self.engine.training.leaves(Kind.CONSTANT)}
        for key in given:
            if key not in constants:
                raise unknown_name(key, "constant", constants)
        self._constants = {n: initial(v, 0, read, given.get(n)) for n, v in constants.items()}
        self.engine.constants = self._constants
        self.initialise(seed)

    def __repr__(self) -> str:
        count = sum(v.size for v in self.params.values())
        return f"<net {self.name}: {count:,} parameters, {self.dtype}, {self.backend.name}>"

    def elaborated(self, training: bool = True) -> Elaborated:
        """The equations of the net, in training or at test time."""
        return self.engine.elaborated(training)

    def initialise(self, seed: int) -> None:
        """Parameters and states to their first values; a seed gives the same ones again."""
        self.seed = seed
        for values in (self.params, self.state):
            for name, variable in values.variables.items():
                values.begin(name, initial(variable, seed))

    # ---- values --------------------------------------------------------------------------------------------------

    def __call__(self, *arrays: Any, **named: Any) -> Any:
        """The outputs: one array, or a dict where the net has several. Inputs in the order of the spec, or by name.

        Each input carries the samples as its first axis. Outputs are what `output` names, else the predictions of the
        likelihoods: class probabilities or means.

        >>> net = netc.parse("net N:\\n    input x: real[2]\\n    output y = sum(x)\\n").build()
        >>> net([[1.0, 2.0], [3.0, 4.0]]).tolist()
        [3.0, 7.0]
        """
        free = [v.name for v in self.inputs if v not in self.engine.training.observed] or [v.name for v in self.inputs]
        given = {**dict(zip(free, arrays, strict=False)), **named}
        wanted = list(self.engine.training.outputs) or [f"{n}.prediction" for n in self.engine.training.predictions]
        values = self._run(given, Wanted(False, False, True, not self.engine.training.outputs, False), dtype=self.dtype)
        found = {n.removesuffix(".prediction"): values[n] for n in wanted if n in values}
        return next(iter(found.values())) if len(found) == 1 else found

    def evaluate(
        self, inputs: Mapping[str, Any], names: str | Iterable[str], *, training: bool = False, noise: Mapping[str, Any] | None = None,
        seed: int = 0, lengths: Mapping[str, Any] | None = None, trees: Mapping[str, Any] | None = None,
    ) -> dict[str, Array]:  # fmt: skip
        """The values of equations by name, in float64; batch first where they depend on the sample.

        Samples of different length are given as a list of arrays, or as one array with `lengths={"T": [5, 3]}`; values come
        back padded, with 0 beyond each sample's end. `trees={"N": [...]}` gives the children of each node, -1 for none.
        `training` decides dropout and batch statistics; `noise` fixes a `draw` by the name of its equation, else `seed` draws.
        Raises NetcError for unknown names, missing inputs and wrong sizes.

        >>> net = netc.parse("net N:\\n    input x: real[2]\\n    y = 2 * x\\n    z = sum(y)\\n").build()
        >>> {n: v.tolist() for n, v in net.evaluate({"x": [[1, 2]]}, ["y", "z"]).items()}
        {'y': [[2.0, 4.0]], 'z': [6.0]}
        """
        wanted = (names,) if isinstance(names, str) else tuple(names)
        wanted_alone = Wanted(False, False, False, False, False, self._paths(wanted))
        return self._run({**inputs, **(trees or {})}, wanted_alone, training, noise, seed, lengths=lengths)

    @contextmanager
    def trace(self, *names: str) -> Iterator[Trace]:
        """Record equations in every call of the net within the block: those named, or all declared gates and attention.

        Raises NetcError for a name that the net does not have.

        >>> net = netc.parse("net N:\\n    input x: real[2]\\n    gate g = sigmoid(x)\\n    y = g * x\\n    output y\\n").build()
        >>> with net.trace("g") as t:
        ...     y = net([[0.0, 1.0]])
        >>> t["g"].round(3).tolist()
        [[0.5, 0.731]]
        """
        trace = Trace(self._paths(names) or declared(self.engine.training))
        self._traces.append(trace)
        try:
            yield trace
        finally:
            self._traces.remove(trace)

    def _paths(self, names: Sequence[str]) -> tuple[str, ...]:
        variables = self.engine.training.variables
        for n in names:
            if n not in variables:
                known = [v for v in variables if not v.startswith("table ")]
                raise unknown_name(n, "equation", sorted(known, key=lambda v: (variables[v].kind is not Kind.TEMPORARY, "." in v)))
        return tuple(names)

    def _run(
        self, inputs: Mapping[str, Any], wanted: Wanted, training: bool = False, noise: Mapping[str, Any] | None = None, seed: int = 0,
        dtype: str = "float64", lengths: Mapping[str, Any] | None = None,
    ) -> dict[str, Array]:  # fmt: skip
        traced = tuple(dict.fromkeys(n for t in self._traces for n in t.names))
        names, wanted = wanted.names, replace(wanted, names=(*wanted.names, *(n for n in traced if n not in wanted.names)))
        engine = self.engine_in(dtype)
        request = Request(training, wanted)
        compiled = self.engine.compiled(request)
        needed = {v.name for v in compiled.program.leaves(Kind.INPUT)}
        samples = prepare(inputs, self.inputs, needed, lengths)
        compiled, bound = engine.run(request, samples, seed, 0, self._noise(noise))
        values = {n: engine.value(bound, v, samples) for n, v in compiled.program.values.items()}
        for trace in self._traces:
            trace.calls.append({n: values[n].astype(np.float64) if values[n].dtype.kind == "f" else values[n] for n in trace.names})
        return {n: v for n, v in values.items() if n not in traced or n in names}

    @staticmethod
    def _noise(noise: Mapping[str, Any] | None) -> dict[str, Array]:
        return {n if n.endswith(".draw") else f"{n}.draw": np.asarray(a) for n, a in (noise or {}).items()}

    def gradient(
        self, inputs: Mapping[str, Any], *, training: bool = True, noise: Mapping[str, Any] | None = None, seed: int = 0,
        lengths: Mapping[str, Any] | None = None, trees: Mapping[str, Any] | None = None, of: str | Iterable[str] = (),
    ) -> Gradient:  # fmt: skip
        """The loss and its gradient with respect to every parameter and every real input, in float64.

        `of` names equations: what the loss changes by if one element of theirs is changed, and all that follows with it.
        The loss is that of the spec: the sum of its `loss` lines and likelihoods, means over the samples given.
        Raises NetcError where the net has no loss, where `of` names what has no gradient, and as `evaluate` does.

        >>> net = netc.parse("net N:\\n    input x: real[2]\\n    param w[2] init 1\\n    loss l = sum(w * x)^2\\n").build()
        >>> g = net.gradient({"x": [[1, 2]]})
        >>> g.loss, g.params["w"].tolist(), g.inputs["x"].tolist()
        (9.0, [6.0, 12.0], [[6.0, 6.0]])
        """
        named = self._differentiable((of,) if isinstance(of, str) else tuple(of))
        reals = tuple(v.name for v in self.inputs if v.type is Type.REAL)
        request = Request(training, Wanted(True, False, updates=False), tuple(dict.fromkeys((*self.params, *reals, *named))))
        self.engine.need_loss()
        compiled = self.engine.compiled(request)
        needed = {v.name for v in compiled.program.leaves(Kind.INPUT)}
        samples = prepare({**inputs, **(trees or {})}, self.inputs, needed, lengths)
        engine = self.engine_in("float64")
        compiled, bound = engine.run(request, samples, seed, 0, self._noise(noise))
        program = compiled.program
        assert program.loss is not None
        found = {v.name: engine.value(bound, g, samples, of=v) for v, g in program.gradients.items()}
        return Gradient(
            float(bound.read(program.loss)), {n: float(bound.read(v)) for n, v in program.losses.items()},
            {n: found[n] for n in self.params}, {n: found[n] for n in reals}, {n: found[n] for n in named},
        )  # fmt: skip

    def _differentiable(self, names: Sequence[str]) -> tuple[str, ...]:
        """Equations of real numbers that a loss can change with."""
        known = {n: v for n, v in self.engine.training.variables.items() if v.type is Type.REAL and v.kind is Kind.TEMPORARY}
        for n in names:
            if n not in known:
                raise unknown_name(n, "equation of real numbers", known)
        return tuple(names)

    def engine_in(self, dtype: str) -> Engine:
        """An engine of this precision with the parameters as they are now."""
        if dtype == self.dtype:
            return self.engine
        if dtype not in self._others:
            self._others[dtype] = Engine(self.session, self.name, NumpyBackend(), dtype, self.per)
            self._others[dtype].constants = self._constants
        engine = self._others[dtype]
        for values, block in ((self.params, engine.blocks.parameters), (self.state, engine.blocks.states)):
            for name, (where, _) in values.slices.items():
                block[where] = values.exact(name).reshape(-1)
        return engine

    def sample(self, inputs: Mapping[str, Any] | None = None, **settings: Any) -> list[Sample]:
        """Draw sequences: what a likelihood such as `x[t+1] ~ softmax(z[t])` observes, each symbol read back for the next.

        `inputs` are those that are not drawn, a sentence to be translated for instance. The settings are `prompt` (a text, or
        numbers), `limit`, `stop`, `temperature`, `top_k`, `seed`, `count` and `beam`; the spec's `sample` block gives their
        defaults. Raises NetcError where the net has no such sequence or looks ahead in it.

        >>> net = netc.parse("net N:\\n    input x: class(3)[1..T]\\n    param W[3, 3] init 0\\n    x[t+1] ~ softmax(W @ x[t])\\n").build()
        >>> net.params["W"] = [[0, 0, 9], [9, 0, 0], [0, 9, 0]]
        >>> net.sample(prompt=[0], limit=5, temperature=0)[0].values.tolist()
        [0, 1, 2, 0, 1, 2]
        """
        from netc.runtime.model.beam import search  # sampling is loaded when it is asked for
        from netc.runtime.model.sampling import Sampler, settings_for

        sampler = Sampler(self, settings_for(self, settings))
        return search(sampler, inputs or {}) if sampler.settings.beam else sampler.draw(inputs or {})

    # ---- files ---------------------------------------------------------------------------------------------------

    def save(self, path: str | Path) -> None:
        """Write parameters, states and constants as safetensors, with the spec in the same file; whole or not at all.

        `netc.open` gives the net again.
        """
        source = self.session.source
        facts = {"net": self.name, "spec": source.text if source else "", "dims": self.session.dims, "dtype": self.dtype, "per": self.per}
        checkpoints.write(Path(path), Checkpoint(self.tensors(), facts))

    def tensors(self) -> dict[str, Array]:
        """Every number that the net holds, named as checkpoints name them."""
        groups = {"param": self.params, "state": self.state, "const": self._constants}
        return {f"{group}/{k}": v for group, values in groups.items() for k, v in values.items()}

    def restore(self, tensors: Mapping[str, Array]) -> None:
        """Parameters and states from a checkpoint of the same spec."""
        for group, values in (("param", self.params), ("state", self.state)):
            for name in values:
                values[name] = tensors[f"{group}/{name}"]

    # ---- training ------------------------------------------------------------------------------------------------

    @property
    def parameters_flat(self) -> Any:
        return self.engine.blocks.parameters

    @property
    def gradients_flat(self) -> Any:
        return self.engine.blocks.gradients

    @property
    def state_flat(self) -> Any:
        return self.engine.blocks.states

    @property
    def lengths(self) -> tuple[Length, ...]:
        """The lengths that the samples bring along."""
        return tuple(self.engine.training.lengths)

    @property
    def observed(self) -> tuple[str, ...]:
        """Inputs that a likelihood observes."""
        return tuple(v.name for v in self.engine.training.observed)
