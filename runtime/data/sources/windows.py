"""`windows("file.txt")`: every word of a text with its neighbours, for continuous bags of words (Mikolov et al. 2013)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from netc.runtime.data.fields.model import Array, Dataset, Field, Splits
from netc.runtime.data.fields.vocabulary import Vocabulary
from netc.runtime.data.formats.place import Place
from netc.runtime.data.formats.text_files import read_text
from netc.runtime.data.sources.text import coded, facts, numbered


def read(
    place: Place, seed: int, path: str, radius: int, symbols: int, lower: bool, valid: float, test: float
) -> Splits:
    """Fields `context` class(symbols)[2*radius] and `word` class(symbols): a word's neighbours, in order, and the word.

    The end of the file is the test part, what stands before it the validation part. The vocabulary is that of the training
    part: all of its words, or the most frequent. Where the file holds others they are one symbol `<unk>`, which counts.
    """
    text = read_text(path, place).replace("\n", " ")
    found, table = numbered(text.lower() if lower else text, "word")
    last = len(found) - round(len(found) * test)
    first = last - round(len(found) * valid)
    if first <= 2 * radius:
        raise place.damaged(path, f"it leaves {first} words for training, and a window of radius {radius} takes {2 * radius + 1}")
    codes, vocabulary = coded(found, table, found if place.all_symbols else found[:first], place.kept(symbols))
    train, validation, test_part = (_part(codes[a:b], radius, vocabulary) for a, b in ((0, first), (first, last), (last, len(codes))))
    assert train is not None
    splits = Splits(place.file(path).stem, train, validation, test_part)
    return replace(splits, statement=f"{splits.name} {splits.sizes} · {facts(codes, vocabulary)}")


def _part(codes: Array, radius: int, vocabulary: Vocabulary) -> Dataset | None:
    if len(codes) <= 2 * radius:
        return None
    seen = np.lib.stride_tricks.sliding_window_view(codes, 2 * radius + 1)
    context = np.concatenate([seen[:, :radius], seen[:, radius + 1 :]], 1)
    size, labels = len(vocabulary), vocabulary.symbols
    return Dataset((Field("context", context, size, labels), Field("word", codes[radius:-radius], size, labels)))
