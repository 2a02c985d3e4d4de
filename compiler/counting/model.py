"""What `check` reports."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from netc.compiler.diagnostics.model import Problem, Severity
from netc.compiler.source.text import Span


@dataclass(frozen=True)
class ReportRow:
    """One line of the table: an input, an equation, a likelihood. A count is None where the row has none."""

    name: str
    what: str  # `conv 5×5, table 60/96`
    output: str  # the sizes of one sample's values: `16×10×10`
    params: int | None
    connections: int | None  # data values that units read, and their biases (LeCun et al. 1998, section II.B)
    macs: int | None  # multiply-adds of one sample's forward pass
    line: int  # of the spec, from 1


@dataclass(frozen=True)
class Memory:
    """Bytes: of the weights, and of a training step at this batch size (weights, gradients, optimiser, values).

    `planned` says that a plan was made; else the values are estimated from the sizes of the equations.
    """

    weights: int
    training: int
    batch: int
    planned: bool = False


@dataclass(frozen=True)
class Report:
    """What is known of a net without running it. Counts are those of one sample; numbers that are learned are counted once.

    Of a file without a net, `net` is empty, the rows are the layers, functions and tables that it declares, and counts say nothing.
    """

    net: str
    rows: tuple[ReportRow, ...] = ()
    params: int = 0  # numbers that training changes
    connections: int = 0
    macs: int = 0  # multiply-adds
    memory: Memory = Memory(0, 0, 0)
    problems: tuple[Problem, ...] = ()
    lengths: dict[str, int] = field(default_factory=dict)  # the lengths at which connections and memory are counted
    partial: bool = False  # whether statements could not be read: the counts are of the others
    loss: bool = True  # whether there is one; else nothing can be trained
    alone: tuple[str, ...] = ()  # layers and functions that no net applies: they are checked by themselves
    unchecked: tuple[Span, ...] = ()  # equations that could not be checked because of the problems of others

    @property
    def ok(self) -> bool:
        """Whether there is no error."""
        return not any(p.severity is Severity.ERROR for p in self.problems)

    def to_dict(self) -> dict[str, Any]:
        """What `--json` prints."""
        from netc.compiler.diagnostics.render.json import to_dict

        memory = {"weights": self.memory.weights, "training": self.memory.training, "batch": self.memory.batch, "planned": self.memory.planned}
        return {
            "ok": self.ok,
            "net": self.net,
            "params": self.params if self.net else None,
            "connections": self.connections if self.net else None,
            "macs": self.macs if self.net else None,
            "lengths": self.lengths,
            "memory": memory if self.net else None,
            "rows": [
                {"name": r.name, "what": r.what, "output": r.output, "params": r.params, "connections": r.connections, "macs": r.macs, "line": r.line}
                for r in self.rows
            ],
            "partial": self.partial,
            "loss": self.loss,
            "alone": list(self.alone),
            "unchecked": [s.line for s in self.unchecked],
            "problems": [to_dict(p) for p in self.problems],
        }
