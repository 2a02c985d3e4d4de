"""A kernel's text in parts, for C compilers that work side by side: its nests are shared out, the last part has the phases and the step."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NEST = re.compile(r"(?ms)^NEST (void \w+\([^\n]*\)) \{\n.*?^\}\n")
_FRONT = "struct step {"  # with the line that it begins, what nests need ends


def parted(source: str, parts: int) -> tuple[str, ...]:
    """The same functions in at most so many texts that are linked to one library. A text without nests stays whole."""
    nests = list(_NEST.finditer(source))
    parts = min(parts, len(nests))
    if parts < 2:
        return (source,)
    begin = source.index("\n", source.index(_FRONT)) + 1
    front = "#define PARTED 1\n" + source[:begin]
    declared = "".join(f"NEST {nest[1]};\n" for nest in nests)
    groups = _evenly([nest[0] for nest in nests], parts, len(source) - nests[-1].end())
    return *("".join([front, *group]) for group in groups[:-1]), "".join([front, declared, *groups[-1], source[nests[-1].end() :]])


def _evenly(texts: Sequence[str], parts: int, besides: int) -> list[list[str]]:
    """Groups of about the same length, the longest texts first; the last one has something `besides`."""
    groups: list[list[str]] = [[] for _ in range(parts)]
    lengths = [0] * (parts - 1) + [besides]
    for text in sorted(texts, key=len, reverse=True):
        least = lengths.index(min(lengths))
        groups[least].append(text)
        lengths[least] += len(text)
    return groups
