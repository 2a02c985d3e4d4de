"""Files of sentences, tagged words, pairs and numbers over time: what is read, and what is said of bad rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from netc.compiler.diagnostics.error import NetcError
from netc.runtime.data.fields.model import Field, Splits
from netc.runtime.data.fields.ragged import Ragged
from netc.runtime.data.fields.vocabulary import Vocabulary

Read = Callable[..., Splits]


def shown(field: Field) -> list[list[str]]:
    """Every sample of a field in its symbols."""
    assert isinstance(field.values, Ragged) and field.labels
    return [[field.labels[k] for k in field.values.sample(n)] for n in range(len(field.values))]


def message(read: Read, setting: str, **files: str) -> str:
    with pytest.raises(NetcError) as caught:
        read(setting, **files)
    return str(caught.value).split(": ", 2)[-1]


# ---- sentences -------------------------------------------------------------------------------------------------------


def test_a_line_is_a_sentence_that_ends(read: Read) -> None:
    (found,) = read('sentences("a.txt", lower=true, valid=0, test=0)', **{"a.txt": "The cat.\n\nA dog runs\n"}).train.fields
    assert shown(found) == [["the", "cat", ".", "<eos>"], ["a", "dog", "runs", "<eos>"]]
    assert (found.labels or ())[:3] == ("<bos>", "<eos>", "<unk>") and found.sort == "class(9)[1..T]"


def test_sentences_of_characters_without_an_end(read: Read) -> None:
    setting = 'sentences("a.txt", level="char", end=false, longest=3, symbols=3, valid=0, test=0)'
    (found,) = read(setting, **{"a.txt": "aab\nabca\nac\n"}).train.fields
    assert shown(found) == [["a", "a", "b"], ["a", "<unk>"]]


def test_other_files_are_the_other_parts(read: Read) -> None:
    files = {"a.txt": "a b\nb c", "v.txt": "c d", "t.txt": "a\nb\nc"}
    splits = read('sentences("a.txt", end=false, valid="v.txt", test="t.txt")', **files)
    assert {part: shown(d.fields[0]) for part, d in splits.parts().items()} == {
        "train": [["a", "b"], ["b", "c"]], "validation": [["c", "<unk>"]], "test": [["a"], ["b"], ["c"]],
    }  # fmt: skip
    assert splits.statement == "a 2 + 1 + 3 · 4 symbols"


def test_shares_are_drawn_by_the_seed(read: Read) -> None:
    lines = "\n".join(f"w{k}" for k in range(40))
    first, again, other = (read('sentences("a.txt", end=false)', seed, **{"a.txt": lines}) for seed in (1, 1, 2))
    assert [d.size for d in first.parts().values()] == [32, 4, 4] and first.statement.endswith("seed 1")
    assert shown(first.train.fields[0]) == shown(again.train.fields[0]) != shown(other.train.fields[0])


def test_no_sentence_is_short_enough(read: Read) -> None:
    assert message(read, 'sentences("a.txt", longest=1)', **{"a.txt": "a b\nc d"}) == "`a.txt` cannot be used: none of its 2 sentences has 1 symbols or fewer"


# ---- windows ---------------------------------------------------------------------------------------------------------


def test_every_word_has_its_neighbours(read: Read) -> None:
    context, word = read('windows("a.txt", radius=2, valid=0, test=0)', **{"a.txt": "A b c\nd e f"}).train.fields
    labels = word.labels or ()
    assert [[labels[k] for k in row] for row in context.array] == [["a", "b", "d", "e"], ["b", "c", "e", "f"]]
    assert [labels[k] for k in word.array] == ["c", "d"]
    assert (context.sort, word.sort, context.labels) == ("class(6)[4]", "class(6)", labels)


def test_rare_words_are_one_symbol(read: Read) -> None:
    (_, word) = read('windows("a.txt", radius=1, symbols=2, valid=0, test=0)', **{"a.txt": "a a b a c a"}).train.fields
    assert word.labels == ("<unk>", "a") and word.array.tolist() == [1, 0, 1, 0]


def test_too_few_words_for_a_window(read: Read) -> None:
    text = message(read, 'windows("a.txt", radius=3, valid=0, test=0)', **{"a.txt": "a b c"})
    assert text == "`a.txt` cannot be used: it leaves 3 words for training, and a window of radius 3 takes 7"


# ---- columns ---------------------------------------------------------------------------------------------------------


def conllu(*rows: tuple[str, str, str]) -> str:
    """Rows of number, word and tag in ten columns; an empty number ends a sentence."""
    return "".join(f"{n}\t{w}\t_\t{t}\t_\t_\t0\t_\t_\t_\n" if n else "\n" for n, w, t in rows)


GOOD = "# text = Don't go\n" + conllu(
    ("1-2", "Don't", "_"), ("1", "Do", "AUX"), ("2", "n't", "PART"), ("2.1", "you", "PRON"), ("3", "go", "VERB"), ("", "", ""), ("1", "Go", "VERB")
)


def test_words_and_tags_of_a_treebank(read: Read) -> None:
    splits = read('conll("a.conllu", lower=true, valid=0, test="t.conllu")', **{"a.conllu": GOOD, "t.conllu": conllu(("1", "Stay", "VERB"))})
    word, tag = splits.train.fields
    assert shown(word) == [["do", "n't", "go"], ["go"]] and shown(tag) == [["AUX", "PART", "VERB"], ["VERB"]]
    assert (word.sort, tag.sort, word.labels) == ("class(4)[1..T]", "class(3)[1..T]", ("<unk>", "do", "go", "n't"))
    assert splits.test is not None and shown(splits.test.fields[0]) == [["<unk>"]]
    assert splits.statement == "a 2 + 1 sentences · 4 words, 3 tags"


def test_columns_by_number(read: Read) -> None:
    word, tag = read('conll("a.txt", columns="1,2", valid=0, test=0)', **{"a.txt": "The B\ncat I\n\nruns O\n"}).train.fields
    assert shown(word) == [["The", "cat"], ["runs"]] and shown(tag) == [["B", "I"], ["O"]]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (GOOD + "2\tnow\n", "`a.conllu` cannot be used: line 9 has 2 columns instead of the ten columns of CoNLL-U"),
        (conllu(("x", "now", "ADV")), "`a.conllu` cannot be used: line 1 begins with `x`, which is no number of a word"),
        (conllu(("1", "now", "")), "`a.conllu` cannot be used: line 1, column 4 is empty"),
    ],
)
def test_bad_rows_of_a_treebank(read: Read, content: str, text: str) -> None:
    assert message(read, 'conll("a.conllu", valid=0, test=0)', **{"a.conllu": content}) == text


def test_a_tag_that_nothing_was_trained_on(read: Read) -> None:
    files = {"a.conllu": GOOD, "t.conllu": conllu(("1", "go", "VERB"), ("2", "!", "PUNCT"))}
    text = message(read, 'conll("a.conllu", valid=0, test="t.conllu")', **files)
    assert text == "`t.conllu` cannot be used: the tag `PUNCT` of line 2 stands nowhere in the training part"


def test_columns_that_do_not_exist(read: Read) -> None:
    assert message(read, 'conll("a.conllu", columns="FORM,POS")', **{"a.conllu": GOOD}).startswith("`columns` must be the columns of the word and its tag")
    assert "line 1 has 2 columns, and column 4 is asked for" in message(read, 'conll("a.txt", columns="1,4")', **{"a.txt": "a b\n"})


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("the/DET cat/NOUN ran/VERB\na/DET dog/NOUN sat/VERB\n", "line 1 is a whole sentence, `the/DET cat/NOUN …`, and here a row is one word"),
        ("the cat ran\tDET NOUN VERB\n", "line 1 is a whole sentence, 3 words and their tags, and here a row is one word"),
        ("a B\n" * 1001, "the sentence that begins at line 1 has more than 1,000 words, and no blank line ends it"),
    ],
)
def test_sentences_that_are_written_otherwise(read: Read, content: str, reason: str) -> None:
    with pytest.raises(NetcError) as caught:
        read('conll("a.txt", columns="1,2")', **{"a.txt": content})
    shown = caught.value.problems[0].diagnose()
    assert shown.message == f"`a.txt` cannot be used: {reason}"
    assert shown.help == "write one word and its tag in each row, parted by a tab, and a blank line behind each sentence"


def test_a_file_without_blank_lines_and_parts_that_came_to_nothing_are_noted(read: Read) -> None:
    noted = "`a.txt` is one sentence of 3 words: no blank line stands in it, and blank lines part sentences"
    splits = read('conll("a.txt", columns="1,2")', **{"a.txt": "The B\ncat I\nruns O\n"})
    assert splits.notes == (noted, "of 1 sample the shares 0.1 for validation and 0.1 for the test came to none")
    assert read('conll("a.txt", columns="1,2", valid=0, test=0)', **{"a.txt": "The B\n\ncat I\n"}).notes == ()
    assert read('csv("a.csv")', **{"a.csv": "1,2\n3,4\n"}).notes == ("of 2 samples the shares 0.1 for validation and 0.1 for the test came to none",)


@pytest.mark.data
def test_english_web_treebank(real: Read) -> None:
    folder = "ud_english_ewt/en_ewt-ud"
    splits = real(f'conll("{folder}-train.conllu", valid="{folder}-dev.conllu", test="{folder}-test.conllu", symbols=10000)')
    word, tag = splits.train.fields
    assert [d.size for d in splits.parts().values()] == [12_544, 2_001, 2_077]
    assert (word.classes, tag.classes) == (10_000, 17)
    assert isinstance(word.values, Ragged) and int(word.values.lengths.sum()) == 204_577
    assert shown(word)[0][:6] == ["Al", "-", "Zaman", ":", "American", "forces"] and shown(tag)[0][:3] == ["PROPN", "PUNCT", "PROPN"]


# ---- pairs -----------------------------------------------------------------------------------------------------------


def test_sources_and_targets(read: Read) -> None:
    splits = read('pairs("a.txt", longest=3, valid=0, test=0)', **{"a.txt": "Go.\tVa !\nI am here now.\tJe suis là\nRun!\tL'eau\tCC-BY\n"})
    source, target = splits.train.fields
    assert shown(source) == [["go", "."], ["run", "!"]] and shown(target) == [["va", "!", "<eos>"], ["l'", "eau", "<eos>"]]
    assert (source.labels or ())[0] == "<unk>" and (target.labels or ())[:3] == ("<bos>", "<eos>", "<unk>")
    assert (source.sort, target.sort) == ("class(5)[1..S]", "class(7)[1..T]")
    assert Vocabulary(target.labels or ()).text([5, 4]) == "l'eau"


def test_the_first_pairs_as_characters(read: Read) -> None:
    source, target = read('pairs("a.txt", level="char", lower=false, first=1, valid=0, test=0)', **{"a.txt": "Hi\tSalut\nBye\tCiao"}).train.fields
    assert shown(source) == [["H", "i"]] and shown(target) == [["S", "a", "l", "u", "t", "<eos>"]]


def test_the_same_source_stays_in_one_part(read: Read) -> None:
    lines = "\n".join(f"w{k // 3}\tm{k}" for k in range(60))
    splits = read('pairs("a.txt", valid=0.2, test=0.2)', **{"a.txt": lines})
    parts = {name: {shown(d.fields[0])[k][0] for k in range(d.size)} for name, d in splits.parts().items()}
    assert [d.size for d in splits.parts().values()] == [36, 12, 12]
    assert parts["train"] == {w for w in parts["train"] if w != "<unk>"} and parts["validation"] == parts["test"] == {"<unk>"}


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("a\tb\n\nc d\n", "`a.txt` cannot be used: line 3 has no tab: a source and a target are parted by one"),
        ("a\tb\nc\t \n", "`a.txt` cannot be used: line 2 has an empty target"),
        ("\tb\n", "`a.txt` cannot be used: line 1 has an empty source"),
        ("a b c\tb\n", "`a.txt` cannot be used: none of its pairs has 2 symbols or fewer on each side"),
    ],
)
def test_bad_pairs(read: Read, content: str, text: str) -> None:
    assert message(read, 'pairs("a.txt", longest=2)', **{"a.txt": content}) == text


@pytest.mark.data
def test_french_and_english(real: Read) -> None:
    splits = real('pairs("fra-eng/fra.txt", longest=10, first=20000, symbols=4000)')
    source, target = splits.train.fields
    assert sum(d.size for d in splits.parts().values()) == 20_000
    assert source.classes == 3_134 and target.classes == 4_000
    assert isinstance(target.values, Ragged) and target.values.lengths.max() <= 11
    ends = target.values.flat[target.values.starts + target.values.lengths - 1]
    assert set(ends.tolist()) == {1}


# ---- series ----------------------------------------------------------------------------------------------------------


def test_a_series_is_scaled_by_its_training_part(read: Read) -> None:
    rows = "\n".join(f"2024-01-{k + 1:02},{k},{10 * k}" for k in range(20))
    splits = read('series("a.csv", window=4, column="load", valid=0.2, test=0.2)', **{"a.csv": f"day,load,price\n{rows}"})
    (found,) = splits.train.fields
    assert isinstance(found.values, Ragged) and found.sort == "real[1..T, 1]"
    flat, sd = found.values.flat[:, 0], np.arange(12).std()
    assert np.allclose(flat, (np.arange(12) - 5.5) / sd)
    assert found.values.lengths.tolist() == [4, 4, 4, 3] and found.values.sample(0)[-1] == found.values.sample(1)[0]
    assert splits.validation is not None and np.isclose(splits.validation.fields[0].values[[0]].flat[0, 0], (12 - 5.5) / sd)
    assert splits.statement == "a 4 + 1 + 1 windows · scaled by load 5.5 ± 3.45205"


def test_a_series_stays_as_it_is_where_asked(read: Read) -> None:
    splits = read('series("a.csv", window=3, column="a", scaled=false, valid=0, test=0)', **{"a.csv": "a,b\n10,5\n20,5\n-40,5\n"})
    assert splits.train.fields[0].values.flat.ravel().tolist() == [10, 20, -40] and "scaled" not in splits.statement


def test_several_columns_of_a_series(read: Read) -> None:
    splits = read('series("a.csv", window=3, column="b, a", valid=0, test=0)', **{"a.csv": "a,b\n1,5\n2,5\n3,5\n"})
    values = splits.train.fields[0].values
    assert isinstance(values, Ragged) and values.flat[:, 0].tolist() == [0, 0, 0] and values.flat[0, 1] < 0
    lone = read('series("a.csv", window=2, valid=0, test=0)', **{"a.csv": "1\n2\n4\n"}).train
    assert lone.size == 2


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("a,b\n1,2\n3,nan\n", "`a.csv` cannot be used: line 3, `b`: `nan` is not a finite number"),
        ("a,b\n1,2\n\n3,\n", "`a.csv` cannot be used: line 4, `b`: this cell is empty, and a number is wanted"),
        ("1,2\n3\n", "`a.csv` cannot be used: line 2 has 1 cell, and the first has 2"),
        ('a,b\n1,"2\n', "`a.csv` cannot be used: line 2: unexpected end of data"),
        ("a,b\n1,2\n", "`a.csv` cannot be used: it leaves 1 for training, and a window takes two rows"),
    ],
)
def test_bad_rows_of_a_series(read: Read, content: str, text: str) -> None:
    assert message(read, 'series("a.csv", valid=0, test=0)', **{"a.csv": content}) == text


def test_a_column_that_does_not_exist(read: Read) -> None:
    text = message(read, 'series("a.csv", column="loads")', **{"a.csv": "day,load\n1,2\n"})
    assert text == "`a.csv` cannot be used: it has no column `loads` (did you mean `load`?); its columns are day, load"


def test_uneven_rows_of_a_table(read: Read) -> None:
    assert message(read, 'csv("a.csv")', **{"a.csv": "1,2\n3,4,5\n"}) == "`a.csv` cannot be used: line 2 has 3 cells, and the first has 2"
