"""Look inside a run: gates, attention, filters, activations and gradients as one page or picture."""

from __future__ import annotations

from pathlib import Path

import click
from netc.compiler.source.text import typed
from netc.runtime.inspect import image, sections
from netc.runtime.inspect.given import answered, given, samples_of
from netc.runtime.inspect.page import page
from netc.runtime.inspect.subject import Subject
from netc.runtime.model.files import write_text
from netc.runtime.train.folders import open_run

_INPUT = "A text, numbers, a picture, a .npy, .npz or .txt file; else samples of the run's data are taken."


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--input", "inputs", multiple=True, metavar="[NAME=]VALUE", help=_INPUT)
@click.option("--samples", type=click.IntRange(1), default=8, show_default=True, help="How many samples of the data, where no input is given.")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="A .html file, or a .png with the extra `plot`. By default inspect.html in the run.")
@click.option("--checkpoint", type=click.Choice(["best", "last"]), default="best", show_default=True, help="Whose parameters are taken.")
@click.option("--invert/--no-invert", default=None, help="Of a picture; by default dark on light is inverted for nets trained on mnist or digits.")
def command(run: Path, inputs: tuple[str, ...], samples: int, out: Path | None, checkpoint: str, invert: bool | None) -> int:
    """Look inside a run: gates, attention, filters, activations and gradients on an input, as one page that needs no network."""
    out = out or run / "inspect.html"
    if out.suffix.lower() not in (".html", ".htm", ".png"):
        raise click.UsageError(f"`{out}`: the name ends in none of .html, .png")
    span = typed("command line", str(out))
    if out.suffix.lower() == ".png":
        image.figure(span)  # what is absent is said before anything is computed
    net, facts, spec = open_run(run, checkpoint)
    if inputs:
        arrays, answer = answered(net, given(inputs, net, spec, facts, invert))
        about = ", ".join(f"“{i}”" for i in inputs) + answer
    else:
        arrays, about = samples_of(net, spec, facts, samples)
    subject = Subject(net, arrays, facts["labels"])
    title = f"{net.name} · {run}"
    found = sections(subject)
    if out.suffix.lower() == ".png":
        left = image.write(out, title, found, span)
        if left:
            click.echo(f"{left} pictures had no room in {out}: the page (-o {out.with_suffix('.html')}) has them all", err=True)
    else:
        about = f"Looked at with {about}; the parameters are those of the {checkpoint} checkpoint. {subject.hidden}"
        write_text(out, page(title, about, found))
    click.echo(f"wrote {out}: {', '.join(s.title.lower() for s in found) or 'nothing to see'}", err=True)
    return 0
