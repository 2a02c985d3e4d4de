"""Asserts over a length wait for samples; all others are decided by `check`."""

import netc
import numpy as np
import pytest

NET = "net N:\n    dim places = 4\n    input x: real[1..T, 3]\n    h[0] = 0\n    h[t] = Dense(2)(x[t]) + h[t-1]\n    output h\n    assert {}\n"


def found(condition: str) -> list[str]:
    return [p.code for p in netc.parse(NET.format(condition)).check().problems]


@pytest.mark.parametrize("condition", ["T <= places", "T // 2 < 40", "2 * T + 1 < 100", "shape(h) == [4, 2]"])
def test_a_length_waits_for_samples(condition: str) -> None:
    assert found(condition) == []


def test_what_holds_for_all_lengths_is_decided_at_once() -> None:
    assert found("shape(h) == [T, 2] and params() == 8") == []
    assert found("T <= places and params() == 9") == ["E0801"]


def test_counts_are_those_of_the_report() -> None:
    assert found("connections() == 8 * T") == []
    assert found("connections() == 400") == []  # at T = 50
    assert found("connections() == 401") == ["E0801"]


@pytest.mark.parametrize("condition", ["params == 8", "8 == params + 0", "params"])
def test_a_count_without_brackets_is_told(condition: str) -> None:
    (problem,) = netc.parse(NET.format(condition)).check().problems
    assert problem.diagnose().message == "`params` cannot be used as a number"
    assert problem.diagnose().help == "write `params()`"


def test_every_sample_is_held_to_the_assert() -> None:
    net = netc.parse(NET.format("T <= places")).build()
    assert net([np.ones((4, 3)), np.ones((2, 3))]).shape == (2, 4, 2)
    for _ in range(2):  # a sample that failed fails again
        with pytest.raises(netc.NetcError) as caught:
            net([np.ones((4, 3)), np.ones((5, 3))])
        message = caught.value.problems[0].diagnose()
        assert message.message == "`T <= places` does not hold: 5 against 4"
        assert message.notes == ("sample 1 of the batch has T = 5",)
