"""`netc nearest` on a run: one line for each question, the same as JSON."""

import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from subprocess import CompletedProcess

import netc as api
import pytest

Netc = Callable[..., CompletedProcess[str]]
TEXT = "a king rules here . a queen rules here . two trees stand there . " * 40


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("nearest")
    (folder / "words.txt").write_text(TEXT)
    text = (
        Path(str(files("netc.specs")))
        .joinpath("text", "cbow.net")
        .read_text()
        .replace("shakespeare/tinyshakespeare.txt", "words.txt")
    )
    (folder / "cbow.net").write_text(text.replace("N = 2000", "N = 10"))
    api.train(api.load(folder / "cbow.net")["TwoMatrices"], out=folder / "words", epochs=30, lr=0.01)
    return folder


def test_words_of_the_same_places_are_near(words: Path, netc: Netc) -> None:
    done = netc("nearest", "words", "king", "queen - king + trees", "--count", "2", cwd=words)
    first, second = done.stdout.splitlines()
    assert first.startswith("king                  →  queen ") and second.startswith("queen - king + trees  →  ")
    document = json.loads(netc("nearest", "words", "king", "--count", "2", "--json", cwd=words).stdout)
    assert [w for w, _ in document["nearest"]["king"]][0] == "queen"


def test_a_word_that_the_run_does_not_know_is_shown(words: Path, netc: Netc) -> None:
    assert "[R111]" in netc("nearest", "words", "duke", code=1, cwd=words).stderr
