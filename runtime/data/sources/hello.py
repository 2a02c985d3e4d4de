"""`hello()`: the word hello over the four symbols h, e, l, o: the smallest text there is."""

from __future__ import annotations

from netc.runtime.data.fields.model import Dataset, Splits
from netc.runtime.data.fields.vocabulary import Vocabulary
from netc.runtime.data.formats.place import Place


def read(place: Place, seed: int) -> Splits:
    """Field `text` class(4)[1..T]: one sample, h e l l o, in the order of the symbols h, e, l, o."""
    return Splits("hello", Dataset((Vocabulary(("h", "e", "l", "o")).field("text", ["hello"]),)), statement="hello 1")
