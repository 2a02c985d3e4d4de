"""What a run says while it goes."""

from __future__ import annotations

import netc
import pytest
from netc.runtime.train.progress import Live, Plain, Silent, Step

XOR = "net Xor:\n    input x: real[2]\n    input y: class(2)\n    z = x -> Dense(4, act=tanh) -> Dense(2)\n    y ~ softmax(z)\n    metric size = sum(abs(z))\n"


def test_an_epoch_names_the_metrics_that_the_spec_declares() -> None:
    lines: list[str] = []
    netc.train(netc.parse(XOR), data="xor", epochs=1, backend="numpy", progress=Plain(lines.append))
    shown = next(line for line in lines if line.startswith("epoch"))
    assert [part.rsplit(" ", 1)[0] for part in shown.split("  ")] == ["epoch", "loss", "validation loss", "error", "size"]


@pytest.mark.parametrize(("width", "shown"), [(80, "epoch 1/2  loss 0.5  error 3.00%"), (30, "epoch 1/2  loss 0.5"), (5, "epoch 1/2")])
def test_a_narrow_terminal_shows_fewer_numbers(width: int, shown: str) -> None:
    written: list[str] = []
    Live(written.append, width).epoch("epoch 1/2  loss 0.5  error 3.00%")
    assert written == [shown + "\n"]


class Kept(Silent):
    def __init__(self) -> None:
        self.taken: list[Step] = []

    def step(self, taken: Step) -> None:
        self.taken.append(taken)


def test_a_step_tells_its_own_loss_and_the_mean_of_its_epoch() -> None:
    spec, kept = netc.parse(XOR), Kept()
    run = netc.train(spec, data="xor", epochs=2, batch=32, shuffle=False, backend="numpy", progress=kept)
    epochs = [[s for s in kept.taken if s.epoch == k] for k in (1, 2)]
    assert [s.done for s in kept.taken] == [*range(1, kept.taken[0].of + 1)] * 2
    for steps, entry in zip(epochs, run.history, strict=True):
        means = [sum(s.loss * s.samples for s in steps[: k + 1]) / sum(s.samples for s in steps[: k + 1]) for k in range(len(steps))]
        assert [s.mean for s in steps] == pytest.approx(means, rel=1e-12)
        assert steps[-1].mean == entry["loss"]
    assert len({s.loss for s in kept.taken}) > 2
