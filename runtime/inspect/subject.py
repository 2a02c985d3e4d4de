"""A net and the samples it is looked at with: values and adjoints of its equations, and what stands at their axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from netc.compiler.pipeline import Request
from netc.compiler.rewrites import Wanted
from netc.compiler.schedule import Scan, all_scans
from netc.compiler.statements.domains import Domain, sample_lengths
from netc.compiler.statements.expressions import Kind, Read, Type, Variable
from netc.runtime.charts.model import Array, Axis
from netc.runtime.inspect.opened import Layer, opened
from netc.runtime.model.inputs import prepare
from netc.runtime.model.lengths import inside, open_axes, values_of
from netc.runtime.model.net import Net
from netc.runtime.train.answers import reached

SHOWN = 2  # samples that are drawn; tables speak of all
_SYMBOLS = 120  # more points than this are numbered instead of named

Labels = Mapping[str, Sequence[str] | None]


class Subject:
    """What is looked at. `inputs` are the samples as `Net.evaluate` takes them; `labels` name the classes of inputs.

    Values are computed as at test time, in float64, once; so are adjoints, where the samples hold all that the loss needs.
    """

    def __init__(self, net: Net, inputs: Mapping[str, Any], labels: Labels | None = None) -> None:
        self.net, self.inputs, self.labels = net, dict(inputs), labels or {}
        self.elaborated = net.elaborated(False)
        self.samples = prepare(self.inputs, net.inputs, set())
        self.paths = {v: n for n, v in self.elaborated.variables.items()}
        self._values: dict[str, Array] = {}
        self._adjoints: dict[str, Array] = {}

    # ---- which equations -----------------------------------------------------------------------------------------

    def missing(self, variable: Variable) -> set[str]:
        """Inputs that a value depends on and that were not given."""
        found = reached(self.elaborated, variable)
        return {v.name for v in found if v.kind is Kind.INPUT and v.name not in self.inputs}

    def declared(self, role: str) -> list[Variable]:
        """The equations declared as `gate` or `attention`, those that can be computed from what is given."""
        found = dict.fromkeys(e.target for e in self.elaborated.equations if e.role == role and e.target in self.paths)
        return [v for v in found if not self.missing(v)]

    @property
    def hidden(self) -> str:
        """Which equations cannot be shown because an input was not given; an empty text where there are none."""
        roles = [e.target for e in self.elaborated.equations if e.role and e.target in self.paths]
        named = [r.variable for r in self.elaborated.rows if r.kind == "equation" and r.variable is not None and r.variable in self.paths]
        lost = {self.paths[v]: self.missing(v) for v in dict.fromkeys((*roles, *named)) if self.missing(v)}
        if not lost:
            return ""
        inputs = ", ".join(f"`{n}`" for n in sorted(set().union(*lost.values())))
        return f"Not shown, as they need {inputs}: {', '.join(lost)}."

    @cached_property
    def layers(self) -> list[Layer]:
        """The rows of `check` and the layers in them, those that can be computed from what is given."""
        return [one for one in opened(self.elaborated) if one.variable in self.paths and not self.missing(one.variable)]

    @cached_property
    def scans(self) -> list[Scan]:
        """All recurrences of what can be computed, the inner ones too."""
        roots = [self.paths[one.variable] for one in self.layers]
        if not roots:
            return []
        request = Request(False, Wanted(False, False, updates=False, names=tuple(dict.fromkeys(roots))))
        return all_scans(self.net.session.compile(self.net.name, request, self.net.per).schedule.items)

    @property
    def has_loss(self) -> bool:
        """Whether gradients can be had: the net has a loss and the samples hold what it needs."""
        return self.elaborated.loss is not None and not self.missing(self.elaborated.loss)

    # ---- numbers -------------------------------------------------------------------------------------------------

    def prepare_values(self, wanted: Sequence[Variable]) -> None:
        """Compute these values, and what the loss changes by with each, in one go."""
        names = tuple(dict.fromkeys(self.paths[v] for v in wanted))
        if not names:
            return
        self._values.update(self.net.evaluate(self.inputs, names))
        if self.has_loss:
            origins = {self.paths[v]: self.paths[self._origin(v)] for v in wanted}
            found = self.net.gradient(self.inputs, training=False, of=tuple(dict.fromkeys(origins.values()))).equations
            self._adjoints.update({name: found[origin] for name, origin in origins.items()})

    def _origin(self, variable: Variable) -> Variable:
        """What a variable is a copy of, as `m = LSTM(64)(x)` is of a state in the layer: the loss changes with the state, not with the copy."""
        own = [e for e in self.elaborated.equations if e.target is variable]
        source = own[0].value if len(own) == 1 else None
        if not isinstance(source, Read) or source.indices != own[0].place or source.variable.axes != variable.axes:
            return variable
        return self._origin(source.variable) if source.variable in self.paths else variable

    def value(self, variable: Variable) -> Array:
        """[samples, ...]; 0 beyond the end of each sample."""
        name = self.paths[variable]
        if name not in self._values:
            self.prepare_values([v for v in self._all if self.paths[v] not in self._values])
        return self._batched(variable, self._values[name])

    def adjoint(self, variable: Variable) -> Array | None:
        """What the loss changes by with each element; None where there is no loss."""
        self.value(variable)
        found = self._adjoints.get(self.paths[variable])
        return None if found is None else self._batched(variable, found)

    @cached_property
    def _all(self) -> list[Variable]:
        """Everything that some section shows."""
        found = [*self.declared("gate"), *self.declared("attention"), *(one.variable for one in self.layers), *self.recurrent]
        return [v for v in dict.fromkeys(found) if v.type is Type.REAL]

    @cached_property
    def recurrent(self) -> list[Variable]:
        """The named variables that are read at another point of the axis along which they are computed."""
        found = dict.fromkeys(v for scan in self.scans for v in scan.carried() if v in self.paths)
        return [v for v in found if v.type is Type.REAL and v.kind is Kind.TEMPORARY]

    def _batched(self, variable: Variable, array: Array) -> Array:
        return array if variable.per_sample else np.broadcast_to(array, (self.samples.batch, *array.shape))

    def present(self, variable: Variable, array: Array) -> Array:
        """The elements that belong to a sample, in one row: what is padding is left out."""
        mask = inside(variable, self.samples.lengths, array.shape)
        return array.reshape(-1) if mask is None else np.asarray(array[np.broadcast_to(mask, array.shape)])

    def sample(self, variable: Variable, array: Array, k: int) -> Array:
        """One sample without padding."""
        one: Array = array[k]
        for axis in open_axes(variable) if variable.per_sample else ():
            size = int(np.broadcast_to(values_of(variable.axes[axis].size, self.samples.lengths), len(array))[k])
            one = one[(slice(None),) * axis + (slice(0, size),)]
        return np.asarray(one)

    @property
    def shown(self) -> range:
        """The samples that are drawn."""
        return range(min(SHOWN, self.samples.batch))

    # ---- axes ----------------------------------------------------------------------------------------------------

    def time(self, variable: Variable) -> int | None:
        """The axis along which a variable is computed or given point by point; None where it has none."""
        scanned = [s.axis[variable] for s in self.scans if variable in s.axis]
        ends_open = open_axes(variable)
        both = [a for a in scanned if a in ends_open]
        return next(iter((*both, *scanned, *ends_open)), None)

    def axis(self, domain: Domain, k: int, count: int) -> Axis:
        """What stands at an axis in sample k: the symbols of an input over the same points, else numbers."""
        first = domain.first
        lengths = sample_lengths(domain.hi)
        source = self._symbols(domain)
        name = domain.name or (lengths[0].name.lower() if lengths else "")
        if source is None or count > _SYMBOLS:
            return Axis(name, first)
        labels = self.labels.get(source.name)
        given = self.samples.arrays[source.name]
        codes = given.sample(k) if not isinstance(given, np.ndarray) else given[k]
        low = source.classes.first if source.classes is not None else 0
        shift = first - source.axes[0].first
        found = []
        for j in range(count):
            at = j + shift
            code = int(codes[at]) if 0 <= at < len(codes) else None
            found.append("·" if code is None else labels[code - low] if labels and code - low < len(labels) else str(code))
        return Axis(source.name, first, tuple(found))

    def _symbols(self, domain: Domain) -> Variable | None:
        """The input of classes over the same length; of several one that is not to be guessed."""
        lengths = sample_lengths(domain.hi)
        if len(lengths) != 1:
            return None
        fitting = [
            v for v in self.net.inputs if v.type is Type.INTEGER and len(v.axes) == 1 and v.name in self.inputs
            and sample_lengths(v.axes[0].hi) == lengths and v.classes is not None
        ]  # fmt: skip
        asked = [v for v in fitting if v not in self.elaborated.observed]
        return next(iter(asked or fitting), None)
