"""What passes through a net while a block of Python runs: `with net.trace("c1") as t: net(x)`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from netc.compiler.elaborate.model import Elaborated
from netc.runtime.charts.model import Axis, Heat
from netc.runtime.charts.notebook import fragment
from netc.runtime.model.initialise import Array

_MAPS = 8  # of one value in a notebook


@dataclass(eq=False, repr=False)
class Trace(Mapping[str, Array]):
    """The values of some equations, by name, in every call of the net. As a mapping it is the last call.

    Each value carries the samples as its first axis where it depends on the sample; all in float64.
    """

    names: tuple[str, ...]
    calls: list[dict[str, Array]] = field(default_factory=list)

    def __getitem__(self, name: str) -> Array:
        if not self.calls:
            raise KeyError(f"nothing has passed yet: call the net inside the `with` block (asked for {name!r})")
        return self.calls[-1][name]

    def _repr_html_(self) -> str:
        """The first sample of the last call as maps, in a notebook: the last axis down, the one before it to the right."""
        return fragment(self._told(), [m for call in self.calls[-1:] for n, a in call.items() for m in _maps(n, a)])

    def __repr__(self) -> str:
        return f"<trace: {self._told()}>"

    def _told(self) -> str:
        if not self.calls:
            return f"{', '.join(self.names)}, nothing has passed yet"
        sizes = ", ".join(f"{n} {'×'.join(map(str, a.shape))}" for n, a in self.calls[-1].items())
        return f"{len(self.calls)} {'call' if len(self.calls) == 1 else 'calls'} · {sizes}"

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


def _maps(name: str, array: Array) -> list[Heat]:
    """Of [samples, units] all samples; of what has more axes the first sample, one map for each point of the axes in front."""
    values = np.asarray(array, np.float64)
    if not values.size or values.ndim < 2:
        return []
    low, high = min(0.0, float(values.min())), max(float(values.max()), 0.0) or 1.0
    low = min(low, -high) if low < 0 else 0.0
    high = max(high, -low)
    one = values[None] if values.ndim == 2 else values[0].reshape(-1, *values.shape[-2:])
    across = "sample" if values.ndim == 2 else "point"
    titles = [name if len(one) == 1 else f"{name} · {k + 1}" for k in range(len(one))]
    return [Heat(t, m.T, Axis("unit"), Axis(across), low, high) for t, m in zip(titles, one[:_MAPS], strict=False)]


def declared(elaborated: Elaborated) -> tuple[str, ...]:
    """The equations that a spec declares as gates or attention."""
    paths = {v: n for n, v in elaborated.variables.items()}
    return tuple(dict.fromkeys(paths[e.target] for e in elaborated.equations if e.role and e.target in paths))
