"""Which backend runs a net, and why."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from netc.compiler.diagnostics.error import MissingError, NetcError
from netc.compiler.diagnostics.problems.environment import BackendUnknown, DeviceUnfit, DeviceUnknown, GpuAbsent
from netc.compiler.source.text import typed
from netc.runtime.backends.backend import Backend

# A backend is a folder here; its name is what `--backend` takes.
BACKENDS = tuple(sorted(p.parent.name for p in Path(__file__).parent.glob("*/__init__.py")))
DEVICES = ("cpu", "gpu")


@dataclass(frozen=True)
class Choice:
    """A backend, the device it runs on, and the reason in a few words."""

    backend: Backend
    device: str
    why: str

    def __str__(self) -> str:
        return f"{self.device}, {self.backend.name} ({self.why})"


def choose(backend: str = "auto", device: str = "auto", threads: int | None = None, strict: bool = False) -> Choice:
    """The backend for what the caller asks. `auto` takes a GPU where CuPy finds one, else NumPy on the processor.

    `threads` and `strict` are for `native`. Raises NetcError for unknown names, MissingError where a GPU or a compiler is asked for that is
    not there.
    """
    if backend not in ("auto", *BACKENDS):
        raise NetcError(BackendUnknown(typed("backend or device", backend), backend, BACKENDS))
    if device not in ("auto", *DEVICES):
        raise NetcError(DeviceUnknown(typed("backend or device", device), device))
    if (backend, device) in (("cupy", "cpu"), ("numpy", "gpu"), ("native", "gpu")):
        raise NetcError(DeviceUnfit(typed("backend or device", device), backend, device))
    if backend == "native":
        return _native(threads, strict, forgiving=False)
    if backend == "numpy" or device == "cpu":
        return _processor("as asked")
    asked = backend == "cupy" or device == "gpu"
    if not asked and find_spec("cupy") is None:
        return _processor("CuPy is not installed")
    from netc.runtime.backends.cupy import CupyBackend, available

    reason = available()
    if reason is None:
        return Choice(CupyBackend(), "gpu", "as asked" if asked else "a GPU was found")
    if asked:
        raise MissingError(GpuAbsent(typed("backend or device", backend if backend == "cupy" else device), reason))
    return _processor(reason)


def choose_for_long(backend: str = "auto", device: str = "auto", threads: int | None = None, strict: bool = False) -> Choice:
    """As `choose`, for work that lasts: `auto` on the processor compiles where a compiler is found, and else says why not."""
    found = choose(backend, device, threads, strict)
    if backend != "auto" or found.backend.name != "numpy":
        return found
    try:
        return _native(threads, strict, forgiving=True)
    except MissingError:
        return _processor("no C compiler works: `netc doctor` says why")


def _native(threads: int | None, strict: bool, forgiving: bool) -> Choice:
    from netc.runtime.backends.native import NativeBackend  # imported when asked for: it looks for a compiler

    backend = NativeBackend(threads, forgiving, strict)
    return Choice(backend, "cpu", f"{backend.compiler}, {backend.threads} thread{'s' if backend.threads > 1 else ''}{', strict' if strict else ''}")


def _processor(why: str) -> Choice:
    from netc.runtime.backends.numpy import NumpyBackend

    return Choice(NumpyBackend(), "cpu", why)
