"""`%%net`: a cell of a notebook that holds a spec. `%load_ext netc` makes it known."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import Any

from netc.compiler.session import Session
from netc.runtime.model.files import reader
from netc.runtime.model.spec import Spec

_HELP = "%%net [NAME] [-D SIZE=N ...]: the spec in the cell becomes the variable NAME (default: spec), and is checked and drawn."


class LineError(ValueError):
    """What stands behind `%%net` is not understood."""

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the message alone."""
        return [str(self)]


def load_ipython_extension(shell: Any) -> None:
    """Make `%%net` known to a notebook or an IPython prompt: `%load_ext netc`."""

    def net(line: str, cell: str) -> Spec:
        name, dims = _read(line)
        found = made(cell, dims)
        shell.user_ns[name] = found
        return found

    net.__doc__ = _HELP
    shell.register_magic_function(net, "cell", "net")


def made(text: str, dims: dict[str, int] | None = None) -> Spec:
    """The spec of a cell; what it uses is read below the notebook's folder. Raises NetcError with what is wrong in it."""
    folder = Path.cwd()
    read = reader(folder)
    spec = Spec(Session("cell", text.encode("utf-8"), read, dims or {}), read, folder)
    for name in spec.nets or (spec.net,):
        spec[name].check()
    spec.raise_errors()
    return spec


def _read(line: str) -> tuple[str, dict[str, int]]:
    """The name and the sizes behind `%%net`. Raises LineError for anything else."""
    parser = argparse.ArgumentParser("%%net", add_help=False, exit_on_error=False)
    parser.add_argument("name", nargs="?", default="spec")
    parser.add_argument("-D", dest="define", action="append", default=[])
    try:
        given, rest = parser.parse_known_args(shlex.split(line))
        dims = {n: int(v) for n, _, v in (d.partition("=") for d in given.define)}
    except (argparse.ArgumentError, ValueError):
        raise LineError(f"`%%net {line}` is not understood\n{_HELP}") from None
    if rest or not str(given.name).isidentifier():
        raise LineError(f"`%%net {line}` is not understood\n{_HELP}")
    return given.name, dims
