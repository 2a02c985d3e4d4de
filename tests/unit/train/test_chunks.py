"""`bptt = k`: chunks of sequences come to what the whole sequences come to, and gradients end where chunks begin."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import netc
import numpy as np
import pytest
from netc.compiler.diagnostics.error import NetcError
from netc.compiler.variants.carry_state import FRESH
from netc.runtime.data.fields.model import Dataset, Field
from netc.runtime.data.fields.ragged import Ragged
from netc.runtime.model.net import Net
from netc.runtime.train.evaluation import evaluate, summary
from netc.runtime.train.feed import Chunks
from netc.runtime.train.folders import open_run
from netc.runtime.train.runs import data_of, settings_of
from netc.runtime.train.trainer import Trainer

ELMAN = """net N:
    input x: class(5)[1..T]
    param U[4, 5], W[4, 4], V[5, 4], h0[4] init normal(0, 0.5)
    h[0] = tanh(h0)
    h[t] = tanh(U @ x[t] + W @ h[t-1])
    x[t+1] ~ softmax(V @ h[t])
"""
DECODER = """net N:
    input x: class(5)[1..T]
    param U[4, 5], W[4, 4], V[5, 4], h0[4] init normal(0, 0.5)
    x[0] = 2
    h[-1] = 0
    h[0] = h0
    h[t] = tanh(U @ x[t-1] + W @ h[t-1] + 0.5 * h[t-2])
    x[t] ~ softmax(V @ h[t])
"""
LAYERS = """net N:
    dim L = 2, H = 3
    input x: real[1..T, H]
    param V[1..L, H, H], W[1..L, H, H] init normal(0, 0.5)
    h[0, t] = x[t]
    h[l, 0] = 0.1
    h[l, t] = tanh(W[l] @ h[l-1, t] + V[l] @ h[l, t-1])
    x[t+1] ~ normal(h[L, t], 1)
"""
LIBRARY = """net N:
    input x: class(5)[1..T]
    e[t] = x[t] -> Embedding(3)
    m = e -> repeat(2, LSTM(3))
    x[t+1] ~ softmax(Dense(5)(m[t]))
