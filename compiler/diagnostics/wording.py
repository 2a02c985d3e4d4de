"""How messages list names and count axes."""

from __future__ import annotations

from collections.abc import Iterable

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


def quoted(names: Iterable[str]) -> str:
    """`a`, `b` and `c`."""
    *before, last = (f"`{n}`" for n in dict.fromkeys(names))
    return f"{', '.join(before)} and {last}" if before else last


def ordinal(axis: int) -> str:
    """What an axis is called, of which the first is 0."""
    return _ORDINALS[axis] if axis < len(_ORDINALS) else f"{axis + 1}th"
