"""Start from a spec of the zoo."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import click
from netc import specs
from netc.compiler.diagnostics.suggest import suggest
from netc.runtime.cli.output import listing
from netc.runtime.model.files import write_bytes


def _zoo() -> dict[str, Path]:
    root = Path(str(files(specs)))
    return {p.stem: p for p in sorted(root.rglob("*.net"))}


@click.command()
@click.argument("template", required=False)
@click.option("--list", "listed", is_flag=True, help="Show the templates.")
@click.option("--out", type=click.Path(path_type=Path), help="The file to write (default: TEMPLATE.net here).")
@click.option("--json", "as_json", is_flag=True, help="The list as JSON.")
def command(template: str | None, listed: bool, out: Path | None, as_json: bool) -> int:
    """Start from a spec of the zoo: a copy with the files that it uses."""
    zoo = _zoo()
    if listed or template is None:
        found = [(n, _first_sentence(p)) for n, p in zoo.items()]
        click.echo(json.dumps(dict(found), indent=2, ensure_ascii=False) if as_json else listing({"templates": found}), nl=as_json)
        return 0
    if template not in zoo:
        guess = suggest(template, zoo)
        hint = f" Did you mean `{guess}`?" if guess else ""
        raise click.UsageError(f"There is no template `{template}`.{hint} `netc new --list` shows them.")
    source = zoo[template]
    target = out or Path(source.name)
    wanted = {target: source}
    text = source.read_text(encoding="utf-8")
    for other in sorted(source.parent.iterdir()):
        named = f'"{other.name}"' if other.suffix == ".net" else other.name  # a comment may name another spec for comparison
        if named in text:
            wanted[target.parent / other.name] = other
    taken = [str(p) for p in wanted if p.exists()]
    if target.exists():
        raise click.UsageError(f"`{target}` exists; choose another name with --out.")
    for place, origin in wanted.items():
        if str(place) not in taken:
            write_bytes(place, origin.read_bytes())
            click.echo(f"wrote {place}")
    click.echo(f"next  netc check {target}   ·   netc train {target}")
    return 0


def _first_sentence(path: Path) -> str:
    """The sentence with which a spec opens: the comment up to its first line that ends in a full stop."""
    words: list[str] = []
    for line in path.read_text(encoding="utf-8").split("\n"):
        if not line.startswith("#") or words and words[-1].endswith("."):
            break
        words.append(line.removeprefix("#").strip())
    return " ".join(words)
