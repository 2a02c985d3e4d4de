"""Symbols as numbers and back. A vocabulary is the labels of a field, so that it is saved with the run."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from netc.compiler.diagnostics.error import NetcError
from netc.compiler.diagnostics.problems.data import SymbolOutside
from netc.compiler.diagnostics.suggest import suggest
from netc.compiler.source.text import Span
from netc.runtime.data.fields.model import Array, Field
from netc.runtime.data.fields.ragged import Ragged

BOS, EOS, UNKNOWN, NONE = "<bos>", "<eos>", "<unk>", "<none>"  # begin, end, any other symbol, no symbol (inner nodes of trees)
SPECIAL = (BOS, EOS, UNKNOWN, NONE)
_WORD = re.compile(r"\w+'(?=\w)|\w+|[^\w\s]")
_WORD_OR_LINE = re.compile(rf"\n|{_WORD.pattern}")


def words(text: str, lines: bool = False) -> list[str]:
    """The words of a text, every mark for itself; `l'eau` is `l'` and `eau`. With `lines`, line ends are symbols too.

    >>> words("Don't stop, it’s me.")
    ["Don'", 't', 'stop', ',', "it'", 's', 'me', '.']
    """
    return (_WORD_OR_LINE if lines else _WORD).findall(text.replace("’", "'"))


@dataclass(frozen=True)
class Vocabulary:
    """Symbols by their number: special ones first, the others sorted.

    >>> v = Vocabulary.of(Counter("hello"), limit=0)
    >>> v.symbols, v.encode("hole").tolist(), v.text([1, 0, 2])
    (('e', 'h', 'l', 'o'), [1, 3, 2, 0], 'hel')
    """

    symbols: tuple[str, ...]

    @staticmethod
    def of(counts: Mapping[str, int], limit: int, special: Sequence[str] = ()) -> Vocabulary:
        """The most frequent symbols, at most `limit` with the special ones among them (0: all)."""
        found = [s for s in counts if s not in special]
        if limit:
            found = sorted(found, key=lambda s: (-counts[s], s))[: max(limit - len(special), 0)]
        return Vocabulary((*special, *sorted(found)))

    @staticmethod
    def counted(samples: Iterable[Iterable[str]], limit: int, special: Sequence[str]) -> Vocabulary:
        """The vocabulary of samples of symbols."""
        counts: Counter[str] = Counter()
        for sample in samples:
            counts.update(sample)
        return Vocabulary.of(counts, limit, special)

    def __len__(self) -> int:
        return len(self.symbols)

    @cached_property
    def codes(self) -> dict[str, int]:
        """The number of each symbol."""
        return {s: k for k, s in enumerate(self.symbols)}

    @property
    def characters(self) -> bool:
        """Whether the symbols are characters rather than words."""
        return all(len(s) == 1 or s in SPECIAL for s in self.symbols)

    def encode(self, symbols: Iterable[str]) -> Array:
        """The numbers of symbols; one that is not here is `<unk>` where there is that, else a KeyError."""
        unknown = self.codes.get(UNKNOWN)
        if unknown is None:
            return np.array([self.codes[s] for s in symbols], np.int32)
        return np.array([self.codes.get(s, unknown) for s in symbols], np.int32)

    def read(self, text: str, span: Span) -> Array:
        """The numbers of a text as a user types it, a prompt for instance. Raises NetcError at a symbol that is not here."""
        if self.characters:
            symbols = list(text)
        else:
            symbols = words(text, lines="\n" in self.codes)
            if not any(s != s.lower() for s in self.symbols if s not in SPECIAL):
                symbols = [s.lower() for s in symbols]
        try:
            return self.encode(symbols)
        except KeyError as error:
            symbol = error.args[0]
            where = f"(position {symbols.index(symbol) + 1})"
            raise NetcError(SymbolOutside(span, symbol, where, len(self), _guess(symbol, self.symbols))) from None

    def text(self, codes: Iterable[int]) -> str:
        """The text of numbers; words are parted by blanks, except behind an apostrophe and about line ends.

        A net may have room for more symbols than its data hold, and may draw one: it is shown as U+FFFD.
        """
        symbols = [self.symbols[k] if k < len(self) else "\ufffd" for k in map(int, codes)]
        if self.characters:
            return "".join(symbols)
        return re.sub(r"(?<=\w') (?=\w)| ?\n ?", lambda m: m.group().strip(" "), " ".join(symbols))

    def field(self, name: str, samples: Iterable[Iterable[str]], axis: str = "1..T") -> Field:
        """A field of sequences."""
        coded = Ragged.of((self.encode(s) for s in samples), np.int32)
        return Field(name, coded, len(self), self.symbols, axis)


def recoded(field: Field, known: Sequence[str] | None, span: Span) -> Field:
    """A field with the numbers of another vocabulary: that of a run, which was made from other data.

    Raises NetcError where a symbol of the samples is not known there.
    """
    if known is None or field.labels is None or tuple(known) == field.labels:
        return field
    vocabulary = Vocabulary(tuple(known))
    table = np.array([vocabulary.codes.get(s, vocabulary.codes.get(UNKNOWN, -1)) for s in field.labels], np.int32)
    values = field.values
    used = values.flat[values.points] if isinstance(values, Ragged) else values
    lost = np.flatnonzero(table[used] < 0)
    if len(lost):
        symbol = field.labels[int(used.flat[lost[0]])]
        raise NetcError(SymbolOutside(span, symbol, f"of `{field.name}`", len(vocabulary), _guess(symbol, vocabulary.symbols), vocabulary.symbols))
    made = replace(values, flat=table[values.flat]) if isinstance(values, Ragged) else table[values]
    return replace(field, values=made, classes=len(vocabulary), labels=vocabulary.symbols)


def unknown_in(values: Array | Ragged, labels: Sequence[str] | None) -> tuple[int, int]:
    """How many of the symbols are `<unk>`, and of how many; nothing where the vocabulary has no such symbol."""
    if labels is None or UNKNOWN not in labels:
        return 0, 0
    used = values.flat[values.points] if isinstance(values, Ragged) else np.asarray(values)
    return int((used == list(labels).index(UNKNOWN)).sum()), used.size


def unknown_text(count: int, of: int, labels: Sequence[str]) -> str:
    """`3 of 40 words unknown`."""
    return f"{count:,} of {of:,} {'characters' if Vocabulary(tuple(labels)).characters else 'words'} unknown"


def _guess(symbol: str, known: Sequence[str]) -> str | None:
    """What was meant by a symbol; by a single character only the same one, large or small."""
    return suggest(symbol, known) if len(symbol) > 1 else next((s for s in known if s == symbol.swapcase()), None)
