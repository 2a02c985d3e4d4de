"""List and compare runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from netc.compiler.diagnostics.problems.checkpoints import CheckpointDamaged
from netc.compiler.source.text import typed
from netc.runtime.cli.output import show_problems, table

_COMMON = ("size", "loss", "error", "perplexity")  # of a report; the rest are the net's own metrics


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("runs"))
@click.option("--json", "as_json", is_flag=True, help="The same as JSON, for programs.")
def command(folder: Path, as_json: bool) -> int:
    """List and compare the runs below a folder (default: runs)."""
    if folder != Path("runs") and not folder.is_dir():
        raise click.UsageError(f"There is no folder `{folder}`.")
    found, damaged = [], []
    for file in sorted(folder.glob("*/run.json")):
        try:
            found.append(_facts(file.parent))
        except (ValueError, KeyError, TypeError, OSError) as error:
            span = typed("command line", str(file))
            damaged.append(CheckpointDamaged(span, str(file), f"not as netc writes it ({error})"))
    show_problems(damaged)
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return 1 if damaged else 0
    if not found:
        click.echo(f"no runs below `{folder}`", err=True)
        return 1 if damaged else 0
    own = tuple(dict.fromkeys(name for f in found for name in f["metrics"]))  # what some spec calls `metric`
    rows = [
        (
            f["run"], f["net"], f["data"], f["optimizer"], str(f["epochs"]), _number(f["loss"]), _share(f["error"]),
            *(_number(f["metrics"].get(name)) for name in own), f["reason"],
        ) for f in found
    ]  # fmt: skip
    header = ("run", "net", "data", "optimizer", "epochs", "test loss", "test error", *own, "ended")
    click.echo(table(header, rows, (4, 5, 6, *range(7, 7 + len(own))), elastic=3))
    return 1 if damaged else 0


def _facts(folder: Path) -> dict[str, Any]:
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    report_file = folder / "report.json"
    report = json.loads(report_file.read_text(encoding="utf-8")) if report_file.exists() else {}
    test = report.get("test", {})
    return {
        "run": str(folder), "net": run["net"], "data": run["data"], "optimizer": run["settings"]["optimizer"]["value"],
        "epochs": report.get("epochs", "–"), "loss": test.get("loss"), "error": test.get("error"),
        "metrics": {name: value for name, value in test.items() if name not in _COMMON},
        "reason": report.get("reason", "not finished"), "seconds": report.get("seconds"),
    }  # fmt: skip


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.2f}%"
