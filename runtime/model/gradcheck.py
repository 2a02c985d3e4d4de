"""Every equation's gradient against central differences, in float64."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from netc.compiler.pipeline import Request
from netc.compiler.plan.model import ITEM_SIZES
from netc.compiler.rewrites import Wanted
from netc.compiler.statements.domains import sample_lengths
from netc.compiler.statements.expressions import Read, Type
from netc.compiler.variants.weighted_loss import weight_name
from netc.runtime.backends.choose import Choice
from netc.runtime.data.fields.ragged import Ragged
from netc.runtime.model.initialise import Array, support_mask
from netc.runtime.model.inputs import Samples, prepare
from netc.runtime.model.lengths import padded_shape
from netc.runtime.model.made_inputs import random_input
from netc.runtime.model.net import Net
from netc.runtime.model.spec import Spec

_STEPS = (1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9)
_FINE_STEPS = (1e-9, 1e-10, 1e-11, 1e-12)  # in long double: a deep net has kinks within every longer step
_ENOUGH = 1e-7  # an error below this needs no finer steps
MOST_PARTS = 60  # of equations within layers, and of parameters: with more, only the net's own equations are taken
_UNWRITTEN = ("border", "join")  # the last words of paths that no equation of a spec has
_LONGEST = 5  # points of a sequence; the samples differ
_NOTHING = 1e-9  # slopes below this share of the gradient's size are zero but for rounding
_FLAT = 1e-6  # where the gradient is 0 throughout: slopes below this share of the value are


@dataclass(frozen=True)
class Checked:
    """One equation, or one parameter of the loss: the worst relative error over the directions tried."""

    name: str
    error: float


@dataclass(frozen=True)
class GradcheckReport:
    """All equations of a net; with `parts` those within its layers too, and each parameter by itself."""

    net: str
    rows: tuple[Checked, ...]
    inside: tuple[Checked, ...] = ()  # equations of layers, by their path
    parameters: tuple[Checked, ...] = ()

    @property
    def worst(self) -> float:
        return max((r.error for r in (*self.rows, *self.inside, *self.parameters)), default=0.0)


def gradcheck(
    spec: Spec, *, batch: int = 2, directions: int = 2, seed: int = 1, inputs: Mapping[str, Array] | None = None, backend: str | Choice = "auto",
    parts: bool = False,
) -> GradcheckReport:  # fmt: skip
    """Compare gradients with central differences along random directions through all parameters and real inputs.

    Each equation of the net is weighted with random numbers and summed; so is the loss. Inputs are random where they are
    not given. Draws are held fixed. Near a kink (relu, max) a direction may cross it: the best of seven step sizes counts, and
    where none is good enough and the machine has numbers longer than float64, four finer ones taken in them. With `parts` the
    equations of layers are taken likewise, and the loss along each parameter alone, as long as there are not too many of them.

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
    names = _equations(net)
    rows = tuple(_check(net, n, samples, directions, rng) for n in names)
    inside, alone = (_inside(net), list(net.params)) if parts else ([], [])
    return GradcheckReport(
        spec.net, rows,
        tuple(_check(net, n, samples, 1, rng) for n in inside if len(inside) <= MOST_PARTS),
        tuple(_parameters(net, names[-1], samples, rng)) if alone and names and len(alone) <= MOST_PARTS else (),
    )  # fmt: skip


def _equations(net: Net) -> list[str | None]:
    """The net's own real equations by name, and None for the loss."""
    elaborated = net.elaborated()
    named: list[str | None] = [
        r.variable.name for r in elaborated.rows if r.kind == "equation" and r.variable is not None and r.variable.type is Type.REAL
        and r.variable.name in elaborated.variables
    ]  # fmt: skip
    return [*dict.fromkeys(named), *([None] if elaborated.loss is not None else [])]


def _inside(net: Net) -> list[str]:
    """The real equations of layers that the net applies, by their path; not those that an equation of the net only hands on."""
    elaborated = net.elaborated()
    own = set(_equations(net))
    passed = {e.value.variable for e in elaborated.equations if e.target.name in own and isinstance(e.value, Read)}
    found = dict.fromkeys(e.target for e in elaborated.equations if e.target not in passed and e.target.type is Type.REAL)
    return [v.name for v in found if v.name not in own and _in_layer(v.name, {i.name for i in net.inputs})]


