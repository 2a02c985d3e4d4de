"""Answers for sequences: arrays of any length, and texts line by line."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import netc as api
import numpy as np
import pytest

Netc = Callable[..., CompletedProcess[str]]
HELLO = """net Hello:
    dim V = 4, H = 8
    input x: class(V)[1..T]
    param Wxh[H, V], Whh[H, H], Why[V, H] init glorot
    h[0] = 0
    h[t] = tanh(Wxh @ x[t] + Whh @ h[t-1])
    x[t+1] ~ softmax(Why @ h[t])
train:
    data = hello()
    optimizer = adam(0.05)
    batch = 1
    steps = 200
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("predict")
    api.train(api.parse(HELLO), out=folder / "run")
    return folder / "run"


def test_a_word_is_told_letter_by_letter(run: Path, netc: Netc) -> None:
    (run.parent / "words.txt").write_text("hell\nhel\n", encoding="utf-8")
    np.save(run.parent / "word.npy", np.array([0, 1, 2, 2, 3]))
    told = json.loads(netc("predict", "run", "words.txt", "word.npy", "--json", cwd=run.parent).stdout)
    assert [a["answer"] for a in told] == ["ell", "el", "ello"]


def test_a_symbol_that_the_run_never_saw_is_named(run: Path, netc: Netc) -> None:
    (run.parent / "help.txt").write_text("help\n", encoding="utf-8")
    result = netc("predict", "run", "help.txt", code=1, cwd=run.parent)
    assert "R111" in result.stderr and "'p'" in result.stderr


TAGS = """net Tags:
    input word: class(20)[1..T]
    input tag: class(3)[1..T]
    z[t] = Dense(3)(Embedding(8)(word[t]))
    tag[t] ~ softmax(z[t])
train:
    data = conll("fruit.tsv", columns="1,2", valid=0, test=0)
    optimizer = adam(0.1)
    epochs = 30
"""


@pytest.fixture(scope="module")
def tagger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tagger")
    (folder / "fruit.tsv").write_text("I\tPRON\nlike\tVERB\napples\tNOUN\n\nyou\tPRON\neat\tVERB\nplums\tNOUN\n", encoding="utf-8")
    (folder / "tags.net").write_text(TAGS, encoding="utf-8")
    api.train(api.load(folder / "tags.net"), out=folder / "run", backend="numpy")
    return folder


def test_a_sentence_that_is_typed_is_tagged_word_by_word(tagger: Path, netc: Netc) -> None:
    done = netc("predict", "run", "you like plums", cwd=tagger)
    assert (done.stdout, done.stderr) == ("you like plums: you/PRON like/VERB plums/NOUN\n", "")


def test_unknown_words_are_counted(tagger: Path, netc: Netc) -> None:
    (tagger / "new.txt").write_text("you squeeze lemons\n", encoding="utf-8")
    done = netc("predict", "run", "new.txt", cwd=tagger)
    assert done.stdout.startswith("new.txt: you/PRON <unk>/") and done.stderr == "note: new.txt: 2 of 3 words unknown\n"
    (told,) = json.loads(netc("predict", "run", "new.txt", "--json", cwd=tagger).stdout)
    assert [p["word"] for p in told["points"]] == ["you", "<unk>", "<unk>"] and (told["unknown"], told["of"]) == (2, 3)


def test_a_file_that_is_not_there_is_no_text(tagger: Path, netc: Netc) -> None:
    assert "R401" in netc("predict", "run", "nothing.txt", code=3, cwd=tagger).stderr


def test_eval_tells_confusions_and_unknown_words_of_other_data(tagger: Path, netc: Netc) -> None:
    (tagger / "other.tsv").write_text("you\tPRON\nsqueeze\tVERB\n\nplums\tVERB\n", encoding="utf-8")
    done = netc("eval", "run", "--data", "other.tsv", "--part", "train", "--confusions", cwd=tagger)
    assert done.stdout.splitlines()[0].endswith(" · 1 of 3 words unknown") and " VERB taken for NOUN" in done.stdout
    assert done.stderr == 'note: `other.tsv` is read as `conll("other.tsv", columns="1,2", valid=0, test=0)`\n'
    assert " tag ↓ predicted →  NOUN  PRON  VERB\n" in done.stdout
    (tagger / "odd.tsv").write_text("you\tPRN\n\nplums\tVERB\n", encoding="utf-8")
    told = netc("eval", "run", "--data", "odd.tsv", "--part", "train", code=1, cwd=tagger).stderr
    assert "'PRN' of `tag` is not among the 3 symbols that the run was trained with\n  --> command line\n  | --data odd.tsv\n" in told
