"""Show data sources, their steps, and where their files are."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import click
from netc.compiler.settings import sources as signatures
from netc.compiler.source.text import typed
from netc.runtime.cli.output import listing, table
from netc.runtime.data.formats.place import Place, roots
from netc.runtime.data.pipeline.resolve import SOURCES
from netc.runtime.data.pipeline.steps import STEPS
from netc.runtime.data.sources.mnist import FILES, located


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The same as JSON, for programs.")
def command(as_json: bool) -> int:
    """Show data sources, their steps, and where their files are."""
    place = Place(Path.cwd(), typed("command line", "data"), anywhere=True)
    sources = [(signatures.SOURCES[n].usage(n), _what(f)) for n, f in SOURCES.items()]
    steps = [(signatures.STEPS[n].usage(n), _what(f)) for n, f in STEPS.items()]
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


def _what(function: object) -> str:
    return (inspect.getdoc(function) or "").split("\n", 1)[0]
