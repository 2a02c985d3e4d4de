"""Several seeds, of which the best is kept; stopping changes nothing; a folder is never written over."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import netc
import numpy as np
import pytest
from netc.compiler.diagnostics.error import NetcError, UsageError
from netc.runtime.model import checkpoints
from netc.runtime.train.progress import Silent, Step

SPEC = """
net Small:
    input x: real[2]
    input y: class(2)
    z = x -> Dense(8, act=tanh) -> BatchNorm() -> Dropout(0.2) -> Dense(2)
    y ~ softmax(z)

train:
    data = spirals(300)
    optimizer = adam(warmup(5, cosine(0.02, 0.001)), decay=1e-4)
    batch = 16
    epochs = 3
"""
BATCHES = 15  # of an epoch


class Stops(Silent):
    """Presses Ctrl-C after so many steps."""

    def __init__(self, after: int) -> None:
        self.left = after

    def step(self, taken: Step) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGINT)


def kept(folder: Path) -> dict[str, Any]:
    """All that a run keeps, without what the clock says."""
    report = json.loads((folder / "report.json").read_text())
    del report["seconds"]
    names = ("last.safetensors", "best.safetensors", "log.jsonl", "spec.net", "run.json")
    return {**{n: (folder / n).read_bytes() for n in names}, "report": report}


@pytest.mark.parametrize("after", [1, BATCHES - 1, BATCHES, BATCHES + 7, 3 * BATCHES - 1])
def test_stopped_and_resumed_is_as_never_stopped(after: int, tmp_path: Path) -> None:
    spec = netc.parse(SPEC)
    netc.train(spec, out=tmp_path / "whole")
    stopped = netc.train(spec, out=tmp_path / "broken", progress=Stops(after))
    assert stopped.outcome.reason == "interrupted" and stopped.outcome.position.step == after
    netc.train(resume=tmp_path / "broken")
    assert kept(tmp_path / "broken") == kept(tmp_path / "whole")


@pytest.mark.parametrize("after", [BATCHES + 7, 3 * BATCHES, 4 * BATCHES + 7, 8 * BATCHES + 3])
def test_restarts_stopped_and_resumed_are_as_never_stopped(after: int, tmp_path: Path) -> None:
    spec = netc.parse(SPEC)
    netc.train(spec, out=tmp_path / "whole", restarts=3)
    assert netc.train(spec, out=tmp_path / "broken", restarts=3, progress=Stops(after)).outcome.reason == "interrupted"
    netc.train(resume=tmp_path / "broken")
    assert kept(tmp_path / "broken") == kept(tmp_path / "whole")


def test_the_best_of_several_seeds_is_kept(tmp_path: Path) -> None:
    spec = netc.parse(SPEC)
    run = netc.train(spec, out=tmp_path / "run", restarts=3, seed=5)
    alone = [netc.train(spec, seed=5 + k, data="spirals(300)") for k in range(3)]
    assert [a.seed for a in run.attempts] == [5, 6, 7]
    assert run.attempts[0].best == alone[0].outcome.position.best
    best = min(run.attempts, key=lambda a: a.best)
    assert run.winner == best and run.history == best.history
    assert checkpoints.read(tmp_path / "run" / "best.safetensors").facts["seed"] == best.seed
    assert json.loads((tmp_path / "run" / "report.json").read_text())["seed"] == best.seed
    opened = netc.open(tmp_path / "run")
    assert all(np.array_equal(opened.params[p], run.net.params[p]) for p in opened.params)


def test_all_restarts_see_the_same_parts_of_the_data() -> None:
    run = netc.train(netc.parse(SPEC), restarts=2)
    assert run.winner is not None
    assert run.data.statement == "spirals 240 + 30 + 30 · seed 1"
    assert run.evaluate("validation").error() is not None
    assert run.winner.best == pytest.approx(run.evaluate("validation").metrics["error"], abs=1e-6)


def test_one_training_names_no_winner() -> None:
    assert netc.train(netc.parse(SPEC)).winner is None


def test_a_net_that_was_built_cannot_be_restarted() -> None:
    with pytest.raises(NetcError, match="1 with a net that was built"):
        netc.train(net=netc.parse(SPEC).build(), restarts=2, data="spirals")


def test_a_run_is_not_written_over(tmp_path: Path) -> None:
    spec = netc.parse(SPEC)
    netc.train(spec, out=tmp_path, epochs=1)
    with pytest.raises(UsageError, match="holds a run already"):
        netc.train(spec, out=tmp_path, epochs=1)


def test_early_stop_waits_and_goes_on_where_more_patience_is_given(tmp_path: Path) -> None:
    run = netc.train(netc.parse(SPEC), out=tmp_path / "run", epochs=60, patience=2)
    position = run.outcome.position
    assert run.outcome.reason == "stopped early"
    assert position.epoch == position.best_epoch + 2 < 60
    assert netc.train(resume=tmp_path / "run").outcome.position == position
    assert netc.train(resume=tmp_path / "run", patience=3).outcome.position.epoch > position.epoch


def test_a_time_limit_ends_all_restarts(tmp_path: Path) -> None:
    run = netc.train(netc.parse(SPEC), epochs=10_000, restarts=3, time_limit=0.3)
    assert run.outcome.reason == "time limit" and len(run.attempts) == 1
    assert run.outcome.seconds < 5


def test_steps_end_within_an_epoch() -> None:
    position = netc.train(netc.parse(SPEC), steps=BATCHES + 4).outcome.position
    assert (position.step, position.epoch) == (BATCHES + 4, 2)


def test_nothing_to_train_is_a_mistake_of_the_call() -> None:
    with pytest.raises(TypeError, match="train needs a spec, a net that was built, or a run to resume"):
        netc.train()
    with pytest.raises(NetcError, match="there is no setting `epoch`"):
        netc.train(netc.parse(SPEC), epoch=3)


def test_a_built_net_goes_on_from_its_parameters_in_the_order_of_the_data() -> None:
    x = np.linspace(-1, 1, 32).reshape(16, 2)
    data = {"x": x, "y": (x.sum(1) > 0).astype(int)}
    spec = netc.parse(SPEC.replace(" -> Dropout(0.2)", "").replace("adam(warmup(5, cosine(0.02, 0.001)), decay=1e-4)", "sgd(0.1)"))
    whole, parts = spec.build(seed=2), spec.build(seed=2)
    netc.train(net=whole, data=data, batch=8, steps=4, shuffle=False)
    for _ in range(2):
        run = netc.train(net=parts, data=data, batch=8, steps=2, shuffle=False)
        assert run.net is parts
    assert all(np.allclose(whole.params[p], parts.params[p], rtol=0, atol=1e-7) for p in whole.params)
