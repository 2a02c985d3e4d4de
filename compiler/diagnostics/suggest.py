"""The one "did you mean"."""

from __future__ import annotations

from collections.abc import Iterable

_STEM = 4  # shorter words are slips of too many others
_SHORT = 2  # of so few letters, one that differs makes another name
_BEGUN = 3  # a beginning shorter than this says nothing


def distance(a: str, b: str) -> int:
    """Edits between two words; two neighbours swapped count as one (optimal string alignment)."""
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]


def _begun_alike(a: str, b: str) -> int:
    """How many letters two words begin with alike."""
    return next((k for k, (x, y) in enumerate(zip(a.lower(), b.lower(), strict=False)) if x != y), min(len(a), len(b)))


def suggest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that the user most likely meant, or None where none is near.

    A few letters may be wrong; failing that, one word may begin the other (`batchsize`, `batch`). Of one or two letters only the
    same in another case or order, or with one more, are near: `W` is another name than `y`.
    """
    if len(word) <= _SHORT:
        return _alike(word, candidates)
    allowed = 1 if len(word) <= 4 else 2 if len(word) <= 8 else 3
    candidates = set(candidates)
    best: tuple[float, str] | None = None
    for candidate in sorted(candidates, key=lambda c: (-_begun_alike(word, c), c)):
        if candidate == word or abs(len(candidate) - len(word)) > min(allowed, len(word) - 1):
            continue
        same_letters = candidate.lower() == word.lower()
        edits = 0.5 if same_letters else float(distance(word.lower(), candidate.lower()))
        if edits <= allowed and edits < max(len(word), 2) and (best is None or edits < best[0]):
            best = (edits, candidate)
    if best is not None:
        return best[1]
    begun = [c for c in candidates if min(len(c), len(word)) >= _BEGUN and (c.startswith(word) or word.startswith(c)) and c != word]
    return begun[0] if len(begun) == 1 else None


def _alike(word: str, candidates: Iterable[str]) -> str | None:
    """The name that has the letters of a short word in another case or order; for two letters also one that has one more."""
    letters = sorted(word.casefold())
    others = sorted(c for c in set(candidates) if c != word)
    same = [c for c in others if sorted(c.casefold()) == letters]
    longer = [c for c in others if len(word) == _SHORT and len(c) == _SHORT + 1 and distance(word.casefold(), c.casefold()) == 1]
    return next((c for c in same if c.casefold() == word.casefold()), same[0] if same else longer[0] if len(longer) == 1 else None)


def is_slip(word: str, guess: str | None) -> bool:
    """Whether a word is the guess mistyped, and hardly a name of its own: `Block2` beside `Block`, or `C3` beside `c3`, may well be one."""
    if guess is None or min(len(word), len(guess)) < _STEM:
        return False
    letters, others = ("".join(c for c in w.lower() if not c.isdigit()) for w in (word, guess))
    longer = letters.startswith(others) or others.startswith(letters)  # `ConvBN` is no `Conv`
    return letters != others and distance(letters, others) <= (1 if longer else 2)
