"""Show what differs between two specs, or a spec and a run."""

from __future__ import annotations

import json

import click
import netc
from netc.compiler.diagnostics.error import MissingError, NetcError
from netc.runtime.cli.output import show_problems


@click.command()
@click.argument("before", metavar="SPEC | RUN")
@click.argument("after", metavar="SPEC | RUN")
@click.option("--net", help="Which net, where a file has several.")
@click.option("--json", "as_json", is_flag=True, help="The same as JSON, for programs.")
def command(before: str, after: str, net: str | None, as_json: bool) -> int:
    """Show what differs between two specs, or a spec and a run: equations, sizes, counts, parameters, settings.

    Comments, formatting and the names of indices make no difference. Ends with 0 where nothing differs, 1 where something does,
    and 2 or 3 where the two cannot be compared.
    """
    try:
        found = netc.diff(before, after, net)
    except MissingError:
        raise
    except NetcError as error:
        show_problems(error.problems)
        return 2
    if as_json:
        click.echo(json.dumps(found.to_dict(), indent=2, ensure_ascii=False))
    else:
        click.echo(str(found), nl=False)
    return 0 if found.same else 1
