"""Compare every equation's gradient with central differences."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click
import netc
from netc.runtime.backends.choose import choose
from netc.runtime.cli._backend import backend_options
from netc.runtime.cli._nets import picked
from netc.runtime.cli._sizes import sizes
from netc.runtime.cli.output import table
from netc.runtime.model.gradcheck import Checked

_WORST = 12  # parameters that are shown; `--json` has all


@click.command()
@click.argument("file")
@click.option("--net", help="Which net, where the file has several.")
@click.option("--tol", type=float, default=1e-6, show_default=True, help="The largest relative error that passes.")
@click.option("--batch", type=click.IntRange(1), default=2, show_default=True, help="How many samples.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of parameters, inputs and directions.")
@click.option("-D", "define", multiple=True, metavar="NAME=N", help="Set a size that the spec declares with `dim`.")
@backend_options
@click.option("--json", "as_json", is_flag=True, help="The same as JSON, for programs.")
def command(
    file: str, net: str | None, tol: float, batch: int, seed: int, define: tuple[str, ...], as_json: bool,
    backend: str, device: str, threads: int | None, strict: bool,
) -> int:  # fmt: skip
    """Compare every equation's gradient with central differences, those within layers too, and the loss along each parameter."""
    spec = netc.load(file, sizes(define))
    names = (picked(spec, net).net,) if net else spec.nets or (spec.net,)
    failed = False
    documents = []
    for name in names:
        report = netc.gradcheck(spec[name], batch=batch, seed=seed, backend=choose(backend, device, threads, strict), parts=True)
        failed = failed or not report.worst <= tol
        groups = {"equation": report.rows, "within layers": report.inside, "parameter alone": report.parameters}
        documents.append(
            {
                "net": name, "worst": report.worst, "rows": {r.name: r.error for r in report.rows},
                "inside": {r.name: r.error for r in report.inside}, "parameters": {r.name: r.error for r in report.parameters},
            }
        )  # fmt: skip
        if not as_json:
            parts = [_shown(kind, checked, tol, _WORST if checked is report.parameters else None) for kind, checked in groups.items() if checked]
            click.echo("\n\n".join([f"{file}  net {name}", *parts]) + f"\n worst {report.worst:.1e}\n")
    if as_json:
        click.echo(json.dumps(documents[0] if len(documents) == 1 else documents, indent=2))
    return 1 if failed else 0


def _shown(kind: str, checked: Sequence[Checked], tol: float, most: int | None = None) -> str:
    """A table; with `most` only so many of them, the worst, and those above the tolerance."""
    worst = sorted(checked, key=lambda c: -c.error)
    rows = [c for c in checked if most is None or c in worst[:most] or not c.error <= tol]
    left = [c for c in worst if c not in rows]
    shown = table((kind, "relative error", ""), [(r.name, f"{r.error:.1e}", "" if r.error <= tol else "above the tolerance") for r in rows], (1,))
    return shown + (f"\n {len(left)} more, the worst of them {left[0].error:.1e}" if left else "")
