"""What passes through a net while a block of Python runs: `with net.trace("c1") as t: net(x)`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from netc.compiler.elaborate.model import Elaborated
from netc.runtime.model.initialise import Array


@dataclass(eq=False)
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

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


def declared(elaborated: Elaborated) -> tuple[str, ...]:
    """The equations that a spec declares as gates or attention."""
    paths = {v: n for n, v in elaborated.variables.items()}
    return tuple(dict.fromkeys(paths[e.target] for e in elaborated.equations if e.role and e.target in paths))
