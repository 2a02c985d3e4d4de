"""What is declared, and read by nothing."""

from __future__ import annotations

from typing import ClassVar

from netc.compiler.diagnostics.model import Diagnostic, Problem, Severity


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
