"""Compare every equation's gradient with central differences."""

from __future__ import annotations

import json

import click
import netc
from netc.runtime.backends.choose import choose
from netc.runtime.cli._backend import backend_options
from netc.runtime.cli.check import sizes
from netc.runtime.cli.output import table


@click.command()
@click.argument("file")
@click.option("--net", help="Which net, where the file has several.")
@click.option("--tol", type=float, default=1e-6, show_default=True, help="The largest relative error that passes.")
@click.option("--batch", type=click.IntRange(1), default=2, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("-D", "define", multiple=True, metavar="NAME=N", help="Set a size that the spec declares with `dim`.")
@backend_options
@click.option("--json", "as_json", is_flag=True)
def command(
    file: str, net: str | None, tol: float, batch: int, seed: int, define: tuple[str, ...], as_json: bool,
    backend: str, device: str, threads: int | None, strict: bool,
) -> int:  # fmt: skip
    """Compare every equation's gradient with central differences."""
    spec = netc.load(file, sizes(define))
    names = (net,) if net else spec.nets or (spec.net,)
    failed = False
    documents = []
    for name in names:
        report = netc.gradcheck(spec[name], batch=batch, seed=seed, backend=choose(backend, device, threads, strict))
        failed = failed or not report.worst <= tol
        documents.append({"net": name, "worst": report.worst, "rows": {r.name: r.error for r in report.rows}})
        if not as_json:
            rows = [(r.name, f"{r.error:.1e}", "" if r.error <= tol else "above the tolerance") for r in report.rows]
            click.echo(f"{file}  net {name}\n\n{table(('equation', 'relative error', ''), rows, (1,))}\n worst {report.worst:.1e}\n")
    if as_json:
        click.echo(json.dumps(documents[0] if len(documents) == 1 else documents, indent=2))
    return 1 if failed else 0
