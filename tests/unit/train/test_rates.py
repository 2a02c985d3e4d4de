"""The rate of each step, as the schedules of a train block say it."""

import netc
import numpy as np
import pytest
from netc.runtime.train.progress import Silent, Step

SPEC = netc.parse("net N:\n    input x: real\n    param w init 1\n    loss l = (w * x)^2\n")


class Recorded(Silent):
    def __init__(self) -> None:
        self.rates: list[float] = []

    def step(self, taken: Step) -> None:
        self.rates.append(taken.rate)


def rates(text: str, epochs: int = 2) -> list[float]:
    """The rates of a training of 5 steps an epoch."""
    recorded = Recorded()
    data = {"x": np.zeros(20)}
    netc.train(SPEC, data=data, batch=4, epochs=epochs, optimizer=f"sgd({text})", progress=recorded)
    return recorded.rates


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.1", [0.1] * 10),
        ("steps([0, 1], [0.1, 0.01])", [0.1] * 5 + [0.01] * 5),
        ("linear(1, 0)", [1 - k / 9 for k in range(10)]),
        ("cosine(1, 0.1)", [0.1 + 0.9 * (1 + np.cos(np.pi * k / 9)) / 2 for k in range(10)]),
        ("warmup(4, 0.8)", [0.2, 0.4, 0.6, 0.8] + [0.8] * 6),
        ("warmup(2, linear(1, 0))", [0.5, 1.0] + [1 - k / 9 for k in range(2, 10)]),
    ],
)
def test_each_schedule_gives_its_rates(text: str, expected: list[float]) -> None:
    assert rates(text) == pytest.approx(expected)
