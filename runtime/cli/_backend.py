"""The options that say on what a net runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
from netc.runtime.backends.choose import BACKENDS

Command = Callable[..., Any]


def native_options(command: Command) -> Command:
    """`--threads` and `--strict`."""
    strict = "For the backend native: every operation as written, and the C library's functions."
    threads = "For the backend native (default: as many as have enough to do)."
    command = click.option("--strict", is_flag=True, envvar="NETC_STRICT", show_envvar=True, help=strict)(command)
    return click.option("--threads", type=click.IntRange(1), envvar="NETC_THREADS", show_envvar=True, help=threads)(command)


def backend_options(command: Command) -> Command:
    """`--device`, `--backend`, `--threads` and `--strict`."""
    command = native_options(command)
    for option in (
        click.option("--backend", type=click.Choice(["auto", *BACKENDS]), default="auto", envvar="NETC_BACKEND", show_envvar=True, help="What computes."),
        click.option("--device", type=click.Choice(["auto", "cpu", "gpu"]), default="auto", envvar="NETC_DEVICE", show_envvar=True, help="Where it computes."),
    ):
        command = option(command)
    return command
