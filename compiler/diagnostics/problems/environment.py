"""Something that the machine would need to have."""

from __future__ import annotations

from netc.compiler.diagnostics.model import Diagnostic, Problem


class GpuAbsent(Problem):
    """A GPU was asked for and cannot be used.

    Nets run on a GPU through CuPy: `pip install "netc[cuda12]"` (or `cuda13`), with an NVIDIA driver on the machine.
    """

    code = "R402"
    reason: str

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"the GPU cannot be used: {self.reason}",
            help='it takes an NVIDIA GPU with its driver, and `pip install "netc[cuda12]"` (or `cuda13`); `--device cpu` needs neither',
        )


class BackendUnknown(Problem):
    """A backend was asked for that netc does not have."""

    code = "R403"
    name: str
    known: tuple[str, ...]

    def diagnose(self) -> Diagnostic:
        return self.worded(f"there is no backend `{self.name}`", help=f"the backends are {', '.join(f'`{k}`' for k in self.known)}")


class DeviceUnknown(Problem):
    """A device was asked for that netc does not know. It knows `cpu`, `gpu` and `auto`, which takes what it finds."""

    code = "R405"
    name: str

    def diagnose(self) -> Diagnostic:
        return self.worded(f"there is no device `{self.name}`", help="the devices are `cpu`, `gpu` and `auto`")


class DeviceUnfit(Problem):
    """A backend and a device were asked for that do not go together: `numpy` runs on the processor, `cupy` on the GPU."""

    code = "R406"
    backend: str
    device: str

    def diagnose(self) -> Diagnostic:
        return self.worded(f"the backend `{self.backend}` does not run on the device `{self.device}`", help="leave one of the two to `auto`")


class ExtraAbsent(Problem):
    """A package is needed that an extra of netc installs."""

    code = "R404"
    package: str
    extra: str
    purpose: str

    def diagnose(self) -> Diagnostic:
        return self.worded(f"{self.purpose} needs the package {self.package}", help=f'pip install "netc[{self.extra}]"')


class CompilerAbsent(Problem):
    """Native code was asked for and there is no C compiler that works.

    A net becomes one C file. netc takes the compiler that $CC names, else `cc`, `gcc` or `clang`, else the one in the package
    ziglang: `pip install "netc[native]"`. Without one, nets run on NumPy.
    """

    code = "R420"
    reason: str

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"there is no C compiler that works: {self.reason}",
            help='install one, or `pip install "netc[native]"`; `--backend numpy` needs none',
        )


class CompilerFails(Problem):
    """The C compiler refused the text of a step, crashed or took too long. The first line of its complaint is shown."""

    code = "R419"
    reason: str

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"the C compiler failed: {self.reason}",
            help="try another one by $CC, or `--backend numpy`; `netc doctor` shows what was found",
        )
