"""Show the words whose vectors are nearest to a word's, or to where an analogy leads."""

from __future__ import annotations

import json
from pathlib import Path

import click
from netc.runtime.model.nearest import nearest
from netc.runtime.train.folders import open_run


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("words", nargs=-1, required=True)
@click.option("--count", type=click.IntRange(1), default=8, show_default=True, help="How many are shown.")
@click.option("--table", metavar="PARAMETER", help="Which parameter holds the vectors, where there are several.")
@click.option("--checkpoint", type=click.Choice(["best", "last"]), default="best", show_default=True, help="Whose parameters are taken.")
@click.option("--json", "as_json", is_flag=True, help="The same as JSON, for programs.")
def command(run: Path, words: tuple[str, ...], count: int, table: str | None, checkpoint: str, as_json: bool) -> int:
    """Show the words whose vectors are nearest to a word's, by cosine: `netc nearest RUN king "king - man + woman"`."""
    net, _, _ = open_run(run, checkpoint)
    found = {word: nearest(net, word, count, table) for word in words}
    if as_json:
        click.echo(json.dumps({"run": str(run), "net": net.name, "nearest": found}, indent=2, ensure_ascii=False))
        return 0
    width = max(map(len, words))
    for word, others in found.items():
        click.echo(f"{word:<{width}}  →  " + " · ".join(f"{symbol} {likeness:.2f}" for symbol, likeness in others))
    return 0
