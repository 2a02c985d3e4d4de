"""Explain an error code, list them all, or work out an equation of a spec or a run: FILE:NAME."""

from __future__ import annotations

import json
from pathlib import Path

import click
import netc
from netc.compiler.diagnostics.catalogue import catalogue, examples, explanation, title, topics
from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.suggest import suggest
from netc.runtime.cli._nets import picked
from netc.runtime.cli._sizes import lengths_of, sizes
from netc.runtime.cli.output import fitting

_WORD = 3  # a shorter one stands in too many
_MOST = 8  # codes that are named for a word


@click.command()
@click.argument("what", required=False, metavar="CODE | FILE:NAME | RUN:NAME")
@click.option("--net", help="Which net, where several have the name.")
@click.option("--latex", is_flag=True, help="Only the LaTeX.")
@click.option("--json", "as_json", is_flag=True, help="The same as JSON, for programs.")
@click.option("--length", multiple=True, metavar="T=N", help="At which length of the samples to count (default 50).")
@click.option("-D", "define", multiple=True, metavar="NAME=N", help="Set a size that the spec declares with `dim`.")
def command(what: str | None, net: str | None, latex: bool, as_json: bool, length: tuple[str, ...], define: tuple[str, ...]) -> int:
    """Explain an error code with a wrong and a right example, or work out an equation of a spec or of a run.

    Without an argument all codes are listed, each with a line.

    `netc explain lenet5.net:c3` shows the equations behind a name, the sizes of all that they read, how each count arises, the
    connection table, the gradient and LaTeX. NAME is an equation, an input, a parameter, or a layer by its path: c3.Conv.
    """
    if what is None:
        click.echo(json.dumps(_all_codes(), indent=2, ensure_ascii=False) if as_json else _shown_codes())
        return 0
    file, colon, name = what.rpartition(":")
    if colon and (Path(file).exists() or "." in file or "/" in file):
        return _worked_out(file, name, net, latex, as_json, length, define)
    if Path(what).is_file() or (Path(what) / "run.json").is_file():
        names = f" `netc check {what}` lists the names." if Path(what).is_file() else ""
        raise click.UsageError(f"Name what to explain behind a colon: {what}:NAME.{names}")
    known = catalogue()
    found = known.get(what.upper().strip("[]"))
    if found is None:
        raise click.UsageError(f"There is no code `{what}`. {_meant(what, known)}")
    click.echo(json.dumps(_as_data(found), indent=2, ensure_ascii=False) if as_json else explanation(found))
    return 0


def _as_data(problem: type[Problem]) -> dict[str, str | None]:
    example = examples(problem)
    text = explanation(problem).split("\n\n", 1)[1].partition("Wrong:\n")[0].strip()
    return {"code": problem.code, "severity": problem.severity.value, "text": text, "wrong": example.wrong, "right": example.right}


def _all_codes() -> list[dict[str, str]]:
    return [
        {"code": p.code, "severity": p.severity.value, "about": about, "title": title(p)} for about, found in topics().items() for p in found
    ]  # fmt: skip


def _shown_codes() -> str:
    """All codes by what they are about; on a terminal wrapped to its width."""
    parts = [
        "\n".join([fitting(about, 2), *(fitting(f"  {p.code:<5}  {title(p)}", 9) for p in found)]) for about, found in topics().items()
    ]  # fmt: skip
    return "\n\n".join([*parts, fitting("`netc explain CODE` says more, with a wrong and a right example.", 2)])


def _meant(what: str, known: dict[str, type[Problem]]) -> str:
    """What there is instead of a code that does not exist: one nearly so, or those that speak of the word."""
    guess = suggest(what.upper(), known)
    if guess is not None:
        return f"Did you mean {guess}: {title(known[guess])} All of them: `netc explain`."
    speak = [code for code, problem in known.items() if what.lower() in explanation(problem).lower()] if len(what) >= _WORD else []
    if speak:
        more = f" and {len(speak) - _MOST} more" if len(speak) > _MOST else ""
        return f"Of `{what}` speak {', '.join(speak[:_MOST])}{more}. All codes: `netc explain`."
    return "`netc explain` lists all codes; they stand in brackets behind `error`, such as E0307."


def _worked_out(
    file: str, name: str, net: str | None, latex: bool, as_json: bool, length: tuple[str, ...], define: tuple[str, ...]
) -> int:  # fmt: skip
    spec = _spec_of_run(file, define) if Path(file).is_dir() else netc.load(file, sizes(define))
    spec = picked(spec, net)
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