def _in_layer(path: str, inputs: Set[str]) -> bool:
    """Whether a path leads to an equation of a layer; below an input is what a likelihood says of it."""
    first, last = path.partition(".")[0], path.rpartition(".")[2]
    return path != first and " " not in path and first not in inputs and last.partition("~")[0] not in _UNWRITTEN


class _Slope:
    """What one equation (or the loss, for None) gives as gradients, and how its value changes along a direction."""

    def __init__(self, net: Net, name: str | None, given: Samples, rng: np.random.Generator) -> None:
        self.net, self.given = net, given
        self.reals = tuple(v.name for v in net.inputs if v.type is Type.REAL)
        self.request = Request(True, Wanted(True, False, updates=False), (*net.params, *self.reals), () if name is None else (name,))
        self.arrays: dict[str, Array] = {n: np.asarray(a) for n, a in given.arrays.items() if not isinstance(a, Ragged)}
        if name is not None:
            value = net.elaborated().variables[name]
            shape = padded_shape(value, given.lengths)
            self.arrays[weight_name(name)] = rng.standard_normal((given.batch, *shape) if value.per_sample else shape)
        compiled, bound = net.engine.run(self.request, replace(given, arrays=self.arrays), seed=7)
        self.gradients = {v.name: net.engine.value(bound, g, given, of=v) for v, g in compiled.program.gradients.items()}
        self.size = _length(self.gradients.values())
        loss = compiled.program.loss
        assert loss is not None
        self.loss = loss
        self.nothing = _NOTHING * self.size or _FLAT * float(np.abs(bound.read(loss)))
        self.start = {n: net.params.exact(n) for n in net.params}

    def along(self, move: Mapping[str, Array], dtype: str, step: float) -> float:
        """The central difference; what is not in `move` stays where it is."""
        net, engine = self.net, self.net.engine_in(dtype)

        def at(shift: Any) -> Array:
            for n, (where, _) in net.params.slices.items():
                here = self.start[n] + shift * move[n] if n in move else self.start[n]
                engine.blocks.parameters[where] = engine.backend.xp.asarray(here.reshape(-1))
            moved = self.arrays | {n: self.arrays[n] + shift * move[n] for n in self.reals if n in move}
            return engine.run(self.request, replace(self.given, arrays=moved), seed=7)[1].read(self.loss)

        half = np.dtype(dtype).type(step)
        return float((at(half) - at(-half)) / (2 * half))

    def error(self, move: Mapping[str, Array]) -> float:
        """How far the gradient along a direction is from the difference: the best of several steps."""
        slope = sum(float((self.gradients[n] * move[n]).sum()) for n in move)
        errors = [_error(self.along(move, self.net.dtype, s), slope, self.nothing) for s in _STEPS]
        if min(errors) > _ENOUGH and _longer():
            errors += [_error(self.along(move, "longdouble", s), slope, self.nothing) for s in _FINE_STEPS]
        return min(errors)

    def restore(self) -> None:
        for n, x in self.start.items():
            self.net.params[n] = x


def _check(net: Net, name: str | None, given: Samples, directions: int, rng: np.random.Generator) -> Checked:
    slope = _Slope(net, name, given, rng)
    worst = max(slope.error(_direction(net, slope.gradients, slope.size, rng)) for _ in range(directions))
    slope.restore()
    return Checked(name or "loss", float(worst))


def _parameters(net: Net, name: str | None, given: Samples, rng: np.random.Generator) -> Iterator[Checked]:
    """Each parameter alone, in the loss or the last equation."""
    slope = _Slope(net, name, given, rng)
    for n in net.params:
        own = {n: slope.gradients[n]}
        yield Checked(n, slope.error(_direction(net, own, _length(own.values()), rng)))
    slope.restore()


def _length(arrays: Iterable[Array]) -> float:
    return float(np.sqrt(sum(float((a * a).sum()) for a in arrays)))


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
