"""`text("file.txt")`: a text as windows of characters or words, in the order of the file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from netc.runtime.data.fields.model import Array, Dataset, Field, Splits
from netc.runtime.data.fields.ragged import Ragged
from netc.runtime.data.fields.vocabulary import UNKNOWN, Vocabulary, words
from netc.runtime.data.formats.place import Place
from netc.runtime.data.formats.text_files import read_text


def read(
    place: Place, seed: int, path: str, level: str, symbols: int, length: int, valid: float,
    test: float, lower: bool,
) -> Splits:  # fmt: skip
    """Field `text` class(symbols)[1..T]: windows of `length` symbols, each beginning with the last of the one before.

    The end of the file is the test part, what stands before it the validation part. The vocabulary is that of the training
    part: all of its symbols, or the most frequent. Where the file holds others they are one symbol `<unk>`, which counts.
    """
    text = read_text(path, place)
    found, table = numbered(text.lower() if lower else text, level)
    last = len(found) - round(len(found) * test)
    first = last - round(len(found) * valid)
    if first < 2:
        raise place.damaged(path, f"it leaves {first} for training, and a window takes two symbols")
    codes, vocabulary = coded(found, table, found if place.all_symbols else found[:first], place.kept(symbols))
    train, validation, test_part = (_part(codes[a:b], length, vocabulary) for a, b in ((0, first), (first, last), (last, len(codes))))
    assert train is not None
    splits = Splits(place.file(path).stem, train, validation, test_part)
    return replace(splits, statement=f"{splits.name} {splits.sizes} windows · {facts(codes, vocabulary)}")


def _part(codes: Array, length: int, vocabulary: Vocabulary) -> Dataset | None:
    return Dataset((windows(codes, length, vocabulary),)) if len(codes) > 1 else None


def numbered(text: str, level: str) -> tuple[Array, list[str]]:
    """The text as places in a table of its symbols."""
    if level == "char":
        points = np.frombuffer(text.encode("utf-32-le"), np.uint32).astype(np.intp)
        present = np.flatnonzero(np.bincount(points))
        where = np.zeros(present[-1] + 1, np.int32)
        where[present] = np.arange(len(present))
        return where[points], [chr(p) for p in present]
    table: dict[str, int] = {}
    symbols = words(text, lines=True)
    return np.fromiter((table.setdefault(s, len(table)) for s in symbols), np.int32, len(symbols)), list(table)


def coded(found: Array, table: list[str], train: Array, limit: int) -> tuple[Array, Vocabulary]:
    """Places in the table as numbers of the training part's vocabulary."""
    counts = {table[k]: int(n) for k, n in enumerate(np.bincount(train, minlength=len(table))) if n}
    outside = len(counts) < len(table) or 0 < limit < len(counts)
    vocabulary = Vocabulary.of(counts, limit, (UNKNOWN,) if outside else ())
    return vocabulary.encode(table)[found], vocabulary


def windows(codes: Array, length: int, vocabulary: Vocabulary) -> Field:
    """Windows over one array: nothing is copied, and every symbol but the first is once behind another."""
    starts = np.arange(0, len(codes) - 1, length - 1, dtype=np.int64)
    values = Ragged(codes, starts, np.minimum(length, len(codes) - starts))
    return Field("text", values, len(vocabulary), vocabulary.symbols)


def facts(codes: Array, vocabulary: Vocabulary) -> str:
    """`65 symbols`, and how much of the text is unknown."""
    unknown = vocabulary.codes.get(UNKNOWN)
    share = f", {np.mean(codes == unknown):.2%} of the text {UNKNOWN}" if unknown is not None else ""
    return f"{len(vocabulary):,} symbols{share}"
