"""Train a net of a spec."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import click
import netc
from netc.compiler.checking import training_problems
from netc.compiler.diagnostics.error import NetcError
from netc.compiler.diagnostics.problems.likelihood import NothingToTrain
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.settings import SETTINGS, Origin, TrainSettings, Weights, read_settings
from netc.compiler.source.text import typed
from netc.runtime.backends.choose import choose_for_long
from netc.runtime.cli._backend import backend_options
from netc.runtime.cli._nets import picked
from netc.runtime.cli._sizes import sizes
from netc.runtime.cli.output import show_problems, terminal_width
from netc.runtime.data.pipeline.resolve import unfit_replacement
from netc.runtime.train.evaluation import summary
from netc.runtime.train.folders import new_folder, setting_text, shown_settings, spec_of
from netc.runtime.train.progress import Live, Plain, Progress, clock
from netc.runtime.train.runs import Run, data_of, say_notes
from netc.runtime.train.weights import begin_with


@click.command()
@click.argument("file", required=False)
@click.option("--net", help="Which net, where the file has several.")
@click.option("--data", help="A data set (mnist, digits, ...) or a file in place of the spec's source; its steps stay.")
@click.option("--epochs", type=float, help="How often the training part is seen.")
@click.option("--steps", type=int, help="How many steps, in place of epochs.")
@click.option("--batch", type=int, help="How many samples a step takes.")
@click.option("--lr", help="The rate: a number or a schedule such as cosine(0.1, 0).")
@click.option("--seed", type=int, help="Of first values, the order of samples and all that is drawn.")
@click.option("--restarts", type=int, help="Train from this many seeds and keep the best.")
@click.option("--from", "origin", metavar="RUN", help="Begin with the weights of a run or of a safetensors file.")
@click.option("--freeze", multiple=True, metavar="PATTERN", help="Parameters that stay as they are.")
@click.option("--time-limit", type=float, metavar="SECONDS", help="Stop after so long, and save.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Any setting of a train block.")
@click.option("-D", "define", multiple=True, metavar="NAME=N", help="Set a size that the spec declares with `dim`.")
@backend_options
@click.option("--out", type=click.Path(path_type=Path), help="The run's folder (default: runs/NAME-DATE).")
@click.option("--resume", type=click.Path(path_type=Path), metavar="RUN", help="Go on with a run that was stopped.")
@click.option("--show-config", is_flag=True, help="Print every setting with its origin and stop.")
@click.option("--dry-run", is_flag=True, help="Check the spec, the settings and the data, and stop.")
@click.option("--plain", is_flag=True, help="Plain lines instead of the live bar.")
def command(
    file: str | None, net: str | None, data: str | None, define: tuple[str, ...], settings: tuple[str, ...], threads: int | None, **given: object
) -> int:  # fmt: skip
    """Train a net of a spec."""
    resume = given["resume"]
    if file is None and not isinstance(resume, Path):
        raise click.UsageError("Name a spec, or a run to go on with: `--resume RUN`.")
    spec = netc.load(file, sizes(define)) if file is not None else spec_of(str(resume))[0]
    spec = picked(spec, net)
    overrides = _overrides(settings, given)
    asked = Reporter()
    chosen = read_settings(spec.session.block("train", spec.net), overrides, asked, _environment())
    if data is not None:
        for problem in unfit_replacement(chosen.data, data):
            asked.report(problem)
    if given["origin"] is not None:
        chosen = _beginning(chosen, str(given["origin"]))
    if given["show_config"]:
        if asked.failed:
            raise NetcError(*asked.problems)
        shown = shown_settings(chosen)
        for name, entry in shown.items():
            click.echo(f"{name:<{max(map(len, shown))}}  {setting_text(entry['value'])}  ({entry['origin']})")
        return 0
    report = spec.check(chosen.batch)
    found = (*asked.problems, *training_problems(spec.session, spec.net, chosen))
    unfit = [p for p in found if p not in report.problems]  # asked for by `--set`
    told = [p for p in report.problems if not unfit or not isinstance(p, NothingToTrain)]  # as an error now
    show_problems((*told, *unfit), unchecked=report.unchecked)
    if not report.ok or unfit:
        return 1
    if given["dry_run"]:
        built = spec.build()
        begin_with(built, chosen, spec, _progress(True))
        splits = data_of(spec, chosen, built, data)
        click.echo(f"{spec.net}  {report.params:,} parameters · {splits.statement or splits.name} · ready to train")
        say_notes(_progress(True), splits, chosen)
        return 0
    progress = _progress(bool(given["plain"]))
    out = given["out"]
    folder = resume or out or new_folder(spec.net)
    assert isinstance(folder, Path)
    run = netc.train(
        spec, data=data, out=None if resume else folder, resume=folder if resume else None, progress=progress,
        backend=choose_for_long(str(given["backend"]), str(given["device"]), threads, bool(given["strict"])), settings=chosen,
    )  # fmt: skip
    return _finish(run, progress)


def _overrides(settings: tuple[str, ...], given: dict[str, object]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in settings:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise click.UsageError(f"`{text}` is no setting: write NAME=VALUE.")
        found[name.strip()] = value.strip()
    for name in ("epochs", "steps", "batch", "lr", "seed", "restarts", "time_limit"):
        if given[name] is not None:
            number = given[name]
            found[name] = f"{number:.15g}" if isinstance(number, float) else str(number)
    freeze = given["freeze"]
    if isinstance(freeze, tuple) and freeze:
        found["freeze"] = json.dumps(list(freeze))
    return found


def _environment() -> dict[str, str]:
    """`NETC_EPOCHS=3` sets what `--set epochs=3` does. `NETC_DATA` is the folder of the data, not a setting."""
    names = {f"NETC_{name.upper()}": name for name in (*SETTINGS, "lr") if name != "data"}
    return {names[k]: v for k, v in sorted(os.environ.items()) if k in names}


def _beginning(settings: TrainSettings, origin: str) -> TrainSettings:
    """`--from` in place of the file that the spec's `load` names; what `load` says of names stays."""
    span = typed("command line", origin)
    load = replace(settings.load, file=origin, span=span) if settings.load else Weights(origin, span)
    return replace(settings, load=load, origins={**settings.origins, "load": Origin("command line", span)})


