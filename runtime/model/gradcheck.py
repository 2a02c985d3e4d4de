"""Every equation's gradient against central differences, in float64."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from netc.compiler.elaborate.cotangents import weight_name
from netc.compiler.rewrites import Wanted
from netc.compiler.session import Request
from netc.compiler.statements.domains import sample_lengths
from netc.compiler.statements.expressions import Type
from netc.runtime.backends.choose import Choice
from netc.runtime.data.ragged import Ragged
from netc.runtime.model.initialise import Array, support_mask
from netc.runtime.model.inputs import Samples, prepare
from netc.runtime.model.lengths import padded_shape
from netc.runtime.model.made_inputs import random_input
from netc.runtime.model.net import Net
from netc.runtime.model.spec import Spec

_STEPS = (1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9)
_LONGEST = 5  # points of a sequence; the samples differ
_NOTHING = 1e-9  # slopes below this share of the gradient's size are zero but for rounding


@dataclass(frozen=True)
class Checked:
    """One equation: the worst relative error over the directions tried."""

    name: str
    error: float


@dataclass(frozen=True)
class GradcheckReport:
    """All equations of a net."""

    net: str
    rows: tuple[Checked, ...]

    @property
    def worst(self) -> float:
        return max((r.error for r in self.rows), default=0.0)


def gradcheck(
    spec: Spec, *, batch: int = 2, directions: int = 2, seed: int = 1, inputs: Mapping[str, Array] | None = None, backend: str | Choice = "auto"
) -> GradcheckReport:
    """Compare gradients with central differences along random directions through all parameters and real inputs.

    Each equation of the net is weighted with random numbers and summed; so is the loss. Inputs are random where they are
    not given. Draws are held fixed. Near a kink (relu, max) a direction may cross it: the best of seven step sizes counts.

    >>> netc.gradcheck(netc.parse("net N:\\n    input x: real[3]\\n    y = Dense(2, act=tanh)(x)\\n")).worst < 1e-6
    True
    """
    net = spec.build(backend, dtype="float64", seed=seed)
    rng = np.random.default_rng(seed)
    wide = {n for v in net.inputs if v.tree for n in sample_lengths(v.axes[1].hi)}
    lengths = {n: np.full(batch, 2) if n in wide else _LONGEST - k - np.arange(batch) % _LONGEST // 2 for k, n in enumerate(net.lengths)}
    given = dict(inputs) if inputs is not None else {v.name: random_input(v, batch, lengths, rng) for v in net.inputs}
    samples = prepare(given, net.inputs, set(), {n.name: v for n, v in lengths.items()})
    samples = replace(samples, arrays={n: a.padded() if isinstance(a, Ragged) else a for n, a in samples.arrays.items()})
    return GradcheckReport(spec.net, tuple(_check(net, n, samples, directions, rng) for n in _equations(net)))


def _equations(net: Net) -> list[str | None]:
    """The net's own real equations by name, and None for the loss."""
    elaborated = net._training
    named: list[str | None] = [
        r.variable.name for r in elaborated.rows if r.kind == "equation" and r.variable is not None and r.variable.type is Type.REAL
        and r.variable.name in elaborated.variables
    ]  # fmt: skip
    return [*dict.fromkeys(named), *([None] if elaborated.loss is not None else [])]


def _check(net: Net, name: str | None, given: Samples, directions: int, rng: np.random.Generator) -> Checked:
    reals = tuple(v.name for v in net.inputs if v.type is Type.REAL)
    wanted = Wanted(True, False, updates=False)
    request = Request(True, wanted, (*net.params, *reals), () if name is None else (name,))
    arrays: dict[str, Array] = {n: np.asarray(a) for n, a in given.arrays.items() if not isinstance(a, Ragged)}
    if name is not None:
        value = net._training.variables[name]
        shape = padded_shape(value, given.lengths)
        arrays[weight_name(name)] = rng.standard_normal((given.batch, *shape) if value.per_sample else shape)
    compiled, bound = net._engine.run(request, replace(given, arrays=arrays), seed=7)
    gradients = {v.name: net._engine.value(bound, g, given, of=v) for v, g in compiled.program.gradients.items()}
    size = np.sqrt(sum(float((g * g).sum()) for g in gradients.values()))
    loss = compiled.program.loss
    assert loss is not None
    start = {n: net.params.exact(n) for n in net.params}

    def value_at(shift: float, move: Mapping[str, Array]) -> float:
        for n, x in start.items():
            net.params[n] = x + shift * move[n]
        moved = {n: x + shift * move[n] if n in reals else x for n, x in arrays.items()}
        return float(net._engine.run(request, replace(given, arrays=moved), seed=7)[1].read(loss))

    worst = 0.0
    for _ in range(directions if size else 0):
        move = _direction(net, gradients, size, rng)
        slope = sum(float((gradients[n] * move[n]).sum()) for n in gradients)
        best = np.inf
        for step in _STEPS:
            difference = (value_at(step, move) - value_at(-step, move)) / (2 * step)
            best = min(best, abs(difference - slope) / max(abs(difference), abs(slope), _NOTHING * size))
        worst = max(worst, best)
    for n, x in start.items():
        net.params[n] = x
    return Checked(name or "loss", float(worst))


def _direction(net: Net, gradients: Mapping[str, Array], size: float, rng: np.random.Generator) -> dict[str, Array]:
    """Half along the gradient, so that the slope is not lost in rounding, half at random; of length about 1."""
    drawn = {n: np.asarray(rng.standard_normal(g.shape) * _support(net, n)) for n, g in gradients.items()}
    length = float(np.sqrt(sum(float((d * d).sum()) for d in drawn.values()))) or 1.0
    return {n: gradients[n] / size + d / length for n, d in drawn.items()}


def _support(net: Net, name: str) -> Array | float:
    variable = net.params.variables.get(name)
    return support_mask(variable) if variable is not None and variable.support is not None else 1.0
