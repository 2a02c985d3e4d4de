"""Every equation's gradient against central differences, in float64."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from netc.compiler.pipeline import Request
from netc.compiler.plan.model import ITEM_SIZES
from netc.compiler.rewrites import Wanted
from netc.compiler.statements.domains import sample_lengths
from netc.compiler.statements.expressions import Type
from netc.compiler.variants.weighted_loss import weight_name
from netc.runtime.backends.choose import Choice
from netc.runtime.data.ragged import Ragged
from netc.runtime.model.initialise import Array, support_mask
from netc.runtime.model.inputs import Samples, prepare
from netc.runtime.model.lengths import padded_shape
from netc.runtime.model.made_inputs import random_input
from netc.runtime.model.net import Net
from netc.runtime.model.spec import Spec

_STEPS = (1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9)
_FINE_STEPS = (1e-9, 1e-10, 1e-11, 1e-12)  # in long double: a deep net has kinks within every longer step
_ENOUGH = 1e-7  # an error below this needs no finer steps
_LONGEST = 5  # points of a sequence; the samples differ
_NOTHING = 1e-9  # slopes below this share of the gradient's size are zero but for rounding
_FLAT = 1e-6  # where the gradient is 0 throughout: slopes below this share of the value are


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
    not given. Draws are held fixed. Near a kink (relu, max) a direction may cross it: the best of seven step sizes counts, and
    where none is good enough and the machine has numbers longer than float64, four finer ones taken in them.

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
    nothing = _NOTHING * size or _FLAT * float(np.abs(bound.read(loss)))
    start = {n: net.params.exact(n) for n in net.params}

    def difference(dtype: str, step: float, move: Mapping[str, Array]) -> float:
        engine = net._in(dtype)

        def at(shift: Any) -> Array:
            for n, (where, _) in net.params.slices.items():
                engine.blocks.parameters[where] = engine.backend.xp.asarray((start[n] + shift * move[n]).reshape(-1))
            moved = arrays | {n: arrays[n] + shift * move[n] for n in reals}
            return engine.run(request, replace(given, arrays=moved), seed=7)[1].read(loss)

        half = np.dtype(dtype).type(step)
        return float((at(half) - at(-half)) / (2 * half))

    worst = 0.0
    for _ in range(directions):
        move = _direction(net, gradients, size, rng)
        slope = sum(float((gradients[n] * move[n]).sum()) for n in gradients)
        errors = [_error(difference(net.dtype, s, move), slope, nothing) for s in _STEPS]
        if min(errors) > _ENOUGH and _longer():
            errors += [_error(difference("longdouble", s, move), slope, nothing) for s in _FINE_STEPS]
        worst = max(worst, min(errors))
    for n, x in start.items():
        net.params[n] = x
    return Checked(name or "loss", float(worst))


def _error(found: float, slope: float, nothing: float) -> float:
    return abs(found - slope) / max(abs(found), abs(slope), nothing) if found != slope else 0.0


def _longer() -> bool:
    """Whether the machine's long double is more than float64, in the 16 bytes that a plan gives it."""
    return np.dtype("longdouble").itemsize == ITEM_SIZES["longdouble"] and bool(np.finfo(np.longdouble).eps < np.finfo(np.float64).eps)


def _direction(net: Net, gradients: Mapping[str, Array], size: float, rng: np.random.Generator) -> dict[str, Array]:
    """Half along the gradient, so that the slope is not lost in rounding, half at random; of length about 1."""
    drawn = {n: np.asarray(rng.standard_normal(g.shape) * _support(net, n)) for n, g in gradients.items()}
    length = float(np.sqrt(sum(float((d * d).sum()) for d in drawn.values()))) or 1.0
    return {n: gradients[n] / (size or 1.0) + d / length for n, d in drawn.items()}


def _support(net: Net, name: str) -> Array | float:
    variable = net.params.variables.get(name)
    return support_mask(variable) if variable is not None and variable.support is not None else 1.0
