"""Evaluate a run on a part of its data, or on other data."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from netc.runtime.backends.choose import choose
from netc.runtime.cli._backend import backend_options
from netc.runtime.cli.output import table
from netc.runtime.train.evaluation import evaluate, summary
from netc.runtime.train.folders import open_run
from netc.runtime.train.runs import data_of, settings_of, streams_of


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--data", help="Other data than the run was trained on.")
@click.option("--part", type=click.Choice(["train", "validation", "test"]), default="test", show_default=True)
@click.option("--confusions", is_flag=True, help="Show the whole table of observed against predicted classes.")
@backend_options
@click.option("--json", "as_json", is_flag=True)
def command(
    run: Path, data: str | None, part: str, confusions: bool, as_json: bool, backend: str, device: str, threads: int | None, strict: bool
) -> int:
    """Evaluate a run on a part of its data, or on other data."""
    net, facts, spec = open_run(run, backend=choose(backend, device, threads, strict))
    settings = settings_of(spec, facts["given"])
    splits = data_of(spec, settings, net, data or facts["data_argument"], facts["labels"])
    parts = splits.parts()
    if part not in parts:
        raise click.UsageError(f"The data has no {part} part; it has {', '.join(parts)}.")
    found = evaluate(net, parts[part], streams=streams_of(settings))
    labels = {f.name: f.labels for f in splits.train.fields}
    if as_json:
        document = {"run": str(run), "part": part, "size": found.size, "loss": found.loss, "metrics": found.metrics}
        if found.text is not None:
            document |= {"perplexity": found.perplexity, "bits": found.bits}
        document["confusions"] = {k: v.tolist() for k, v in found.confusions.items()}
        json.dump(document, sys.stdout, indent=2)
        click.echo()
        return 0
    click.echo(f"{spec.net} on {splits.name}, {part}: {summary(found, labels)}")
    if confusions:
        for name, counts in found.confusions.items():
            named = labels.get(name) or tuple(map(str, range(len(counts))))
            rows = [(named[k], *(str(n) if n else "·" for n in row)) for k, row in enumerate(counts)]
            click.echo(table((f"{name} ↓ predicted →", *named), rows, tuple(range(1, len(named) + 1))))
    return 0
