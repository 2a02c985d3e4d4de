"""Explain an error code, with a wrong and a right example."""

from __future__ import annotations

import click
from netc.compiler.diagnostics.catalogue import catalogue, explanation
from netc.compiler.diagnostics.suggest import suggest


@click.command()
@click.argument("code")
def command(code: str) -> int:
    """Explain an error code, with a wrong and a right example."""
    known = catalogue()
    found = known.get(code.upper().strip("[]"))
    if found is None:
        guess = suggest(code.upper(), known)
        hint = f" Did you mean {guess}?" if guess else ""
        raise click.UsageError(f"There is no code `{code}`.{hint} Codes stand in brackets behind `error`, such as E0307.")
    click.echo(explanation(found))
    return 0
