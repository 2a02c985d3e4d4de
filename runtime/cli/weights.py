"""List the weights of a run, or write them under other names for another library."""

from __future__ import annotations

from pathlib import Path

import click
import netc
from netc.runtime.cli.output import table


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("-o", "--out", metavar="FILE.safetensors", help="Where to write; without it the weights are listed.")
@click.option("--names", default="", metavar="MAP", help="A file of lines `theirs ours`, as `load = weights(..., names=MAP)` reads it.")
@click.option("--below", default="", metavar="LAYER", help="Only what is in this layer, without its name.")
def command(run: Path, out: str | None, names: str, below: str) -> int:
    """List the weights of a run, or write them under other names for another library.

    The way back is `load = weights("FILE.safetensors", names="MAP")` in a train block, or `netc train FILE --from`.
    """
    net = netc.open(run)
    if out is not None:
        written = netc.save_weights(net, out, names=names, below=below)
        click.echo(f"wrote {out}: {len(written)} tensors", err=True)
        return 0
    rows = []
    for kind, values in (("parameter", net.params), ("state", net.state)):
        for path in values:
            found = values[path]
            sizes = "×".join(map(str, found.shape)) or "1"
            rows.append((path, kind, sizes, f"{found.size:,}", f"{found.min():.4g}", f"{found.max():.4g}"))
    click.echo(table(("name", "what", "sizes", "numbers", "smallest", "largest"), rows, (3, 4, 5), elastic=0))
    return 0