"""
SPECS = {"elman": ELMAN, "decoder": DECODER, "layers": LAYERS, "library": LIBRARY}
LENGTHS = (9, 2, 14, 5, 1, 8, 3)


def net_of(name: str) -> Net:
    return netc.parse(SPECS[name]).build(dtype="float64", seed=3)


def samples(name: str, lengths: tuple[int, ...] = LENGTHS, seed: int = 0) -> Dataset:
    rng = np.random.default_rng(seed)
    parts = [rng.standard_normal((n, 3)) if name == "layers" else rng.integers(0, 5, n) for n in lengths]
    return Dataset((Field("x", Ragged.of(parts), None if name == "layers" else 5),))


@pytest.mark.parametrize("name", SPECS)
def test_chunks_as_long_as_the_sequences_are_full_backpropagation(name: str) -> None:
    data, net = samples(name), net_of(name)
    whole = net.steps.train(data.arrays(), seed=1, step=0)
    gradients = np.array(net.gradients_flat)
    in_chunks = net.steps.train(data.arrays(), seed=1, step=0, carried=net.steps.beginning(data.size))
    assert abs(in_chunks.loss - whole.loss) < 1e-12 and in_chunks.count == whole.count
    assert np.abs(net.gradients_flat - gradients).max() < 1e-12 < np.abs(gradients).max()


@pytest.mark.parametrize("places", [1, 3, 7])
@pytest.mark.parametrize("k", [1, 2, 5])
@pytest.mark.parametrize("name", SPECS)
def test_chunks_together_have_the_loss_of_the_whole(name: str, k: int, places: int) -> None:
    data, net = samples(name), net_of(name)
    whole = net.steps.evaluate(data.arrays())
    feed = Chunks(net, data, k, places)
    total = count = 0.0
    for j in range(feed.begin(0)):
        part = feed.part(j)
        result = net.steps.evaluate(part.arrays, part.carried)
        feed.keep(j, result)
        total, count = total + result.loss * result.count, count + result.count
    assert count == whole.count
    assert abs(total / count - whole.loss) < 1e-12


def test_gradients_end_where_a_chunk_begins() -> None:
    net, x = net_of("elman"), np.array([[0, 3, 1, 4, 2], [2, 2, 0, 1, 3]])
    carried: dict[str, Any] = {FRESH: np.array([False, True]), "carried h[0]": np.array([[0.3, -0.2, 0.5, 0.1], [9.0, 9, 9, 9]])}

    def loss() -> float:
        return net.steps.train({"x": x}, seed=1, step=0, carried=carried).loss

    loss()
    gradients = np.array(net.gradients_flat)
    for k in range(len(gradients)):
        before = net.parameters_flat[k]
        net.parameters_flat[k] = before + 1e-6
        high = loss()
        net.parameters_flat[k] = before - 1e-6
        low = loss()
        net.parameters_flat[k] = before
        assert abs((high - low) / 2e-6 - gradients[k]) < 1e-8, "the chunk's own gradient, with what is carried held"


def test_a_text_evaluated_as_one_stream_is_one_sequence() -> None:
    net = net_of("elman")
    text = np.random.default_rng(2).integers(0, 5, 2500)
    starts = np.arange(0, len(text) - 1, 30)
    windows = Dataset((Field("x", Ragged(text, starts, np.minimum(31, len(text) - starts)), 5, tuple("abcde")),))
    whole = net.steps.evaluate({"x": text[None]})
    found = evaluate(net, windows, streams=1)
    assert abs(found.loss - whole.loss) < 1e-12 and found.count == len(text) - 1
    assert abs(found.metrics["error"] - whole.metrics["error"]) < 1e-12
    assert abs(evaluate(net, windows).loss - found.loss) > 1e-6, "windows of their own begin anew each time"
    several = evaluate(net, windows, streams=40)
    assert several.count == found.count and several.loss != found.loss, "two streams of at least a thousand points"
    wrong = round(found.metrics["error"] * found.count)
    assert summary(found, {"x": tuple("abcde")}) == (
        f"loss {found.loss:.4g} nats · perplexity {np.exp(found.loss):.4g} · {found.loss / np.log(2):.4g} bits per character"
        f" · token error {100 * found.metrics['error']:.2f}% ({wrong:,} of 2,499)"
    )


TRAINED = ELMAN + "train:\n    batch = 3\n    bptt = 4\n    epochs = 3\n    optimizer = adam(0.02)\n    clip = 1\n"


def trainer(lengths: tuple[int, ...] = LENGTHS) -> Trainer:
    spec = netc.parse(TRAINED)
    net, settings = spec.build(), settings_of(spec)
    data = {"x": [samples("elman", lengths, 4).arrays()["x"].sample(k) for k in range(len(lengths))]}  # type: ignore[union-attr]
    return Trainer(net, data_of(spec, settings, net, data), settings)


@pytest.mark.parametrize("stop", [1, 2, 5, 7])
def test_a_training_in_chunks_resumes_with_the_same_bits(stop: int) -> None:
    whole, first, second = trainer(), trainer(), trainer()
    assert whole.run().reason == "finished" and whole.position.epoch == 3
    assert whole.position.step > stop
    while first.position.step < stop:
        first._one_step()
        if first.position.done == first.batches:
            first._end_of_epoch()
    second.restore(first.checkpoint())
    second.run()
    assert np.array_equal(whole.net.parameters_flat, second.net.parameters_flat)
    assert whole.history == second.history


def test_a_run_in_chunks_is_kept_and_evaluated(tmp_path: Path) -> None:
    text = "abcde" * 300
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    spec_file = tmp_path / "n.net"
    spec_file.write_text(TRAINED.replace("train:\n", 'train:\n    data = text("a.txt", length=20)\n').replace("batch = 3", "batch = 8"), encoding="utf-8")
    run = netc.train(netc.load(spec_file), out=tmp_path / "run", epochs=8)
    assert run.test is not None and run.test.text == "x"
    assert run.test.loss < 0.1, "the alphabet of five letters is learned"
    report = json.loads((tmp_path / "run" / "report.json").read_text())
    assert report["test"]["perplexity"] == np.exp(run.test.loss) and report["test"]["loss"] == run.test.loss
    again, facts, _ = open_run(tmp_path / "run")
    assert facts["settings"]["bptt"] == {"value": 4, "origin": "spec"}
    assert evaluate(again, run.data.parts()["test"], streams=8).loss == run.test.loss


def test_settings_from_outside_are_refused_as_those_of_the_spec_are() -> None:
    spec = netc.parse("net N:\n    input x: real[2]\n    loss l = sum(x)\n")
    with pytest.raises(NetcError, match="E0520"):
        netc.train(spec, data={"x": np.ones((3, 2))}, bptt=5)
