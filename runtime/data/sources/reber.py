"""`reber()`: strings of the Reber grammar, plain or embedded (Cleeremans, Servan-Schreiber, McClelland 1989; Hochreiter and Schmidhuber 1997)."""

from __future__ import annotations

import numpy as np
from netc.runtime.data.fields.model import Dataset, Field, Splits
from netc.runtime.data.fields.ragged import Ragged
from netc.runtime.data.fields.vocabulary import Vocabulary
from netc.runtime.data.formats.place import Place
from netc.runtime.data.seeded.numbers import generator
from netc.runtime.data.seeded.parts import parted

SYMBOLS = Vocabulary(tuple("BEPSTVX"))
EDGES: tuple[dict[str, int], ...] = (  # of each state: a symbol and the state behind it; the last state is the end
    {"B": 1}, {"T": 2, "P": 3}, {"S": 2, "X": 4}, {"T": 3, "V": 5}, {"X": 3, "S": 6}, {"P": 4, "V": 6}, {"E": 7}, {},
)  # fmt: skip


def read(place: Place, seed: int, embedded: bool, samples: int) -> Splits:
    """Fields `symbol` class(7)[1..T] and `legal` real[1..T, 7]: which symbols the grammar allows behind this one (1, else 0).

    An embedded string is B, then T or P, a plain string, the same T or P again, E: what is legal near its end was decided at its
    beginning. Equal strings stay in one part.
    """
    rng = generator(seed, "reber")
    strings, legal = [], []
    for _ in range(samples):
        string, allowed = _plain(rng)
        if embedded:
            branch = "TP"[int(rng.integers(2))]
            string, allowed = f"B{branch}{string}{branch}E", ["TP", "B", *allowed[:-1], branch, "E", ""]
        strings.append(string)
        legal.append(np.array([[s in a for s in SYMBOLS.symbols] for a in allowed], np.float32))
    name = "embedded reber" if embedded else "reber"
    fields = (SYMBOLS.field("symbol", strings), Field("legal", Ragged.of(legal)))
    return parted(name, Dataset(fields), seed, keys=strings)


def _plain(rng: np.random.Generator) -> tuple[str, list[str]]:
    """A string, and what is legal behind each of its symbols."""
    state, string, allowed = 0, "", []
    while EDGES[state]:
        symbol = sorted(EDGES[state])[int(rng.integers(len(EDGES[state])))]
        state = EDGES[state][symbol]
        string += symbol
        allowed.append("".join(EDGES[state]))
    return string, allowed
