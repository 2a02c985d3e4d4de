"""Seeded generators: what they make is what they say, and a seed makes it again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest
from netc.runtime.data.fields.model import Field, Splits
from netc.runtime.data.fields.ragged import Ragged
from netc.runtime.data.pipeline.resolve import SOURCES
from netc.runtime.data.sources.brackets import balanced
from netc.runtime.data.sources.captions import COLOURS
from netc.runtime.data.sources.dates import written

Read = Callable[..., Splits]
SMALL = {
    "hello()": "text class(4)[1..T]",
    "spirals(samples=40)": "x real[2], y class(2)",
    "xor(samples=40)": "x real[2], y class(2)",
    "sine(samples=40)": "x real[1], y real",
    "adding_problem(length=[5, 9], samples=200)": "x real[1..T, 2], y real",
    "copy(symbols=3, length=[1, 4], gap=[0, 3], samples=200)": "x class(5)[1..T], y class(4)[1..T]",
    "parity(length=[1, 9], samples=200)": "bit class(2)[1..T], odd class(2), odd_so_far class(2)[1..T]",
    "reber(samples=200)": "symbol class(7)[1..T], legal real[1..T, 7]",
    "reber(embedded=false, samples=200)": "symbol class(7)[1..T], legal real[1..T, 7]",
    "brackets(kinds=3, samples=200)": "symbol class(6)[1..T], balanced class(2)",
    "boolean_trees(depth=[0, 5], samples=200)": "word class(5)[N], label class(2)[N], N tree(2)",
    "dates(samples=200)": "source class(57)[1..S], target class(13)[1..T]",
    "captions(size=15, samples=40)": "image real[3, 15, 15], words class(20)[1..T]",
}


def samples(field: Field) -> list[np.ndarray]:
    assert isinstance(field.values, Ragged)
    return [field.values.sample(k) for k in range(len(field.values))]


def texts(field: Field) -> list[list[str]]:
    assert field.labels is not None
    return [[field.labels[k] for k in s] for s in samples(field)]


def numbers(splits: Splits) -> list[bytes]:
    """All numbers of all parts."""
    fields = [f.values for d in splits.parts().values() for f in d.fields]
    return [v.flat[v.points].tobytes() + v.lengths.tobytes() if isinstance(v, Ragged) else v.tobytes() for v in fields]


@pytest.mark.parametrize("setting", SMALL)
def test_fields_are_as_documented_and_a_seed_makes_them_again(read: Read, setting: str) -> None:
    first = read(setting)
    assert ", ".join(f"{f.name} {f.sort}" for f in first.train.fields) == SMALL[setting]
    assert numbers(first) == numbers(read(setting))
    if setting != "hello()":
        assert numbers(first) != numbers(read(setting, seed=2))
    for data in first.parts().values():
        for f in data.fields:
            assert len(f.values) == data.size
            if isinstance(f.values, Ragged):
                assert f.values.lengths.min() >= 1
            if f.classes is not None:
                flat = f.values.flat[f.values.points] if isinstance(f.values, Ragged) else f.values
                assert flat.min() >= 0 and flat.max() < f.classes


def test_every_generator_is_tested() -> None:
    files = {"digits", "mnist", "arrays", "csv", "idx", "images", "text", "sentences", "windows", "conll", "pairs", "trees", "series"}
    assert set(SOURCES) - files == {s.split("(")[0] for s in SMALL}


@pytest.mark.parametrize("length", ["[4, 6]", "[50, 100]", "100"])
def test_two_marked_numbers_are_added(read: Read, length: str) -> None:
    x, y = read(f"adding_problem(length={length}, samples=500)").train.fields
    for one, answer in zip(samples(x), y.array, strict=True):
        marked = np.flatnonzero(one[:, 1] == 1)
        assert len(marked) == 2 and marked[0] < 10 and marked[1] <= max(len(one) // 2, 3)
        assert one[0, 1] == one[-1, 1] == -1 and np.abs(one[:, 1]).sum() == 4
        assert np.isclose(answer, 0.5 + one[marked, 0].sum() / 4) and 0 <= answer <= 1
    assert np.abs(x.values.flat[:, 0]).max() <= 1


def test_symbols_stand_again_behind_the_gap(read: Read) -> None:
    x, y = read("copy(symbols=4, length=3, gap=5, samples=50)").train.fields
    for one, answer in zip(samples(x), samples(y), strict=True):
        assert one.tolist() == [*one[:3], 4, 4, 4, 4, 4, 5, 4, 4, 4] and max(one[:3]) < 4
        assert answer.tolist() == [4] * 9 + one[:3].tolist()


def test_parity_counts_the_ones(read: Read) -> None:
    bit, odd, so_far = read("parity(length=[1, 6], samples=100)").train.fields
    for bits, answer, each in zip(samples(bit), odd.array, samples(so_far), strict=True):
        assert answer == bits.sum() % 2 == each[-1]
        assert each.tolist() == [sum(bits[: k + 1]) % 2 for k in range(len(bits))]


def reber_states(string: str) -> set[int]:
    """Which states of the published automaton a plain string may stand in; its own account of the grammar."""
    arcs = {(0, "B", 1), (1, "T", 2), (1, "P", 3), (2, "S", 2), (2, "X", 4), (3, "T", 3), (3, "V", 5), (4, "X", 3), (4, "S", 6), (5, "P", 4), (5, "V", 6), (6, "E", 7)}
    states = {0}
    for c in string:
        states = {b for a, symbol, b in arcs if a in states and symbol == c}
    return states


def test_reber_strings_are_of_the_grammar_and_what_is_legal_is_known(read: Read) -> None:
    symbol, legal = read("reber(embedded=false, samples=300)").train.fields
    for string, allowed in zip(texts(symbol), samples(legal), strict=True):
        assert reber_states("".join(string)) == {7}
        for k in range(len(string)):
            behind = {c for c in "BEPSTVX" if reber_states("".join(string[: k + 1]) + c)}
            assert behind == {c for c, a in zip("BEPSTVX", allowed[k], strict=True) if a}


def test_an_embedded_string_ends_as_it_began(read: Read) -> None:
    symbol, legal = read("reber(samples=300)").train.fields
    for string, allowed in zip(texts(symbol), samples(legal), strict=True):
        assert string[0] == "B" and string[1] == string[-2] and string[1] in "TP" and string[-1] == "E"
        assert reber_states("".join(string[2:-2])) == {7}
        assert [int(a.sum()) for a in allowed[[0, 1, -3, -2, -1]]] == [2, 1, 1, 1, 0]
        assert allowed[-3]["BEPSTVX".index(string[1])] == 1


def test_half_of_the_brackets_balance(read: Read) -> None:
    symbol, answer = read("brackets(length=[2, 20], kinds=3, deepest=4)").train.fields
    strings = ["".join(t) for t in texts(symbol)]
    assert [balanced(s) for s in strings] == answer.array.astype(bool).tolist()
    assert 0.4 < answer.array.mean() < 0.6 and {len(s) % 2 for s in strings} == {0}
    good = [s for s in strings if balanced(s)]
    assert max(sum(c in "([{" for c in s[:k]) - sum(c in ")]}" for c in s[:k]) for s in good for k in range(len(s))) == 4
    assert not balanced("([)]") and not balanced("(") and balanced("([]{})")


def test_boolean_trees_have_the_values_of_their_expressions(read: Read) -> None:
    word, label, nodes = read("boolean_trees(depth=[0, 4], samples=300)").train.fields
    for words, values, children in zip(texts(word), texts(label), samples(nodes), strict=True):
        text: list[str] = []
        for w, (left, right) in zip(words, children.tolist(), strict=True):
            assert max(left, right) < len(text)
            text.append(w.capitalize() if left < 0 else f"(not {text[left]})" if right < 0 else f"({text[left]} {w} {text[right]})")
        assert [str(eval(t)).lower() for t in text] == values
        assert sum(t in text[-1] for t in text) == len(text)


def test_trees_without_not_are_binary(read: Read) -> None:
    word, _, nodes = read('boolean_trees(depth=3, operators="and,or", samples=50)').train.fields
    assert word.labels == ("and", "false", "or", "true")
    assert all(((c >= 0).all(1) | (c < 0).all(1)).all() for c in samples(nodes))


def test_equal_samples_stay_in_one_part(read: Read) -> None:
    splits = read("boolean_trees(depth=[1, 2], samples=500)")
    seen = [{(s.tobytes(), n.tobytes()) for s, n in zip(samples(d.fields[0]), samples(d.fields[2]), strict=True)} for d in splits.parts().values()]
    assert len(seen) == 3 and not seen[0] & seen[1] and not seen[0] & seen[2] and not seen[1] & seen[2]


def test_dates_are_written_in_eight_ways() -> None:
    assert [written(date(1979, 5, 3), k) for k in range(8)] == [
        "3 May 1979", "May 3, 1979", "Thursday, May 3, 1979", "thu 3 may 1979", "3.5.1979", "03.05.79", "3rd of May 1979", "MAY 3 1979",
    ]  # fmt: skip
    assert [written(date(2001, 1, d), 6)[:4] for d in (1, 2, 3, 4, 11, 12, 13, 21, 22, 23)] == [
        "1st ", "2nd ", "3rd ", "4th ", "11th", "12th", "13th", "21st", "22nd", "23rd",
    ]  # fmt: skip


def test_the_target_is_the_date_of_the_source(read: Read) -> None:
    source, target = read("dates(samples=500)").train.fields
    forms = ("%d %B %Y", "%B %d, %Y", "%A, %B %d, %Y", "%a %d %b %Y", "%d.%m.%Y")
    read_back = 0
    for given, wanted in zip(texts(source), texts(target), strict=True):
        assert wanted[-1] == "<eos>"
        for form in forms:
            try:
                found = datetime.strptime("".join(given), form).date()
            except ValueError:
                continue
            read_back += 1
            assert found.isoformat() == "".join(wanted[:-1])
            break
    assert read_back > 250


def test_sentences_say_what_pictures_show(read: Read) -> None:
    image, words = read("captions(size=30, noise=0, samples=200)").train.fields
    for picture, sentence in zip(image.array, texts(words), strict=True):
        assert sentence[-1] == "<eos>"
        named = [w for w in sentence if w in COLOURS]
        masks = [np.isclose(picture, np.array(COLOURS[c], np.float32)[:, None, None]).all(0) for c in named]
        assert all(m.any() for m in masks)
        centres = [np.argwhere(m).mean(0) for m in masks]
        if "above" in sentence and named[0] != named[1]:
            assert centres[0][0] < centres[1][0] - 5
        if "of" in sentence and named[0] != named[1]:
            assert centres[0][1] < centres[1][1] - 5
        if "at" in sentence:
            row, column = (int(c // 10) for c in centres[0])
            assert sentence[-3:-1] == [("top", "middle", "bottom")[row], ("left", "middle", "right")[column]]


def test_a_source_has_a_file_of_its_name() -> None:
    import netc.runtime.data.sources as package

    folder = Path(package.__path__[0])
    assert {n for n in SOURCES if not (folder / f"{n}.py").is_file()} == {"spirals", "xor", "sine"}
