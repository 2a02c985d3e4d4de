"""Draw a net as a picture: SVG, Mermaid or dot, with nothing to install."""

from __future__ import annotations

from pathlib import Path

import click
import netc
from netc.compiler.diagnostics.model import Severity
from netc.compiler.drawing import FORMATS
from netc.runtime.cli._nets import picked
from netc.runtime.cli._sizes import sizes
from netc.runtime.cli.output import show_problems
from netc.runtime.model.files import write_text

_ENDINGS = {".svg": "svg", ".mmd": "mermaid", ".mermaid": "mermaid", ".md": "mermaid", ".dot": "dot", ".gv": "dot"}


@click.command()
@click.argument("file")
@click.option("-o", "--out", metavar="FILE", default="-", help="Where to write; `-` (the default) is standard output.")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), help="By default what the name of the file ends in, else svg.")
@click.option("--net", help="Which net, where the file has several.")
@click.option("--depth", type=click.IntRange(0), default=0, show_default=True, help="Open each row into its layers, so many levels down.")
@click.option("-D", "define", multiple=True, metavar="NAME=N", help="Set a size that the spec declares with `dim`.")
def command(file: str, out: str, form: str | None, net: str | None, depth: int, define: tuple[str, ...]) -> int:
    """Draw a net as a picture: its inputs, equations and losses, and which of them reads which."""
    form = form or _by_ending(out)
    spec = netc.load(file, sizes(define))
    others = [n for n in spec.nets if n != (net or spec.net)]
    spec = picked(spec, net)
    report = spec.check()
    problems = report.problems
    show_problems(problems, unchecked=report.unchecked)
    if any(p.severity is Severity.ERROR for p in problems):
        return 1
    text = spec.draw(form, depth)
    if out == "-":
        click.echo(text, nl=False)
    else:
        write_text(Path(out), f"```mermaid\n{text}```\n" if Path(out).suffix == ".md" else text)
        click.echo(f"wrote {out}", err=True)
    if others and net is None:
        click.echo(f"this is {spec.net}; the file also has {', '.join(others)}: choose with --net", err=True)
    return 0


def _by_ending(out: str) -> str:
    if out == "-":
        return "svg"
    ending = Path(out).suffix.lower()
    if ending not in _ENDINGS:
        raise click.UsageError(f"`{out}`: the name ends in none of {', '.join(_ENDINGS)}; say what to write with --format.")
    return _ENDINGS[ending]
