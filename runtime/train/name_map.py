"""Name maps: a file of lines `theirs ours` that says what another library calls the parameters of a net.

A `*` in both names stands for the same text; lists in braces are taken in turn, `bn1.{weight,bias}  BatchNorm.{g,b}`. Of the lines
that fit a name the first one holds. The same map leads both ways.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_LIST = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class NameMap:
    """Pairs of names; what no pair fits keeps its name."""

    pairs: tuple[tuple[str, str], ...] = ()

    def ours(self, theirs: str) -> str:
        """What the net calls a tensor of the file."""
        return _renamed(theirs, self.pairs)

    def theirs(self, ours: str) -> str:
        """What the file calls a parameter of the net.

        >>> m = read_map("conv*.weight  c*.Conv.K")
        >>> m.theirs("c2.Conv.K"), m.ours("conv2.weight")
        ('conv2.weight', 'c2.Conv.K')
        """
        return _renamed(ours, ((b, a) for a, b in self.pairs))


class WrongLine(ValueError):
    """A line that is no pair of names."""

    def __init__(self, number: int, text: str) -> None:
        super().__init__(f"line {number}: {text}")
        self.number, self.text = number, text


def read_map(text: str) -> NameMap:
    """The pairs of a map. `#` begins a comment. Raises WrongLine.

    >>> read_map("a.{w,b}  x.{W,b}").pairs
    (('a.w', 'x.W'), ('a.b', 'x.b'))
    """
    pairs: list[tuple[str, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        found = list(_expanded(*words)) if len(words) == 2 else []
        if not found:
            raise WrongLine(number, line.strip())
        pairs += found
    return NameMap(tuple(pairs))


def _expanded(theirs: str, ours: str) -> Iterator[tuple[str, str]]:
    """One pair for each choice from the lists; nothing where the two do not go together."""
    lists = [[m.split(",") for m in _LIST.findall(name)] for name in (theirs, ours)]
    if [len(x) for x in lists[0]] != [len(x) for x in lists[1]] or theirs.count("*") != ours.count("*") or theirs.count("*") > 1:
        return
    for choice in itertools.product(*(range(len(x)) for x in lists[0])):
        yield _chosen(theirs, choice), _chosen(ours, choice)


def _chosen(name: str, choice: tuple[int, ...]) -> str:
    turn = iter(choice)
    return _LIST.sub(lambda m: m.group(1).split(",")[next(turn)], name)


def _renamed(name: str, pairs: Iterable[tuple[str, str]]) -> str:
    for pattern, other in pairs:
        head, star, tail = pattern.partition("*")
        if not star and name == pattern:
            return other
        if star and len(name) >= len(head) + len(tail) and name.startswith(head) and name.endswith(tail):
            return other.replace("*", name[len(head) : len(name) - len(tail)])
    return name
