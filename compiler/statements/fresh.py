"""Names that nothing has yet."""

from __future__ import annotations


def primed(name: str, taken: set[str]) -> str:
    """The name, with as many primes behind it as make it new; taken from now on."""
    while name in taken:
        name += "'"
    taken.add(name)
    return name


def numbered(name: str, taken: set[str]) -> str:
    """The name, or `name2`, `name3` ...; taken from now on."""
    found, k = name, 2
    while found in taken:
        found, k = f"{name}{k}", k + 1
    taken.add(found)
    return found