def _progress(plain: bool) -> Progress:
    """Talk goes to standard error: a live bar on a terminal, plain lines elsewhere."""
    if plain or not sys.stderr.isatty():
        return Plain(_say)

    def raw(text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()

    return Live(raw, terminal_width())


def _say(line: str) -> None:
    """A line of talk. Where nobody reads it any more (`netc train ... | head`), the training goes on."""
    try:
        click.echo(line, err=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def _finish(run: Run, progress: Progress) -> int:
    outcome, folder = run.outcome, run.folder
    if outcome.reason == "interrupted":
        progress.say(f"interrupted: saved after step {outcome.position.step:,}")
        progress.say(f"go on with  netc train --resume {folder}")
        return 130
    why = "" if outcome.reason == "finished" else f" ({outcome.reason})"
    chosen = f" · best of {len(run.attempts)}: seed {run.winner.seed}" if run.winner is not None else ""
    best = f" · best epoch {outcome.position.best_epoch}" if outcome.position.best_epoch and run.data.validation is not None else ""
    pace = f" · {1000 * outcome.pace:,.{1 if outcome.pace < 0.1 else 0}f} ms a step" if outcome.pace else ""
    text = f"done in {clock(outcome.seconds)}{why}{pace}{chosen}{best}"
    if run.test is not None:
        text += f" · test {summary(run.test, run.labels)}"
    progress.say(text)
    progress.say(f"next  netc eval {folder}   ·   netc inspect {folder}   ·   netc predict {folder} FILE")
    return 0


