"""Training: what is learned, and that stopping changes nothing."""

import json
import math
from pathlib import Path

import netc
import numpy as np
import pytest
from netc.compiler.diagnostics.error import DivergedError, MissingError, NetcError
from netc.runtime.backends.backend import Blocks
from netc.runtime.backends.update import Held, Updater
from netc.runtime.model import checkpoints
from netc.runtime.train.folders import open_run
from netc.runtime.train.runs import settings_of
from netc.runtime.train.trainer import Trainer

SPEC = """
net Small:
    input x: real[2]
    input y: class(2)
    z = x -> Dense(8, act=tanh) -> Dropout(0.2) -> Dense(2)
    y ~ softmax(z)

train:
    data = spirals(300)
    optimizer = adam(linear(0.02, 0.001), decay=1e-4)
    batch = 16
    epochs = 3
"""
NORMALISED = SPEC.replace("Dropout(0.2)", "BatchNorm() -> Dropout(0.2)")


def test_xor_is_learned() -> None:
    spec = netc.parse("net X:\n    input x: real[2]\n    input y: class(2)\n    y ~ softmax(x -> Dense(8, act=tanh) -> Dense(2))\n")
    run = netc.train(spec, data="xor", epochs=40, batch=32, optimizer="adam(0.02)")
    assert run.test is not None
    assert run.test.metrics["error"] <= 0.02


@pytest.mark.parametrize("stop", [1, 17, 20, 30])
def test_a_resumed_training_has_the_same_bits(stop: int) -> None:
    def trainer() -> Trainer:
        spec = netc.parse(NORMALISED)
        net = spec.build()
        settings = settings_of(spec)
        from netc.runtime.train.runs import data_of

        return Trainer(net, data_of(spec, settings, net, None), settings)

    whole, first, second = trainer(), trainer(), trainer()
    whole.run()
    while first.position.step < stop:
        first._one_step()
        if first.position.done == first.batches:
            first._end_of_epoch()
    second.restore(first.checkpoint())
    second.run()
    assert np.array_equal(whole.net.parameters_flat, second.net.parameters_flat)
    assert np.array_equal(whole.net.state_flat, second.net.state_flat)
    assert whole.history == second.history


def test_checkpoints_are_whole_and_verified(tmp_path: Path) -> None:
    made = checkpoints.Checkpoint({"a": np.arange(6.0).reshape(2, 3), "one": np.array(7.0)}, {"step": 3})
    path = tmp_path / "last.safetensors"
    checkpoints.write(path, made)
    read = checkpoints.read(path)
    assert np.array_equal(read.tensors["a"], made.tensors["a"]) and read.facts["step"] == 3
    assert read.tensors["one"].shape == () and read.tensors["one"] == 7
    assert [p.name for p in tmp_path.iterdir()] == ["last.safetensors"]
    first = path.read_bytes()
    checkpoints.write(path, made)
    assert path.read_bytes() == first


def test_no_byte_of_a_checkpoint_changes_unseen(tmp_path: Path) -> None:
    path = tmp_path / "last.safetensors"
    checkpoints.write(path, checkpoints.Checkpoint({"a": np.arange(3.0)}, {"step": 3, "best": math.inf}))
    whole = path.read_bytes()
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1
        path.write_bytes(bytes(damaged))
        with pytest.raises(NetcError, match="R20[23]"):
            checkpoints.read(path)
    for size in range(0, len(whole), 7):
        path.write_bytes(whole[:size])
        with pytest.raises(NetcError, match="R202"):
            checkpoints.read(path)


def test_a_run_is_kept_in_a_folder(tmp_path: Path) -> None:
    run = netc.train(netc.parse(SPEC), out=tmp_path / "run")
    names = {p.name for p in (tmp_path / "run").iterdir()}
    assert names == {"spec.net", "run.json", "log.jsonl", "last.safetensors", "best.safetensors", "report.json"}
    assert len(run.history) == 3


def test_a_nan_names_the_equation() -> None:
    spec = netc.parse("net N:\n    input x: real[2]\n    param w[2] init 1\n    s = sum(w * x)\n    l2 = log(s - 1e6)\n    loss l = l2\n")
    with pytest.raises(DivergedError, match="l2"):
        netc.train(spec, data={"x": np.ones((8, 2))}, batch=4)


