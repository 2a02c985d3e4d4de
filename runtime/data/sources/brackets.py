"""`brackets()`: whether every bracket is closed by its own kind, in order."""

from __future__ import annotations

import numpy as np
from netc.compiler.settings.sources import BRACKETS
from netc.runtime.data.fields.model import Dataset, Field, Splits
from netc.runtime.data.fields.vocabulary import Vocabulary
from netc.runtime.data.formats.place import Place
from netc.runtime.data.seeded.numbers import Range, generator, lengths
from netc.runtime.data.seeded.parts import parted


def read(place: Place, seed: int, length: Range, kinds: int, deepest: int, samples: int) -> Splits:
    """Fields `symbol` class(2*kinds)[1..T], brackets of up to four kinds, and `balanced` class(2); half of the samples are.

    Lengths are even. Those that are not balanced differ from one that is in one bracket, or in two that changed places.
    """
    rng = generator(seed, "brackets")
    symbols = "".join(BRACKETS[:kinds])
    strings, answers = [], []
    for n in lengths(rng, length, samples):
        string = _balanced(rng, max(int(n) // 2 * 2, 2), kinds, deepest)
        good = bool(rng.integers(2))
        strings.append(string if good else _broken(rng, string, symbols))
        answers.append(good)
    balance = Field("balanced", np.array(answers, np.int32), 2, ("no", "yes"))
    return parted("brackets", Dataset((Vocabulary(tuple(symbols)).field("symbol", strings), balance)), seed, keys=strings)


def balanced(string: str) -> bool:
    """Whether every bracket is closed by its own kind, in order."""
    closing = {pair[0]: pair[1] for pair in BRACKETS}
    waiting: list[str] = []
    for c in string:
        if c in closing:
            waiting.append(closing[c])
        elif not waiting or waiting.pop() != c:
            return False
    return not waiting


def _balanced(rng: np.random.Generator, size: int, kinds: int, deepest: int) -> str:
    waiting: list[str] = []
    found = ""
    while len(found) < size:
        left = size - len(found)
        opens = not waiting or (len(waiting) < min(left, deepest) and bool(rng.integers(2)))
        pair = BRACKETS[int(rng.integers(kinds))] if opens else ""
        found += pair[0] if opens else waiting.pop()
        waiting += [pair[1]] if opens else []
    return found


def _broken(rng: np.random.Generator, string: str, symbols: str) -> str:
    while True:
        a, b = (int(k) for k in rng.integers(0, len(string), 2))
        changed = list(string)
        if rng.integers(2):
            changed[a], changed[b] = changed[b], changed[a]
        else:
            changed[a] = symbols[int(rng.integers(len(symbols)))]
        if not balanced("".join(changed)):
            return "".join(changed)
