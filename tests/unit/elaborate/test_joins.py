"""A join holds what its parts hold: a whole number beside real ones is real."""

import netc
import numpy as np
import pytest

X = np.array([[0.25, 0.5]])


@pytest.mark.parametrize(
    ("join", "expected"),
    [
        ("[0; x]", [[0.0, 0.25, 0.5]]),
        ("[x; 1]", [[0.25, 0.5, 1.0]]),
        ("[0; x[1]; 1]", [[0.0, 0.5, 1.0]]),
        ("[true; x]", [[1.0, 0.25, 0.5]]),
        ("[1; 2]", [1, 2]),
    ],
)
def test_parts_keep_their_values(join: str, expected: list[object]) -> None:
    net = netc.parse(f"net N:\n    input x: real[2]\n    y = {join}\n    z = x + 1\n").build()
    assert net.evaluate({"x": X}, "y")["y"].tolist() == expected


def test_gradients_pass_a_join_with_a_number() -> None:
    spec = netc.parse(
        "net N:\n    input x: real[2]\n    input k: class(2)\n    param w[2] init 0\n    k ~ softmax([0; w @ x])\n"
    )
    g = spec.build().gradient({"x": X, "k": [1]})
    assert np.allclose(g.params["w"], -0.5 * X[0], rtol=0, atol=1e-15)
