"""No global state: nets in threads do what they do alone, and problems are exceptions with the same diagnostics."""

import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import netc
import numpy as np
import pytest
from netc import specs
from netc.compiler.diagnostics.error import DivergedError, MissingError, NetcError

SMALL = """
net Small:
    input x: real[2]
    input y: class({classes})
    z = x -> Dense({wide}, act=tanh) -> BatchNorm() -> Dropout(0.2) -> Dense({classes})
    y ~ softmax(z)
train:
    data = spirals(200, arms={classes})
    optimizer = adam(0.01)
    epochs = 4
"""


def trained(wide: int) -> tuple[np.ndarray, list[dict[str, float]]]:
    run = netc.train(netc.parse(SMALL.format(wide=wide, classes=2 + wide % 3)), seed=wide)
    return np.array(run.net.parameters_flat), run.history


def test_trainings_in_threads_have_the_same_bits_as_alone() -> None:
    widths = [3, 4, 5, 6]
    alone = [trained(w) for w in widths]
    start = threading.Barrier(len(widths))

    def together(wide: int) -> tuple[np.ndarray, list[dict[str, float]]]:
        start.wait(30)
        return trained(wide)

    with ThreadPoolExecutor(len(widths)) as pool:
        found = list(pool.map(together, widths))
    for (weights, history), (expected, told) in zip(found, alone, strict=True):
        assert np.array_equal(weights, expected) and history == told


def test_one_spec_serves_several_threads() -> None:
    spec = netc.parse(SMALL.format(wide=4, classes=2))
    x = np.random.default_rng(0).standard_normal((7, 2))
    expected = [spec.build(seed=s).evaluate({"x": x}, "z")["z"] for s in range(6)]

    def evaluated(seed: int) -> np.ndarray:
        net = netc.parse(SMALL.format(wide=4, classes=2)).build(seed=seed) if seed % 2 else spec.build(seed=seed)
        return net.evaluate({"x": x}, "z")["z"]

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(evaluated, range(6)))
    assert all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))


def test_training_leaves_the_callers_signals_alone() -> None:
    before = signal.getsignal(signal.SIGINT)
    netc.train(netc.parse(SMALL.format(wide=3, classes=2)), epochs=1)
    assert signal.getsignal(signal.SIGINT) is before


WRONG = "net N:\n    input x: real[3]\n    param W[2, 4] init glorot\n    y = W @ x\n    z = 2 * q\n"


def test_problems_are_exceptions_with_the_diagnostics_that_check_reports() -> None:
    spec = netc.parse(WRONG)
    reported = [p.diagnose() for p in spec.check().problems]
    assert [d.code for d in reported] == ["E0301", "E0201"]
    for call in (spec.build, spec.draw, lambda: netc.train(spec, data="xor"), lambda: netc.gradcheck(spec)):
        with pytest.raises(NetcError) as caught:
            call()
        raised = [p.diagnose() for p in caught.value.problems]
        assert [(d.code, d.message, d.span.line, d.span.column, d.help) for d in raised] == [
            (d.code, d.message, d.span.line, d.span.column, d.help) for d in reported
        ]


def test_what_is_missing_and_what_diverges_have_exceptions_of_their_own() -> None:
    with pytest.raises(MissingError, match="R401"):
        netc.load("nowhere.net")
    with pytest.raises(MissingError, match="R201"):
        netc.open("/")
    net = "net N:\n    input x: real[2]\n    param w[2] init 1\n    a = log(sum(w * x) - 9)\n    loss l = a\n"
    with pytest.raises(DivergedError, match="the first bad value is `a`"):
        netc.train(netc.parse(net), data={"x": np.ones((4, 2))})


def test_lenet_is_checked_in_threads() -> None:
    text = specs.source("vision/lenet_sigmoid.net")
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: netc.parse(text).check().params, range(8))) == {61_706}
