"""Bounds are compared for all lengths at once."""

import pytest
from netc.compiler.statements.domains import Bound, Extent, Length, less, may_reach, quotient

T, S = (Extent.of(Length(n)) for n in "TS")


@pytest.mark.parametrize(
    ("low", "high", "some", "all_"),
    [
        (1, T, True, False),  # at T = 1 they are equal
        (0, T, True, True),
        (T, 1, True, False),
        (T, 0, False, False),
        (S, T, True, False),
        (quotient(T, 2), T, True, True),
        (T, quotient(T, 2), False, False),
        (quotient(T, 2) + 1, T, True, False),
        (quotient(quotient(T, 2), 3), quotient(T, 2), True, False),  # both are 0 at T = 1
        (T + 1, quotient(T, 2) * 2, False, False),
        (T, quotient(T, 2) * 2, True, False),
        (T - 1, quotient(T, 2) * 2, True, False),
    ],
)  # fmt: skip
def test_less_and_may_reach(low: Bound, high: Bound, some: bool, all_: bool) -> None:
    assert may_reach(low, high) is some
    assert less(low, high) is all_
