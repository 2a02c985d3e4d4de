"""What a run says while it goes."""

from __future__ import annotations

import netc
import pytest
from netc.runtime.train.progress import Live, Plain

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
