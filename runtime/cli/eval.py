"""Evaluate a run on a part of its data, or on other data."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np
from netc.compiler.diagnostics.render.text import width_of
from netc.runtime.backends.choose import choose
from netc.runtime.cli._backend import backend_options
from netc.runtime.cli.output import fitting, table, terminal_width
from netc.runtime.data.fields.model import Array, Dataset
from netc.runtime.data.fields.vocabulary import unknown_in, unknown_text
from netc.runtime.train.answers import asked
from netc.runtime.train.confusions import MOST, called
from netc.runtime.train.evaluation import evaluate, summary
from netc.runtime.train.folders import open_run
from netc.runtime.train.runs import data_of, settings_of, streams_of

_PAGE = 160  # columns of a table that is written to a file
_NONE = f"no confusions: the net guesses no class input of at most {MOST:,} classes that it does not read itself"


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--data", help="Other data than the run was trained on.")
@click.option("--part", type=click.Choice(["all", "train", "validation", "test"]), help="What of the data is judged (default: test).")
@click.option("--confusions", is_flag=True, help="Show the whole table of observed against predicted classes.")
@backend_options
@click.option("--json", "as_json", is_flag=True, help="The same as JSON, for programs.")
def command(
    run: Path, data: str | None, part: str | None, confusions: bool, as_json: bool, backend: str, device: str, threads: int | None, strict: bool
) -> int:
    """Evaluate a run on a part of its data, or on other data."""
    net, facts, spec = open_run(run, backend=choose(backend, device, threads, strict))
    settings = settings_of(spec, facts["given"])
    splits = data_of(spec, settings, net, data or facts["data_argument"], facts["labels"], facts["data_argument"] if data else None)
    name = part or "test"
    judged = splits.judged(name)
    if not judged:
        raise click.UsageError(f"The data has no {name} part; it has {', '.join(splits.parts())}. `--part all` judges all of it.")
    found = evaluate(net, judged, streams=streams_of(settings))
    labels = {f.name: f.labels for f in splits.train.fields}
    read = {v.name for v in asked(net)}
    unknown = {f.name: pair for f in splits.train.fields if f.name in read and (pair := _unknown(judged, f.name))[0]}
    if as_json:
        document = {"run": str(run), "part": name, "size": found.size, "of": splits.size, "loss": found.loss, "metrics": found.metrics}
        if found.text is not None:
            document |= {"perplexity": found.perplexity, "bits": found.bits}
        document["confusions"] = {k: v.tolist() for k, v in found.confusions.items()}
        document["unknown"] = {field: {"count": n, "of": of} for field, (n, of) in unknown.items()}
        document["classes"] = {k: [called(c, labels.get(k)) for c in range(len(v))] for k, v in found.confusions.items()}
        json.dump(document, sys.stdout, indent=2)
        click.echo()
        return 0
    for note in splits.notes:
        click.echo(f"note: {note}", err=True)
    if data and part is None and found.size < splits.size:
        click.echo(f"note: `{data}` was parted, and only its test part is judged: `--part all` judges all {splits.size:,} samples", err=True)
    told = "".join(f" · {unknown_text(n, of, labels[field] or ())}" for field, (n, of) in unknown.items())
    share = f"all {found.size:,} samples" if name == "all" else f"{name} part ({found.size:,} of {splits.size:,} samples)"
    click.echo(f"{spec.net} on {splits.name}, {share}: {summary(found, labels)}{told}")
    if confusions:
        for field, counts in found.confusions.items():
            click.echo(_confused(field, counts, labels.get(field)))
        if not found.confusions:
            click.echo(_NONE, err=True)
    return 0


def _unknown(judged: Sequence[Dataset], name: str) -> tuple[int, int]:
    """How many symbols of a field are `<unk>`, and of how many, in all that is judged."""
    counted = [unknown_in(f.values, f.labels) for one in judged for f in one.fields if f.name == name]
    return sum(n for n, _ in counted), sum(of for _, of in counted)


def _confused(name: str, counts: Array, labels: tuple[str, ...] | None) -> str:
    """The whole table; where it is wider than the terminal, or than a page, a line for each class that was observed."""
    named = [called(k, labels) for k in range(len(counts))]
    rows = [(named[k], *(str(n) if n else "·" for n in row)) for k, row in enumerate(counts)]
    shown = table((f"{name} ↓ predicted →", *named), rows, tuple(range(1, len(named) + 1)))
    if max(width_of(line) for line in shown.split("\n")) <= (terminal_width() if sys.stdout.isatty() else _PAGE):
        return shown
    lines = []
    for k in np.flatnonzero(counts.sum(1)):
        wrong = [j for j in np.argsort(-counts[k], kind="stable") if counts[k, j] and j != k]
        taken = f", taken for {', '.join(f'{named[j]} {counts[k, j]:,}' for j in wrong)}" if wrong else ""
        lines.append(fitting(f" {named[k]}: {counts[k, k]:,} of {counts[k].sum():,}{taken}", 4))
    return "\n".join([f" {name}: rightly predicted, and what else it was taken for", *lines])
