"""`sentences("file.txt")`: one sentence a line, of words or characters."""

from __future__ import annotations

from netc.runtime.data.fields.model import Dataset, Splits
from netc.runtime.data.fields.vocabulary import BOS, EOS, UNKNOWN, Vocabulary, words
from netc.runtime.data.formats.place import Place
from netc.runtime.data.formats.text_files import read_lines
from netc.runtime.data.seeded.parts import Share, parted_files


def read(
    place: Place, seed: int, path: str, level: str, symbols: int, longest: int, end: bool,
    lower: bool, valid: Share, test: Share,
) -> Splits:  # fmt: skip
    """Field `sentence` class(symbols)[1..T]: the lines of a file; empty ones, and those above `longest`, are left out.

    With `end` symbols 0, 1 and 2 are `<bos>` (which no sentence holds), `<eos>` (the last of each) and `<unk>` (all that the
    training part does not hold, or rarely); without it 0 is `<unk>`.
    """

    def sentences(name: str) -> list[list[str]]:
        lines = [line.lower() if lower else line for line in read_lines(name, place)]
        found = [words(line) if level == "word" else list(line) for line in lines if line.strip()]
        kept = [s for s in found if len(s) <= longest or not longest]
        if not kept:
            raise place.damaged(name, f"none of its {len(found)} sentences has {longest} symbols or fewer")
        return kept

    parts = parted_files(place, seed, sentences, path, valid, test)
    vocabulary = Vocabulary.counted(parts.counted, place.kept(symbols), (BOS, EOS, UNKNOWN) if end else (UNKNOWN,))
    ending = [EOS] if end else []

    def make(samples: list[list[str]]) -> Dataset:
        return Dataset((vocabulary.field("sentence", (s + ending for s in samples)),))

    return parts.splits(place.file(path).stem, make, f" · {len(vocabulary):,} symbols")
