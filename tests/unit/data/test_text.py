"""Texts as windows and as streams, and the vocabulary that is saved with a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from netc.compiler.diagnostics.error import NetcError
from netc.compiler.source.text import Source, Span
from netc.runtime.data.feeding.streams import chunks, lengths_of, one_text, streams
from netc.runtime.data.fields.model import Dataset, Field, Splits
from netc.runtime.data.fields.ragged import Ragged
from netc.runtime.data.fields.vocabulary import UNKNOWN, Vocabulary, recoded, words

Read = Callable[..., Splits]
SPAN = Span(Source("spec", "prompt"), 0, 6)


def field(splits: Splits, part: str = "train") -> Field:
    return splits.parts()[part].fields[0]


def ragged(f: Field) -> Ragged:
    assert isinstance(f.values, Ragged)
    return f.values


def test_every_symbol_but_the_first_is_behind_another_once(read: Read) -> None:
    text = "the quick brown fox jumps over the lazy dog. " * 5
    found = field(read('text("a.txt", length=7, valid=0, test=0)', **{"a.txt": text}))
    values, vocabulary = ragged(found), Vocabulary(found.labels or ())
    assert set(values.lengths[:-1]) == {7} and values.lengths.sum() - len(values) == len(text) - 1
    joined = vocabulary.text(values.sample(0)) + "".join(vocabulary.text(values.sample(k)[1:]) for k in range(1, len(values)))
    assert joined == text
    assert found.labels == tuple(sorted(set(text)))


def test_a_text_is_parted_in_its_order_and_the_vocabulary_is_that_of_the_training_part(read: Read) -> None:
    splits = read('text("a.txt", valid=0.2, test=0.2, length=4)', **{"a.txt": "abcabcabcabc" + "abcz" + "cabx"})
    texts = {part: Vocabulary(field(splits).labels or ()).text(whole(field(splits, part))) for part in splits.parts()}
    assert texts == {"train": "abcabcabcabc", "validation": f"abc{UNKNOWN}", "test": f"cab{UNKNOWN}"}
    assert field(splits).labels == (UNKNOWN, "a", "b", "c") and field(splits).classes == 4
    assert splits.statement == f"a 4 + 1 + 1 windows · 4 symbols, 10.00% of the text {UNKNOWN}"


def test_the_most_frequent_symbols_are_kept(read: Read) -> None:
    found = field(read('text("a.txt", symbols=3, valid=0, test=0)', **{"a.txt": "aaaabbbcde"}))
    assert found.labels == (UNKNOWN, "a", "b")
    assert ragged(found).flat.tolist() == [1, 1, 1, 1, 2, 2, 2, 0, 0, 0]
    everything = field(read('text("a.txt", symbols=5, valid=0, test=0)', **{"a.txt": "aaaabbbcde"}))
    assert everything.labels == ("a", "b", "c", "d", "e")


def test_words_and_line_ends_are_symbols(read: Read) -> None:
    found = field(read('text("a.txt", level="word", lower=true, valid=0, test=0)', **{"a.txt": "To be, or not:\r\nto be.\r\n"}))
    vocabulary = Vocabulary(found.labels or ())
    assert vocabulary.symbols == ("\n", ",", ".", ":", "be", "not", "or", "to")
    assert vocabulary.text(ragged(found).sample(0)) == "to be , or not :\nto be .\n"
    assert vocabulary.read("Not to be", SPAN).tolist() == [5, 7, 4]


def test_steps_of_pictures_do_not_apply(read: Read) -> None:
    with pytest.raises(NetcError, match=r"R110.*`resize` does not apply to sequences: `text` is class\(3\)\[1..T\]"):
        read('text("a.txt") -> resize(3)', **{"a.txt": "abcabcabcabcabcabcabc"})
    assert read('text("a.txt", length=2, valid=0, test=0) -> take(2)', **{"a.txt": "abcabc"}).train.size == 2


@pytest.mark.parametrize(
    ("setting", "content", "message"),
    [
        ('text("a.txt")', b"one\ntwo \xff three", "byte 8 (line 2, byte 5 of it) is 0xff, which is not UTF-8"),
        ('text("a.txt")', b"ab\xe4", "byte 2 (line 1, byte 3 of it) is 0xe4, which is not UTF-8"),
        ('text("a.txt")', b" \n", "it is empty"),
        ('text("a.txt", valid=0.3, test=0.3)', b"abc", "it leaves 1 for training, and a window takes two symbols"),
    ],
)
def test_bad_texts_are_refused_with_their_place(read: Read, setting: str, content: bytes, message: str) -> None:
    with pytest.raises(NetcError, match="R104") as caught:
        read(setting, **{"a.txt": content})
    assert message in str(caught.value)


# ---- streams ---------------------------------------------------------------------------------------------------------


def whole(found: Field) -> np.ndarray:
    """The text that a field's windows were cut from."""
    values = streams(Dataset((found,)), 1, 0).fields[0].values
    assert isinstance(values, Ragged)
    return values.sample(0)


