"""`conll("train.conllu")`: sentences with a tag for each word, from columns (CoNLL-U, or any with blank lines between)."""

from __future__ import annotations

import re
from dataclasses import replace

from netc.compiler.settings.sources import COLUMNS
from netc.runtime.data.fields.model import Dataset, Splits
from netc.runtime.data.fields.vocabulary import UNKNOWN, Vocabulary
from netc.runtime.data.formats.place import Place
from netc.runtime.data.formats.text_files import read_lines
from netc.runtime.data.seeded.parts import Share, parted_files

_ID = re.compile(r"[1-9]\d*$")
_SKIPPED = re.compile(r"\d+[-.]\d+$")  # several words written as one, and words that are only understood
_TAGGED = re.compile(r"\S+/[A-Z][A-Z0-9$-]*$")
_LONGEST = 1000  # words; longer than any sentence
_ROWS = "write one word and its tag in each row, parted by a tab, and a blank line behind each sentence"
_COLUMNS = 'say which columns hold the word and its tag, counted from 1: `columns="1,2"`'

Row = tuple[str, str, str, int]  # the word, its tag, file, line


def read(
    place: Place, seed: int, path: str, columns: str, symbols: int, lower: bool, valid: Share, test: Share
) -> Splits:
    """Fields `word` class(symbols)[1..T] and `tag` class(tags)[1..T]; `valid` and `test` are files, or shares of the first.

    Columns are named as in CoNLL-U, or counted from 1 in other formats: `columns="1,4"`. Word 0 is `<unk>`: all words that the
    training part does not hold, or not among the most frequent. Comments, ranges (1-2) and empty nodes (1.1) are skipped.
    """
    places = _columns(columns)
    parts = parted_files(place, seed, lambda name: sentences(name, place, places, not columns.strip()[0].isdigit(), lower), path, valid, test)
    vocabulary = Vocabulary.counted(([w for w, _, _, _ in s] for s in parts.counted), place.kept(symbols), (UNKNOWN,))
    tags = Vocabulary.counted(([t for _, t, _, _ in s] for s in parts.counted), 0, ())
    for _, tag, file, line in (row for s in [*parts.validation, *parts.test] for row in s):
        if tag not in tags.codes:
            mend = "leave line 1 out, if it names the columns" if line == 1 else "leave the sentence out, or train on one with this tag"
            raise place.damaged(file, f"the tag `{tag}` of line {line:,} stands nowhere in the training part", mend)

    def make(samples: list[list[Row]]) -> Dataset:
        return Dataset((
            vocabulary.field("word", ([w for w, _, _, _ in s] for s in samples)),
            tags.field("tag", ([t for _, t, _, _ in s] for s in samples)),
        ))  # fmt: skip

    splits = parts.splits(place.file(path).stem, make, f" sentences · {len(vocabulary):,} words, {len(tags)} tags")
    whole = [s for s in (parts.train, parts.validation, parts.test) if s]
    alone = len(whole) == 1 and len(whole[0]) == 1 and len(whole[0][0]) > 1
    return replace(splits, notes=(_one_sentence(path, len(whole[0][0])), *splits.notes)) if alone else splits


def _one_sentence(name: str, words: int) -> str:
    return f"`{name}` is one sentence of {words:,} words: no blank line stands in it, and blank lines part sentences"


def sentences(name: str, place: Place, columns: tuple[int, int], universal: bool, lower: bool) -> list[list[Row]]:
    """The sentences of a file. Raises NetcError with the line that has too few columns or no number."""
    found: list[list[Row]] = [[]]
    width = 0
    for number, line in enumerate(read_lines(name, place), 1):
        if not line.strip():
            found.append([])
            continue
        if universal and line.startswith("#"):
            continue
        cells = line.split("\t") if "\t" in line else line.split()
        sentence = "" if found[-1] else _sentence(line)
        if sentence:
            raise place.damaged(name, f"line {number:,} is a whole sentence, {sentence}", _ROWS)
        width = width or (len(COLUMNS) if universal else len(cells))
        if len(cells) != width:
            wanted = "the ten columns of CoNLL-U" if universal else f"{width}, as the first row has"
            mend = _COLUMNS if universal else _ROWS if "\t" in line else f"{_ROWS}; a row with a tab is parted by tabs alone"
            raise place.damaged(name, f"line {number:,} has {_count(cells)} instead of {wanted}", mend)
        if universal and not _ID.match(cells[0]):
            if _SKIPPED.match(cells[0]):
                continue
            raise place.damaged(name, f"line {number:,} begins with `{cells[0]}`, which is no number of a word")
        if max(columns) >= width:
            raise place.damaged(name, f"line {number:,} has {_count(cells)}, and column {max(columns) + 1} is asked for", _COLUMNS)
        word, tag = (cells[k].strip() for k in columns)
        if not word or not tag:
            raise place.damaged(name, f"line {number:,}, column {columns[0 if not word else 1] + 1} is empty")
        found[-1].append((word.lower() if lower else word, tag, name, number))
        if len(found[-1]) > _LONGEST:
            reason = f"the sentence that begins at line {found[-1][0][3]:,} has more than {_LONGEST:,} words, and no blank line ends it"
            raise place.damaged(name, reason, _ROWS)
    return [s for s in found if s]


def _sentence(line: str) -> str:
    """Whether a line holds a sentence with its tags, as other tools write them; what it holds, or nothing."""
    cells = [cell.split() for cell in line.split("\t")]
    if len(cells) == 2 and len(cells[0]) == len(cells[1]) > 1:
        return f"{len(cells[0])} words and their tags, and here a row is one word"
    tagged = line.split()
    if len(tagged) > 1 and all(_TAGGED.match(w) for w in tagged):
        return f"`{tagged[0]} {tagged[1]}{' …' if len(tagged) > 2 else ''}`, and here a row is one word"
    return ""


def _count(cells: list[str]) -> str:
    return "1 column" if len(cells) == 1 else f"{len(cells)} columns"


def _columns(text: str) -> tuple[int, int]:
    """Where the word and its tag stand in a row, from 0."""
    word, tag = (COLUMNS.index(n.strip().upper()) if n.strip().upper() in COLUMNS else int(n) - 1 for n in text.split(","))
    return word, tag
