"""A file in place of a spec's data is read as the spec reads its own, where its ending allows that."""

from __future__ import annotations

from pathlib import Path

import pytest
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.source.text import Source
from netc.compiler.syntax import tree
from netc.compiler.syntax.parser import parse
from netc.runtime.data.pipeline.replacing import replacement
from netc.runtime.data.pipeline.resolve import calls_of, resolve


def declared(text: str) -> tree.Expr:
    block = parse(Source("spec.net", f"train:\n    data = {text}\n"), Reporter()).items[0]
    assert isinstance(block, tree.Block) and isinstance(block.body[0], tree.Equation)
    return block.body[0].value


@pytest.mark.parametrize(
    ("own", "typed", "read"),
    [
        ('conll("a.tsv", columns="1,2")', "b.tsv", 'conll("b.tsv", columns="1,2")'),
        ('conll("a.tsv", valid="v.tsv", test=0.2)', "b.conllu", 'conll("b.conllu", test=0.2)'),
        ('pairs("a.txt", level="char")', "b.tsv", 'pairs("b.tsv", level="char")'),
        ('conll("a.tsv", columns="1,2")', "b.npz", 'arrays("b.npz")'),
        ('csv("a.csv", target="y")', "b.conllu", 'conll("b.conllu")'),
        ("digits()", "b.tsv", 'csv("b.tsv")'),
        ('conll("a.tsv")', "digits", "digits()"),
        ('conll("a.tsv")', 'csv("b.tsv")', 'csv("b.tsv")'),
    ],
)
def test_the_reader_of_a_file(own: str, typed: str, read: str) -> None:
    _, call = replacement(typed, calls_of(declared(own))[0])
    assert call.span.text == read


def test_it_is_said_how_a_file_is_read_and_a_mistake_points_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "b.tsv").write_text("the B\ncat I\n\nruns O\n", encoding="utf-8")
    own = declared('conll("a.tsv", columns="1,2", valid=0, test=0)')
    splits = resolve(own, folder=tmp_path, seed=1, replace="b.tsv")
    assert splits.notes == ('`b.tsv` is read as `conll("b.tsv", columns="1,2", valid=0, test=0)`',)
    place, _ = replacement("b.tsv", calls_of(own)[0])
    assert (place.span.source.text, place.span.text) == ("--data b.tsv", "b.tsv")


def test_a_file_for_a_run_that_was_trained_on_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "b.tsv").write_text("the B\n\nruns O\n", encoding="utf-8")
    before = 'conll("a.tsv", columns="1,2", valid=0, test=0.5)'
    splits = resolve(None, folder=tmp_path, seed=1, replace="b.tsv", before=before, all_symbols=True)
    assert splits.test is not None and splits.train.fields[0].labels == ("<unk>", "runs", "the")
