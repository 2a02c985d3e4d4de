"""An update that goes piece by piece gives the numbers of one that does not."""

import numpy as np
import pytest
from netc.compiler.settings import Optimiser
from netc.runtime.train.optimisers import _PIECE, RULES

COUNT = 2 * _PIECE + 17


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("by_parameter", [False, True], ids=["one rate", "rates"])
def test_pieces_do_not_change_a_bit(name: str, by_parameter: bool) -> None:
    rule, rng = RULES[name], np.random.default_rng(0)
    momentum = (("momentum", 0.9),) if name in ("sgd", "rmsprop") else ()
    settings = Optimiser(name, constants=(*momentum, ("decay", 0.01)))
    rate = np.linspace(0, 0.1, COUNT, dtype=np.float32) if by_parameter else np.float32(0.01)
    whole = rng.standard_normal(COUNT, dtype=np.float32)
    pieces = whole.copy()
    slots = [[np.zeros_like(whole) for _ in range(rule.slots)] for _ in range(2)]
    for t in range(1, 4):
        gradient = rng.standard_normal(COUNT, dtype=np.float32)
        rule.update(np, whole, gradient.copy(), slots[0], rate, t, settings)
        rule.step(np, pieces, gradient.copy(), slots[1], rate, t, settings)
    assert np.array_equal(whole, pieces)
    assert all(np.array_equal(a, b) for a, b in zip(*slots, strict=True))
