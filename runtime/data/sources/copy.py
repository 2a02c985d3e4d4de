"""`copy()`: symbols are to be given again after a gap (Hochreiter and Schmidhuber 1997; Arjovsky, Shah, Bengio 2016)."""

from __future__ import annotations

import numpy as np
from netc.runtime.data.fields.model import Dataset, Field, Splits
from netc.runtime.data.fields.ragged import Ragged
from netc.runtime.data.formats.place import Place
from netc.runtime.data.seeded.numbers import Range, generator, lengths
from netc.runtime.data.seeded.parts import parted


def read(place: Place, seed: int, symbols: int, length: Range, gap: Range, samples: int) -> Splits:
    """Fields `x` class(symbols+2)[1..T] and `y` class(symbols+1)[1..T]: both `length` + `gap` + 1 + `length` points long.

    x is the symbols, `gap` blanks, a sign to begin, blanks; y is blanks, and the symbols again behind the sign. The blank is the
    number `symbols`, the sign the next.
    """
    rng = generator(seed, "copy")
    counts, gaps = lengths(rng, length, samples), lengths(rng, gap, samples)
    blank, sign = symbols, symbols + 1
    xs, ys = [], []
    for n, g in zip(counts.tolist(), gaps.tolist(), strict=True):
        shown = rng.integers(0, symbols, n)
        xs.append(np.concatenate([shown, np.full(g, blank), [sign], np.full(n, blank)]))
        ys.append(np.concatenate([np.full(n + g + 1, blank), shown]))
    labels = (*map(str, range(symbols)), "blank", "begin")
    x = Field("x", Ragged.of(xs, np.int32), symbols + 2, labels)
    y = Field("y", Ragged.of(ys, np.int32), symbols + 1, labels[:-1])
    return parted("copy", Dataset((x, y)), seed, keys=[s.tobytes() for s in xs])