def test_a_run_that_diverged_says_so(tmp_path: Path) -> None:
    spec = netc.parse("net N:\n    input x: real[2]\n    param w[2] init 1\n    loss l = log(sum(w * x) - 1e6)\n")
    with pytest.raises(DivergedError):
        netc.train(spec, data={"x": np.ones((8, 2))}, batch=4, out=tmp_path / "run")
    assert json.loads((tmp_path / "run" / "report.json").read_text())["reason"] == "diverged"
    with pytest.raises(MissingError, match="has no checkpoint: it ended before one was saved"):
        netc.open(tmp_path / "run")


OPTIMISERS = {
    "sgd(0.1, momentum=0.9)": ("SGD", {"lr": 0.1, "momentum": 0.9}),
    "sgd(0.1, momentum=0.9, nesterov=true, decay=0.01)": ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    "adagrad(0.1)": ("Adagrad", {"lr": 0.1}),
    "rmsprop(0.01)": ("RMSprop", {"lr": 0.01}),
    "rmsprop(0.01, momentum=0.5)": ("RMSprop", {"lr": 0.01, "momentum": 0.5}),
    "adadelta(1.0)": ("Adadelta", {"lr": 1.0}),
    "adam(0.01, decay=0.1)": ("Adam", {"lr": 0.01, "weight_decay": 0.1}),
    "adamw(0.01)": ("AdamW", {"lr": 0.01}),
}


@pytest.mark.parametrize("text", OPTIMISERS)
def test_optimisers_step_as_pytorch_does(text: str) -> None:
    torch = pytest.importorskip("torch")
    name, constants = OPTIMISERS[text]
    settings = settings_of(netc.parse("net N:\n    input x: real\n    loss l = x\n"), {"optimizer": text})
    rng = np.random.default_rng(0)
    start = rng.standard_normal(7)
    blocks = Blocks(start.copy(), np.zeros(7), np.zeros(0))
    updater = Updater(np, blocks, settings.optimizer, Held())
    theirs = torch.tensor(start.copy(), requires_grad=True)
    optimiser = getattr(torch.optim, name)([theirs], **constants)
    for step in range(6):
        blocks.gradients[:] = rng.standard_normal(7)
        theirs.grad = torch.tensor(blocks.gradients.copy())
        updater.begin(settings.optimizer.rate.values[0], step + 1)
        updater.apply()
        optimiser.step()
    assert np.allclose(blocks.parameters, theirs.detach().numpy(), rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("batchsize = 3", "E0701"),
        ("optimizer = adamm(0.1)", "E0702"),
        ("optimizer = sgd(-1)", "E0703"),
        ("optimizer = sgd(nan)", "E0703"),
        ("batch = 2.5", "E0703"),
        ("epochs = 2; steps = 3", "E0704"),
        ("bptt = 25", "E0520"),
        ("scheduled_sampling = linear(0, 0.25)", "E0521"),
    ],
)
def test_wrong_settings(text: str, code: str) -> None:
    problems = netc.parse(f"net N:\n    input x: real\n    loss l = x\ntrain:\n    {text}\n").check().problems
    assert [p.code for p in problems] == [code]


def test_the_best_epoch_of_a_text_is_that_of_the_smallest_loss() -> None:
    """How often the likeliest symbol is right says little where several can come."""
    text = "net N:\n    input w: class(7)[1..T]\n    param W[7, 7] init normal(0, 1)\n    w[t+1] ~ softmax(W @ w[t])\n"
    run = netc.train(netc.parse(text), data="reber(embedded=true, samples=300)", epochs=8, optimizer="adam(0.1)", batch=4, seed=2)
    losses = [entry["validation_loss"] for entry in run.history]
    errors = [entry["validation_error"] for entry in run.history]
    assert run.outcome.position.best_epoch == 1 + losses.index(min(losses)) != 1 + errors.index(min(errors))


def test_without_a_validation_part_the_last_epoch_counts(tmp_path: Path) -> None:
    spec = netc.parse("net N:\n    input x: real[2]\n    input y: real\n    param w[2] init 1\n    y ~ normal(w @ x, 1)\n")
    rng = np.random.default_rng(1)
    data = {"x": rng.normal(size=(8, 2)), "y": rng.normal(size=8)}
    run = netc.train(spec, data=data, epochs=5, batch=4, lr=2, out=tmp_path / "run")
    losses = [e["loss"] for e in run.history]
    assert min(losses) < losses[-1] and run.outcome.position.best_epoch == 5
    last, best = (open_run(tmp_path / "run", w)[0].params["w"].tolist() for w in ("last", "best"))
    assert last == best == run.net.params["w"].tolist()
