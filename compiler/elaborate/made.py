"""What one application of a layer made, kept so that it can be copied."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from netc.compiler.elaborate.model import Applied, Equation
from netc.compiler.elaborate.values import Array, Outputs, Value
from netc.compiler.statements.expressions import Affine, Kind, Read, Variable, reads


@dataclass(frozen=True, eq=False)
class Made:
    """Variables and equations under one path, for these arguments."""

    path: str
    row: str
    arguments: tuple[Variable, ...]
    variables: tuple[Variable, ...]
    equations: tuple[Equation, ...]
    updates: tuple[tuple[Variable, Variable], ...]
    layers: tuple[Applied, ...]
    result: Value

    @property
    def results(self) -> dict[str, Value]:
        """The outputs by name; one alone has none."""
        return self.result.values if isinstance(self.result, Outputs) else {"": self.result}

    @cached_property
    def alone(self) -> bool:
        """Whether it has nothing to do with anything but its arguments and constants."""
        own = {*self.variables, *self.arguments}
        kept = all(v.name.startswith(f"{self.path}.") and not any(r.variable in own for r in _rules(v)) for v in self.variables)
        given = all(isinstance(value, Array) and value.variable in own for value in self.results.values())
        written = all(e.target in own and e.target not in self.arguments for e in self.equations)
        affine = all(isinstance(p, Affine) for e in self.equations for p in e.place)
        read = {r.variable for e in self.equations for r in e.reads} - own
        return kept and given and written and affine and all(v.kind is Kind.CONSTANT for v in read)


def _rules(variable: Variable) -> Iterator[Read]:
    """What a first value and a support read."""
    if variable.support is not None:
        yield from reads(variable.support.condition)
    if variable.init is not None and variable.init.expression is not None:
        yield from reads(variable.init.expression)
