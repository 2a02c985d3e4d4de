"""What is declared, and read by nothing."""

from __future__ import annotations

from typing import ClassVar

from netc.compiler.diagnostics.model import Diagnostic, Label, Problem, Severity
from netc.compiler.source.text import Span

_LISTED = 4  # of the parameters that lead nowhere


class ParameterUnread(Problem):
    """A parameter is declared, and no equation reads it.

    It is counted, drawn and saved, and training never moves it. Often it belongs to a line that was copied and kept its
    neighbour's name.

    Wrong:
        net N:
            input x: real[3]
            param Wi[2, 3], Wf[2, 3] init glorot
            i = sigmoid(Wi @ x)
            f = sigmoid(Wi @ x)
            output y = i * f
    Right:
        net N:
            input x: real[3]
            param Wi[2, 3], Wf[2, 3] init glorot
            i = sigmoid(Wi @ x)
            f = sigmoid(Wf @ x)
            output y = i * f
    """

    code = "W0222"
    severity: ClassVar[Severity] = Severity.WARNING
    name: str

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"the parameter `{self.name}` is never read", label="no equation reads it", help="read it where it is meant, or remove it"
        )


class LeadsNowhere(Problem):
    """Parameters are read, and what is computed of them leads to no loss, metric, output or state.

    They are counted, drawn and saved, and training never moves them: the way from them ends in an equation that nothing reads.

    Wrong:
        net N:
            input x: real[3]
            input y: class(2)
            param W[4, 3], V[2, 4], U[2, 3] init glorot
            h = tanh(W @ x)
            z = V @ h
            y ~ softmax(U @ x)
    Right:
        net N:
            input x: real[3]
            input y: class(2)
            param W[4, 3], V[2, 4], U[2, 3] init glorot
            h = tanh(W @ x)
            z = V @ h
            y ~ softmax(z + U @ x)
    """

    code = "W0224"
    severity: ClassVar[Severity] = Severity.WARNING
    name: str
    parameters: tuple[tuple[str, Span | None], ...]  # and where each is declared, but for those of the standard library
    by_itself: bool  # whether the equation is read by those alone that belong to it
    layer: str = ""  # whose equation this is, where no net applies it
    within: bool = False  # whether it is an equation, or an output, of a layer that the net applies

    def diagnose(self) -> Diagnostic:
        shown = [f"`{n}`" for n, _ in self.parameters[:_LISTED]]
        more = len(self.parameters) - len(shown)
        *most, last = (*shown, f"{more} more") if more else shown
        listed = f"the parameters {', '.join(most)} and {last} are" if most else f"the parameter {last} is"
        named = "" if self.layer or self.within else f", or say `output {self.name}`"
        where = f"no output of `{self.layer}`" if self.layer else "no loss, metric or output"
        return self.worded(
            f"`{self.name}` leads to {where}: {listed} never trained",
            label=f"nothing {'else ' if self.by_itself else ''}reads `{self.name}`",
            labels=tuple(Label(span, f"`{n}` leads here alone") for n, span in self.parameters if span is not None),
            help=f"read `{self.name}` where it is meant{named}, or remove it",
        )
