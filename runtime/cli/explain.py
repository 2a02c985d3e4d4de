"""Explain an error code, or work out an equation of a spec or a run: FILE:NAME."""

from __future__ import annotations

import json
from pathlib import Path

import click
import netc
from netc.compiler.diagnostics.catalogue import catalogue, explanation
from netc.compiler.diagnostics.suggest import suggest
from netc.runtime.cli.check import lengths_of, sizes


@click.command()
@click.argument("what", metavar="CODE | FILE:NAME | RUN:NAME")
@click.option("--net", help="Which net, where several have the name.")
@click.option("--latex", is_flag=True, help="Only the LaTeX.")
@click.option("--json", "as_json", is_flag=True, help="The same as JSON, for programs.")
@click.option("--length", multiple=True, metavar="T=N", help="At which length of the samples to count (default 50).")
@click.option("-D", "define", multiple=True, metavar="NAME=N", help="Set a size that the spec declares with `dim`.")
def command(what: str, net: str | None, latex: bool, as_json: bool, length: tuple[str, ...], define: tuple[str, ...]) -> int:
    """Explain an error code with a wrong and a right example, or work out an equation of a spec or of a run.

    `netc explain lenet5.net:c3` shows the equations behind a name, the sizes of all that they read, how each count arises, the
    connection table, the gradient and LaTeX. NAME is an equation, an input, a parameter, or a layer by its path: c3.Conv.
    """
    file, colon, name = what.rpartition(":")
    if colon and (Path(file).exists() or "." in file or "/" in file):
        return _worked_out(file, name, net, latex, as_json, length, define)
    if Path(what).is_file() or (Path(what) / "run.json").is_file():
        names = f" `netc check {what}` lists the names." if Path(what).is_file() else ""
        raise click.UsageError(f"Name what to explain behind a colon: {what}:NAME.{names}")
    known = catalogue()
    found = known.get(what.upper().strip("[]"))
    if found is None:
        guess = suggest(what.upper(), known)
        hint = f" Did you mean {guess}?" if guess else ""
        raise click.UsageError(f"There is no code `{what}`.{hint} Codes stand in brackets behind `error`, such as E0307.")
    click.echo(explanation(found))
    return 0


def _worked_out(
    file: str, name: str, net: str | None, latex: bool, as_json: bool, length: tuple[str, ...], define: tuple[str, ...]
) -> int:  # fmt: skip
    spec = _spec_of_run(file, define) if Path(file).is_dir() else netc.load(file, sizes(define))
    spec = spec[net] if net else spec
    spec.check()
    spec.raise_errors()
    found = spec.explain(name, lengths_of(length, [spec[n] for n in spec.nets]) if length else None)
    if as_json:
        click.echo(json.dumps(found.to_dict(), indent=2, ensure_ascii=False))
    elif latex:
        click.echo("\n".join(found.latex))
    else:
        click.echo(str(found), nl=False)
    return 0


def _spec_of_run(folder: str, define: tuple[str, ...]) -> netc.Spec:
    """The spec that a run was trained with, at its sizes."""
    from netc.runtime.train.folders import spec_of  # a spec is explained without NumPy

    if define:
        raise click.UsageError(f"`-D` sets sizes of a spec; those of the run `{folder}` are settled.")
    return spec_of(folder)[0]
