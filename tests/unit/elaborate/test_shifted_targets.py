"""`w[t+1] ~ ...` speaks of the points whose target exists, whatever stands on its right."""

import netc
import numpy as np
import pytest

NET = "net N:\n    input w: class(9)[1..T]\n    param E[9, 6] init normal(0, 1)\n    h[t] = tanh(E[w[t]])\n    w[t+1] ~ softmax({})\n"
FORMS = ["Dense(9)(h[t])", "z[t]"]


def built(form: str) -> netc.Net:
    text = NET.format(form) + ("    z[t] = Dense(9)(h[t])\n" if form == "z[t]" else "")
    return netc.parse(text).build(dtype="float64", seed=3)


def test_a_layer_may_be_applied_within_the_likelihood() -> None:
    inside, named = map(built, FORMS)
    for own, other in zip(inside.params, named.params, strict=True):
        named.params[other] = inside.params.exact(own)
    samples = {"w": [np.array([1, 2, 3]), np.array([4, 5, 6, 7, 8]), np.array([1])]}
    a, b = inside.gradient(samples), named.gradient(samples)
    assert a.loss == pytest.approx(b.loss, rel=1e-12)
    for own, other in zip(a.params, b.params, strict=True):
        assert np.allclose(a.params[own], b.params[other], rtol=1e-12, atol=1e-14)


def test_a_target_that_never_exists_is_said_so() -> None:
    text = NET.format("Dense(9)(h[t])").replace("h[t] =", "h[t in 1..T] =").replace("w[t+1]", "w[t+1, 0]")
    assert [p.code for p in netc.parse(text).check().problems] == ["E0311"]
