"""Sizes and lengths as a command line gives them: `-D H=200`, `--length T=50`."""

from __future__ import annotations

from collections.abc import Iterable

import click
import netc


def sizes(values: tuple[str, ...]) -> dict[str, int]:
    """`H=200` as a size. Raises UsageError."""
    found = {}
    for text in values:
        name, equals, number = text.partition("=")
        if not equals or not number.lstrip("-").isdigit() or not name.isidentifier():
            raise click.UsageError(f"`{text}` is no size: write NAME=NUMBER, such as H=200.")
        found[name] = int(number)
    return found


def lengths_of(values: tuple[str, ...], specs: Iterable[netc.Spec]) -> dict[str, int]:
    """`T=50` as the length of samples. Raises UsageError for what no net has."""
    found = sizes(values)
    known = {n for spec in specs for n in spec.lengths}
    for name, points in found.items():
        if points < 1:
            raise click.UsageError(f"`--length {name}={points}`: a sequence has at least one point.")
        if name not in known:
            has = f"it has {', '.join(sorted(known))}" if known else "its samples have no lengths of their own"
            raise click.UsageError(f"`--length {name}={points}`: no net here has the length {name}; {has}.")
    return found
