"""How much of a sample stands word for word in the training text."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Stretch:
    """The same `length` symbols at `start` of a sample and at `place` of a text."""

    length: int
    start: int
    place: int


class _Automaton:
    """All stretches of a sequence as paths: state k reads one symbol further (Blumer et al. 1985)."""

    def __init__(self, sequence: Iterable[Hashable]) -> None:
        self.further: list[dict[Hashable, int]] = [{}]
        self.link, self.length, self.end = [-1], [0], [0]
        last = 0
        for k, symbol in enumerate(sequence):
            last = self._append(last, symbol, k + 1)

    def _state(self, further: dict[Hashable, int], link: int, length: int, end: int) -> int:
        self.further.append(further)
        self.link.append(link)
        self.length.append(length)
        self.end.append(end)
        return len(self.link) - 1

    def _append(self, last: int, symbol: Hashable, end: int) -> int:
        new = self._state({}, 0, self.length[last] + 1, end)
        at = last
        while at >= 0 and symbol not in self.further[at]:
            self.further[at][symbol] = new
            at = self.link[at]
        if at < 0:
            return new
        old = self.further[at][symbol]
        if self.length[old] == self.length[at] + 1:
            self.link[new] = old
            return new
        copy = self._state(dict(self.further[old]), self.link[old], self.length[at] + 1, self.end[old])
        while at >= 0 and self.further[at].get(symbol) == old:
            self.further[at][symbol] = copy
            at = self.link[at]
        self.link[old] = self.link[new] = copy
        return new


def longest_stretch(sample: Sequence[Hashable], text: Iterable[Hashable]) -> Stretch:
    """The longest stretch of a sample that a text holds too, in time that grows with the sum of their lengths.

    >>> longest_stretch("the bat sat", "a cat sat on a mat")
    Stretch(length=6, start=5, place=3)
    """
    automaton = _Automaton(sample)
    best = Stretch(0, 0, 0)
    state = matched = 0
    for k, symbol in enumerate(text):
        while state and symbol not in automaton.further[state]:
            state = automaton.link[state]
            matched = automaton.length[state]
        if symbol in automaton.further[state]:
            state = automaton.further[state][symbol]
            matched += 1
        if matched > best.length:
            best = Stretch(matched, automaton.end[state] - matched, k + 1 - matched)
    return best
