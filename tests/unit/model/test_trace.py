"""Tracing records what passes, and nothing else changes."""

import netc
import numpy as np
import pytest

SPEC = """
net N:
    input x: real[3]
    input y: class(2)
    gate g = sigmoid(Dense(4)(x))
    h = g * Dense(4, act=tanh)(x)
    y ~ softmax(Dense(2)(h))
"""
X = np.linspace(-1, 1, 15).reshape(5, 3)


def test_without_names_the_declared_gates_are_traced() -> None:
    net = netc.parse(SPEC).build(dtype="float64")
    with net.trace() as t:
        net(X)
    assert list(t) == ["g"]
    assert np.array_equal(t["g"], net.evaluate({"x": X}, "g")["g"])


def test_every_call_is_kept_and_results_stay_as_they_are() -> None:
    net = netc.parse(SPEC).build()
    before = net(X)
    with net.trace("h") as t:
        inside = net(X)
        found = net.evaluate({"x": X[:2]}, "g")
    assert np.array_equal(before, inside) and list(found) == ["g"]
    assert [call["h"].shape for call in t.calls] == [(5, 4), (2, 4)]
    net(X)
    assert len(t.calls) == 2


def test_nested_traces_see_their_own_names() -> None:
    net = netc.parse(SPEC).build()
    with net.trace("h") as outer, net.trace("g") as inner:
        net(X)
    assert (set(outer), set(inner)) == ({"h"}, {"g"})


def test_an_unknown_name_is_suggested() -> None:
    net = netc.parse(SPEC.replace("h = g", "hidden = g").replace("(h)", "(hidden)")).build()
    with pytest.raises(netc.NetcError) as caught, net.trace("hiden"):
        pass
    assert caught.value.problems[0].diagnose().help.startswith("did you mean `hidden`?")


def test_reading_before_a_call_says_so() -> None:
    net = netc.parse(SPEC).build()
    with net.trace("h") as t, pytest.raises(KeyError, match="nothing has passed yet"):
        t["h"]