@pytest.mark.parametrize("overlap", [0, 1])
@pytest.mark.parametrize(("count", "batch", "k"), [(101, 4, 5), (100, 3, 7), (50, 1, 100), (9, 8, 1)])
def test_streams_go_on_where_they_stopped(count: int, batch: int, k: int, overlap: int) -> None:
    text = np.arange(count)
    starts = np.arange(0, count - 1, 6)
    windows = Dataset((Field("x", Ragged(text, starts, np.minimum(7, count - starts))),))
    assert one_text(windows)
    parallel = streams(windows, batch, overlap)
    found = chunks(lengths_of(parallel), range(batch), batch, k, overlap)
    assert [c.fresh.all() for c in found] == [j == 0 for j in range(len(found))]
    seen: list[list[int]] = [[] for _ in range(batch)]
    for chunk in found:
        points = chunk.arrays(parallel)["x"]
        assert isinstance(points, Ragged) and points.lengths.max() <= k + overlap
        for j, place in enumerate(chunk.places):
            one = points.sample(j).tolist()
            assert not overlap or not seen[place] or seen[place][-1] == one[0]
            seen[place] += one[overlap:] if seen[place] else one
    predicted = [p for stream in seen for p in stream[overlap:]]
    assert predicted == list(range(overlap, count))


def test_a_sequence_takes_the_place_of_one_that_ended() -> None:
    lengths = np.array([5, 1, 9, 3, 2, 7])
    found = chunks(lengths, [5, 4, 3, 2, 1, 0], 2, 3, 1)
    last: dict[int, tuple[int, int]] = {}
    predicted = dict.fromkeys(range(6), 0)
    for chunk in found:
        for place, sample, start, points, fresh in zip(chunk.places, chunk.samples, chunk.starts, chunk.points, chunk.fresh, strict=True):
            assert fresh == (start == 0)
            assert fresh or last[place] == (sample, start)
            last[place] = (sample, start + points - 1)
            predicted[sample] += points - 1
    assert predicted == {k: n - 1 for k, n in enumerate(lengths)}  # the sample of one symbol has nothing to predict
    assert all(len(c.places) == 2 for c in found[:-2])


def test_the_first_windows_alone_are_a_stream(read: Read) -> None:
    splits = read('text("a.txt", length=4, valid=0, test=0) -> take(2)', **{"a.txt": "abcdefghijk"})
    assert whole(field(splits)).tolist() == [0, 1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("values", [Ragged.of([[1, 2], [3, 4]]), Ragged.of([[1, 2, 3]]), np.zeros((3, 4))])
def test_samples_of_their_own_are_no_stream(values: Ragged | np.ndarray) -> None:
    assert not one_text(Dataset((Field("x", values),)))


def test_a_text_may_be_too_short_for_its_streams() -> None:
    windows = Dataset((Field("x", Ragged(np.arange(3), np.array([0, 1]), np.array([2, 2]))),))
    with pytest.raises(NetcError, match="R112.*its 3 points do not make 4 streams of at least 2"):
        streams(windows, 4, 1)


# ---- vocabulary ------------------------------------------------------------------------------------------------------


def test_a_prompt_outside_the_vocabulary_is_named() -> None:
    vocabulary = Vocabulary.of(Counter("king"), 0)
    with pytest.raises(NetcError, match=r"R111.*'K' \(position 1\) is not among the 4 symbols of the vocabulary") as caught:
        vocabulary.read("King", SPAN)
    assert "did you mean `k`?" in str(caught.value.problems[0].diagnose().help)
    with pytest.raises(NetcError) as caught:
        vocabulary.read("gift", SPAN)
    assert "did you mean" not in str(caught.value.problems[0].diagnose().help)
    assert Vocabulary.of(Counter("king"), 0, (UNKNOWN,)).read("King", SPAN).tolist() == [0, 2, 4, 1]


def test_a_symbol_beyond_the_vocabulary_is_shown_as_unknown() -> None:
    assert Vocabulary(("a", "b")).text([1, 2, 0]) == "b\ufffda"


def test_words_are_split_as_french_and_english_need() -> None:
    assert words("N'est-ce pas l’eau\u202f?") == ["N'", "est", "-", "ce", "pas", "l'", "eau", "?"]
    vocabulary = Vocabulary.counted([words("c'est l'eau .")], 0, ())
    assert vocabulary.text(vocabulary.encode(words("l'eau c'est ."))) == "l'eau c'est ."


def test_other_data_takes_the_numbers_of_the_run(read: Read) -> None:
    other = field(read('text("a.txt", valid=0, test=0)', **{"a.txt": "cabbage"}))
    taken = recoded(other, ["a", "b", "c", "e", "g", "z"], SPAN)
    assert ragged(taken).flat.tolist() == [2, 0, 1, 1, 0, 4, 3] and taken.classes == 6
    assert ragged(recoded(other, [UNKNOWN, "a"], SPAN)).flat.tolist() == [0, 1, 0, 0, 1, 0, 0]
    with pytest.raises(NetcError, match=r"R111.*'g' of `text` is not among the 4 symbols"):
        recoded(other, ["a", "b", "c", "e"], SPAN)


def test_recoding_looks_at_the_samples_alone() -> None:
    shared = Ragged.of([[0], [1]])
    assert ragged(recoded(Field("x", shared[:1], 2, ("a", "b")), ["c", "a"], SPAN)).sample(0).tolist() == [1]


@pytest.mark.data
def test_tiny_shakespeare(real: Read) -> None:
    splits = real('text("shakespeare/tinyshakespeare.txt")')
    found = field(splits)
    assert found.classes == 65 and UNKNOWN not in (found.labels or ())
    assert [len(whole(field(splits, p))) for p in splits.parts()] == [1_003_854, 55_770, 55_770]
    assert Vocabulary(found.labels or ()).text(ragged(found).sample(0)).startswith("First Citizen:\nBefore we proceed")
    parallel = streams(splits.train, 32, 1)
    steps = chunks(lengths_of(parallel), range(32), 32, 25, 1)
    assert len(steps) == -(-(1_003_853 // 32 + 1) // 25) and sum(int((c.points - 1).sum()) for c in steps) == 1_003_853
