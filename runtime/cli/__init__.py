"""The command line: one command in one file (file name = command name), imported only when it is called."""

from __future__ import annotations

import errno
import gc
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import click
from netc.compiler.diagnostics.error import NetcError
from netc.compiler.diagnostics.suggest import suggest

_COLLECTED = 500_000  # objects between garbage collections: at Python's 700 they take a fifth of checking a large net


class Commands(click.Group):
    """Finds a command by its file, and suggests one where a name is misspelt."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(p.stem for p in Path(__file__).parent.glob("*.py") if not p.stem.startswith("_") and p.stem != "output")

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = import_module(f"netc.runtime.cli.{cmd_name}").command
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        if name and not name.startswith("-") and self.get_command(ctx, name) is None:
            guess = suggest(name, self.list_commands(ctx))
            hint = f" Did you mean `{guess}`?" if guess else ""
            raise click.UsageError(f"There is no command `{name}`.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands with their first lines, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, _first_line(name)) for name in self.list_commands(ctx)])


def _first_line(name: str) -> str:
    """The first line of a command's file, which says what it does."""
    text = (Path(__file__).parent / f"{name}.py").read_text(encoding="utf-8")
    return text.split('"""', 2)[1].split("\n", 1)[0]


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(None, "--version", package_name="netc", prog_name="netc")
def root() -> None:
    """Neural nets declared by equations: checked, counted, differentiated, planned and trained."""


def main() -> NoReturn:
    """The entry: exit codes 0 fine, 1 findings, 2 usage, 3 something absent, 4 diverged, 130 interrupted."""
    gc.set_threshold(_COLLECTED)
    try:
        code = root.main(prog_name="netc", standalone_mode=False)
        sys.stdout.flush()
        sys.exit(code if isinstance(code, int) else 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(130)
    except NetcError as error:
        from netc.runtime.cli.output import show_problems

        show_problems(error.problems)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left unwritten has nowhere to go
        click.echo("error: the disk that is written to is full", err=True)
        sys.exit(3)
