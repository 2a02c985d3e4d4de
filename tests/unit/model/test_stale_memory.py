"""Sampling reads nothing that it has not written: NaN all over the arena before a run changes no symbol and no score."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import netc
import numpy as np
import pytest
from netc import specs
from netc.runtime.backends.backend import Bound
from netc.runtime.model.engine import Engine

ROOT = Path(str(files(specs)))
PAIRS = {"x": [[5, 9, 12, 7], [3, 3, 8, 4]]}
NETS = {
    "hello": ("sequence/hello.net", "Hello", {"prompt": [0], "limit": 12}),
    "lstm": ("text/char_lstm.net", "CharLSTM", {"prompt": [1, 2, 3], "limit": 9}),
    "deep": ("sequence/deep_rnn.net", "DeepRNN", {"prompt": [1, 2], "limit": 9}),
    "transformer": ("attention/transformer.net", "Transformer", {"prompt": [1, 2, 3], "limit": 9}),
    "heads": ("attention/self_attention.net", "ManyHeads", {"prompt": [1, 2, 3], "limit": 9}),
    "seq2seq": ("text/seq2seq.net", "", {"inputs": PAIRS, "limit": 7}),
    "seq2seq with attention": ("text/seq2seq_attention.net", "", {"inputs": PAIRS, "limit": 7}),
    "seq2seq, lengths differ": ("text/seq2seq_attention.net", "", {"inputs": {"x": [[5, 9, 12, 7], [3, 8]]}, "limit": 7}),
}
WAYS = {"drawn": {"count": 3, "seed": 3}, "likeliest": {"temperature": 0}, "beam": {"beam": 3, "count": 2}}


def poison(bound: Bound) -> None:
    """Every number that a run has to write itself becomes NaN (-1 where it is whole)."""
    kept = [(v, bound.read(v)) for v in (*bound.constants.values(), *bound.plan.known)]
    bound._arena[...] = 0xFF
    for variable, values in kept:
        bound.write(variable, values)


@pytest.fixture
def poisoned(monkeypatch: pytest.MonkeyPatch) -> list[Bound]:
    """Before each run from now on."""
    seen: list[Bound] = []
    plain = Engine.bound

    def bound(self: Engine, *args: object, **named: object) -> object:
        compiled, found = plain(self, *args, **named)  # type: ignore[arg-type]
        poison(found)
        seen.append(found)
        return compiled, found

    monkeypatch.setattr(Engine, "bound", bound)
    return seen


def built(file: str, name: str) -> netc.Net:
    text = "\n".join(line for line in (ROOT / file).read_text().split("\n") if not line.strip().startswith("assert T <="))
    spec = netc.parse(text)
    net = (spec[name] if name else spec).build(dtype="float64", seed=2)
    rng = np.random.default_rng(5)
    for path, array in net.params.items():
        net.params[path] = rng.normal(0, 0.5, array.shape)
    return net


def drawn(net: netc.Net, **settings: object) -> list[tuple[list[int], float | None]]:
    return [(s.values.tolist(), s.score) for s in net.sample(**settings)]


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize(("file", "name", "settings"), NETS.values(), ids=NETS)
def test_it_changes_no_symbol_and_no_score(
    file: str, name: str, settings: dict[str, object], way: dict[str, object], request: pytest.FixtureRequest
) -> None:
    settings = {"stop": None, "top_k": 0, **settings, **way}
    clean = drawn(built(file, name), **settings)
    seen = request.getfixturevalue("poisoned")
    net = built(file, name)
    assert drawn(net, **settings) == clean
    assert drawn(net, **settings) == clean  # and over what the first run has left
    assert seen


def test_the_poison_reaches_what_a_run_does_not_write(poisoned: list[Bound], monkeypatch: pytest.MonkeyPatch) -> None:
    net = built("sequence/hello.net", "Hello")
    monkeypatch.setattr(Bound, "run", lambda *_: None)
    assert np.isnan(net.evaluate({"x": [[0, 1, 2]]}, "h")["h"]).all()
    assert len(poisoned) == 1
