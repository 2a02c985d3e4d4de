"""Asserts that do not hold."""

from __future__ import annotations

from netc.compiler.diagnostics.model import Diagnostic, Problem


class AssertFailed(Problem):
    """An assert of the spec does not hold.

    Asserts prove a spec's numbers: parameters, shapes, connections, and values that depend on constants alone. The message
    shows both sides as computed. An assert over a length (`T <= context`) is checked when samples are given.

    Wrong:
        net N:
            input x: real[3]
            y = Dense(4)(x)
            assert params(y) == 12
    Right:
        net N:
            input x: real[3]
            y = Dense(4)(x)
            assert params(y) == 16
    """

    code = "E0801"
    text: str
    left: str = ""
    right: str = ""
    reason: str = ""
    sample: str = ""  # which sample, where the assert speaks of a length

    def diagnose(self) -> Diagnostic:
        found = f": {self.left} against {self.right}" if self.left else ""
        notes = tuple(n for n in (self.sample, self.reason) if n)
        ways = "give shorter or longer samples, or correct the spec" if self.sample else "correct the spec, or the number if the spec is right"
        return self.worded(
            f"`{self.text}` does not hold{found}", label=f"{self.left} against {self.right}" if self.left else "does not hold", notes=notes,
            help=ways,
        )  # fmt: skip


class AssertUndecided(Problem):
    """An assert depends on values that are known only when the net runs.

    Asserts are about sizes, counts and constants.

    Wrong:
        net N:
            input x: real[3]
            y = 2 * x
            assert sum(y) == 1
    Right:
        net N:
            input x: real[3]
            y = 2 * x
            assert shape(y) == [3]
    """

    code = "E0802"
    text: str
    depends: str

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"`{self.text}` depends on {self.depends}, which is known only when the net runs", label="cannot be decided here", help="assert sizes, counts, or values of constants"
        )


class SettingUnfit(Problem):
    """A layer of the library is given a setting that makes no sense: a share above 1, a step of 0.

    Sizes of what a layer is applied to are no settings: they follow from that.

    Wrong:
        net N:
            input x: real[8]
            y = x -> LayerNorm(8) -> Dropout(50)
    Right:
        net N:
            input x: real[8]
            y = x -> LayerNorm() -> Dropout(0.5)
    """

    code = "E0803"
    layer: str
    setting: str
    found: str
    reason: str

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"`{self.layer}` cannot have {self.found} as its `{self.setting}`", label=f"this is `{self.setting}`", help=self.reason
        )
