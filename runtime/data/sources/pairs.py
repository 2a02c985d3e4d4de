"""`pairs("fra.txt")`: lines of two texts parted by a tab, to be read as source and target."""

from __future__ import annotations

from netc.runtime.data.fields.model import Dataset, Splits
from netc.runtime.data.fields.vocabulary import BOS, EOS, UNKNOWN, Vocabulary, words
from netc.runtime.data.formats.place import Place
from netc.runtime.data.formats.text_files import read_lines
from netc.runtime.data.seeded.parts import Share, parted_files

Pair = tuple[list[str], list[str]]


def read(
    place: Place, seed: int, path: str, symbols: int, longest: int, first: int, level: str,
    lower: bool, valid: Share, test: Share,
) -> Splits:  # fmt: skip
    """Fields `source` class(symbols)[1..S] and `target` class(symbols)[1..T], whose last symbol is `<eos>`.

    On the target side 0 is `<bos>` (which no target holds), 1 `<eos>`, 2 `<unk>`; on the source side 0 is `<unk>`. Kept are pairs of
    at most `longest` symbols on either side, and of these the `first`. Pairs with the same source stay in one part.
    """

    def lines(name: str) -> list[Pair]:
        found: list[Pair] = []
        for number, line in enumerate(read_lines(name, place), 1):
            if not line.strip():
                continue
            cells = line.lower().split("\t") if lower else line.split("\t")
            if len(cells) < 2:
                raise place.damaged(name, f"line {number:,} has no tab: a source and a target are parted by one")
            source, target = ([*c.strip()] if level == "char" else words(c) for c in cells[:2])
            if not source or not target:
                raise place.damaged(name, f"line {number:,} has an empty {'target' if source else 'source'}")
            if not longest or max(len(source), len(target)) <= longest:
                found.append((source, target))
            if len(found) == first:
                break
        if not found:
            raise place.damaged(name, f"none of its pairs has {longest} symbols or fewer on each side")
        return found

    parts = parted_files(place, seed, lines, path, valid, test, key=lambda pair: tuple(pair[0]))
    sources = Vocabulary.counted((s for s, _ in parts.counted), place.kept(symbols), (UNKNOWN,))
    targets = Vocabulary.counted((t for _, t in parts.counted), place.kept(symbols), (BOS, EOS, UNKNOWN))

    def make(pairs: list[Pair]) -> Dataset:
        return Dataset((sources.field("source", (s for s, _ in pairs), "1..S"), targets.field("target", ([*t, EOS] for _, t in pairs))))

    return parts.splits(place.file(path).stem, make, f" pairs · {len(sources):,} + {len(targets):,} symbols")
