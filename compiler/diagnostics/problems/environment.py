"""Something that the machine would need to have."""

from __future__ import annotations

from dataclasses import dataclass

from netc.compiler.diagnostics.model import Diagnostic, Problem


@dataclass(frozen=True)
class GpuAbsent(Problem):
    """A GPU was asked for and cannot be used.

    Nets run on a GPU through CuPy: `pip install "netc[cuda12]"` (or `cuda13`), with an NVIDIA driver on the machine.
    """

    code = "R402"
    reason: str

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"the GPU cannot be used: {self.reason}", help='install `pip install "netc[cuda12]"` on a machine with an NVIDIA GPU, or use `--device cpu`'
        )


@dataclass(frozen=True)
class BackendUnknown(Problem):
    """A backend was asked for that netc does not have."""

    code = "R403"
    name: str

    def diagnose(self) -> Diagnostic:
        return self.worded(f"there is no backend `{self.name}`", help="the backends are `numpy` and `cupy`")


@dataclass(frozen=True)
class ExtraAbsent(Problem):
    """A package is needed that an extra of netc installs."""

    code = "R404"
    package: str
    extra: str
    purpose: str

    def diagnose(self) -> Diagnostic:
        return self.worded(f"{self.purpose} needs the package {self.package}", help=f'pip install "netc[{self.extra}]"')
