"""`--help` and the page of commands say of every option what it does."""

import click
from netc.runtime.cli import root


def test_every_option_says_what_it_does() -> None:
    context = click.Context(root, info_name="netc")
    commands = [root.get_command(context, name) for name in root.list_commands(context)]
    options = [(c.name, p.opts[0]) for c in commands if c is not None for p in c.params if isinstance(p, click.Option) and not p.help]
    assert options == []
