"""Show versions, backends and where netc looks for things."""

from __future__ import annotations

import json
import os
import platform
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version

import click
from netc.runtime.backends.choose import choose, choose_for_long
from netc.runtime.backends.cupy import available
from netc.runtime.backends.native import cache, toolchain
from netc.runtime.backends.native.toolchain import Toolchain


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The same as JSON, for programs.")
def command(as_json: bool) -> int:
    """Show versions, backends and where netc looks for things."""
    import platformdirs

    facts = {
        "netc": version("netc"),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        **{name: _version(name) for name in ("numpy", "lark", "click", "safetensors", "pillow")},
        "cupy": _version("cupy-cuda13x", "cupy-cuda12x", "cupy"),
        "backend numpy": "ready",
        "backend cupy": available() or "ready",
        "backend native": "ready" if isinstance(toolchain.find(), Toolchain) else "no C compiler works",
        "--device auto": str(choose()),
        "netc train": str(choose_for_long()),
        "C compiler": str(toolchain.find()),
        "threads": toolchain.threads(),
        "compiled steps": f"{cache.folder()}, {cache.size() / 1e6:.1f} MB",
        "cache": platformdirs.user_cache_dir("netc"),
        "NETC_DATA": os.environ.get("NETC_DATA", "not set"),
    }
    if as_json:
        click.echo(json.dumps(facts, indent=2))
    else:
        for name, value in facts.items():
            click.echo(f"{name:<15} {value}")
    return 0


def _version(*names: str) -> str:
    """Of the first of these distributions that is installed."""
    for name in names:
        with suppress(PackageNotFoundError):
            return version(name)
    return "not installed"
