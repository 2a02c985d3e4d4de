"""Show data sources, their steps, and where their files are."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import click
from netc.compiler.source.text import Source, Span
from netc.runtime.cli.output import listing, table
from netc.runtime.data.place import Place, roots
from netc.runtime.data.resolve import signatures, usage_of
from netc.runtime.data.sources.mnist import FILES, located
from netc.runtime.data.steps import STEPS


@click.command()
@click.option("--json", "as_json", is_flag=True)
def command(as_json: bool) -> int:
    """Show data sources, their steps, and where their files are."""
    place = Place(Path.cwd(), Span(Source("command line", "data"), 0, 4), anywhere=True)
    sources = [(_usage(n, f, ("place", "seed")), _what(f)) for n, f in signatures().items()]
    steps = [(_usage(n, f, ("splits",)), _what(f)) for n, f in STEPS.items()]
    files = [(name, str(size), md5, str(located(name, place) or "not found")) for name, (size, md5) in FILES.items()]
    if as_json:
        document = {
            "sources": dict(sources), "steps": dict(steps), "looked in": [f"{t}: {p}" for t, p in roots(place)],
            "files": [{"name": n, "bytes": int(s), "md5": m, "found": w} for n, s, m, w in files],
        }  # fmt: skip
        click.echo(json.dumps(document, indent=2))
        return 0
    click.echo(listing({"sources": sources, "steps": steps}))
    click.echo(table(("mnist file", "bytes", "md5 unpacked", "where"), files, (1,), elastic=2))
    return 0


def _usage(name: str, function: object, hidden: tuple[str, ...]) -> str:
    parameters = inspect.signature(function).parameters  # type: ignore[arg-type]
    return usage_of(name, {k: p for k, p in parameters.items() if k not in hidden})


def _what(function: object) -> str:
    return (inspect.getdoc(function) or "").split("\n", 1)[0]
