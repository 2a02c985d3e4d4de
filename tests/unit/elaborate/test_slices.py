"""A slice counts from 0, whatever picks from it: a number, an index or a class value."""

import netc
import numpy as np
import pytest

X = np.array([[10.0, 11, 12, 13, 14, 15]])


@pytest.mark.parametrize(
    ("read", "expected"),
    [("x[2..5][1]", 13), ("sum[i](x[2..5][i])", 54), ("x[2..5][w]", 15), ("x[1..5][1..4][w]", 15)],
)
def test_a_slice_is_read_as_any_vector(read: str, expected: float) -> None:
    net = netc.parse(f"net N:\n    input x: real[6]\n    input w: class(4)\n    y = {read}\n").build()
    assert net.evaluate({"x": X, "w": [3]}, "y")["y"].tolist() == [expected]
