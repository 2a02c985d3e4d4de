"""Start from a spec of the zoo."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import click
from netc import specs
from netc.compiler.diagnostics.suggest import suggest
from netc.runtime.cli.output import table
from netc.runtime.model.files import write_text


def _zoo() -> dict[str, Path]:
    root = Path(str(files(specs)))
    return {p.stem: p for p in sorted(root.rglob("*.net"))}


@click.command()
@click.argument("template", required=False)
@click.option("--list", "listed", is_flag=True, help="Show the templates.")
@click.option("--out", type=click.Path(path_type=Path), help="The file to write (default: TEMPLATE.net here).")
def command(template: str | None, listed: bool, out: Path | None) -> int:
    """Start from a spec of the zoo: a copy with the files that it uses."""
    zoo = _zoo()
    if listed or template is None:
        click.echo(table(("template", "what"), [(n, _first_line(p)) for n, p in zoo.items()], ()))
        return 0
    if template not in zoo:
        guess = suggest(template, zoo)
        hint = f" Did you mean `{guess}`?" if guess else ""
        raise click.UsageError(f"There is no template `{template}`.{hint} `netc new --list` shows them.")
    source = zoo[template]
    target = out or Path(source.name)
    wanted = {target: source}
    text = source.read_text(encoding="utf-8")
    for other in source.parent.iterdir():
        if f'"{other.name}"' in text:
            wanted[target.parent / other.name] = other
    taken = [str(p) for p in wanted if p.exists()]
    if target.exists():
        raise click.UsageError(f"`{target}` exists; choose another name with --out.")
    for place, origin in wanted.items():
        if str(place) not in taken:
            write_text(place, origin.read_text(encoding="utf-8"))
            click.echo(f"wrote {place}")
    click.echo(f"next  netc check {target}   ·   netc train {target}")
    return 0


def _first_line(path: Path) -> str:
    return path.read_text(encoding="utf-8").split("\n", 1)[0].removeprefix("# ")
