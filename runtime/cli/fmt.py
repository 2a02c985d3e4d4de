"""Write specs in one style."""

from __future__ import annotations

import difflib
import sys
from pathlib import Path

import click
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.syntax.decode import decode
from netc.compiler.syntax.format import format_source
from netc.runtime.cli.output import show_problems
from netc.runtime.model.files import read_spec, write_text


@click.command()
@click.argument("files", nargs=-1, required=True)
@click.option("--check", is_flag=True, help="Change nothing; fail where a file would change.")
@click.option("--diff", is_flag=True, help="Show what would change; change nothing.")
def command(files: tuple[str, ...], check: bool, diff: bool) -> int:
    """Write specs in one style. `-` reads standard input and writes standard output."""
    findings = False
    for file in files:
        data = sys.stdin.buffer.read() if file == "-" else read_spec(Path(file))
        reporter = Reporter()
        source = decode(data, file, reporter)
        text = format_source(source, reporter) if source is not None else ""
        if source is None or reporter.failed:
            show_problems(reporter.problems)
            findings = True
            continue
        changed = text != source.text
        if file == "-" and not diff and not check:
            click.echo(text, nl=False)
        elif changed and diff:
            lines = difflib.unified_diff(source.text.splitlines(True), text.splitlines(True), file, f"{file} (formatted)")
            click.echo("".join(lines), nl=False)
        elif changed and not check:
            write_text(Path(file), text)
            click.echo(f"{file}: formatted", err=True)
        if changed and (check or diff):
            findings = True
            click.echo(f"{file}: would change", err=True)
    return 1 if findings else 0
