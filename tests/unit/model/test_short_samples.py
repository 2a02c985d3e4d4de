"""What an equation reads must exist in each sample: asked of the lengths that samples bring, never of their padding."""

import netc
import numpy as np
import pytest
from netc.compiler.diagnostics.error import NetcError

HEAD = "net N:\n    input x: real[1..T]\n"
SHORT, LONG = np.arange(1.0, 4), np.arange(1.0, 8)
READS = {
    "a point": ("    y = x[5]\n    output y\n", 5),
    "a range": ("    y[t in 1..5] = x[t]\n    output y\n", 5),
    "a window": ("    y[t in 1..2] = sum[k in 0..3](x[t+k])\n    output y\n", 5),
    "from the end": ("    y[k in 0..4] = x[T-k]\n    output y\n", 5),
    "a table": ("    param P[1..4] init 1\n    y[t in 1..T] = x[t] * P[t]\n    output y\n", None),
    "within a layer": ("    y = Fifth()(x)\n    output y\nlayer Fifth()(x: real[1..S]) -> y: real:\n    y = x[5]\n", 5),
}


@pytest.mark.parametrize(("text", "least"), READS.values(), ids=READS)
def test_a_sample_that_does_not_have_it_is_refused_alone_and_in_a_batch(text: str, least: int | None) -> None:
    spec = netc.parse(HEAD + text)
    assert spec.check().ok
    net = spec.build(dtype="float64")
    good, bad = (LONG, SHORT) if least else (SHORT, LONG)
    alone = net.evaluate({"x": [good]}, "y")["y"][0]
    for samples, which in (([bad], 0), ([good, bad, good], 1)):
        with pytest.raises(NetcError) as caught:
            net.evaluate({"x": samples}, "y")
        (problem,) = caught.value.problems
        assert problem.code == "E0321"
        assert problem.diagnose().notes == (f"sample {which} of the batch has T = {len(bad)}",)
    together = net.evaluate({"x": [good, good[: least or 2]]}, "y")["y"]
    assert np.array_equal(np.ravel(together[0]), np.ravel(alone))


@pytest.mark.parametrize("lengths", [(1,), (2,), (3,), (1, 4), (7, 1, 2, 3)])
def test_a_range_without_a_point_is_empty(lengths: tuple[int, ...]) -> None:
    net = netc.parse(HEAD + "    w[t in 3..T] = x[t] * x[t-2]\n    s = sum(w)\n    loss l = s + x[1]\n").build(dtype="float64")
    samples = [np.arange(1.0, n + 1) for n in lengths]
    want = [float((x[2:] * x[:-2]).sum()) for x in samples]
    assert net.evaluate({"x": samples}, "s")["s"].tolist() == want
    assert net.gradient({"x": samples}).loss == pytest.approx(np.mean(want) + 1)


def test_a_boundary_says_what_lies_outside() -> None:
    net = netc.parse(HEAD + "    x[t > T] = 0\n    y = x[5]\n    output y\n").build(dtype="float64")
    assert net.evaluate({"x": [SHORT, LONG]}, "y")["y"].tolist() == [0, 5]


def test_the_assert_of_the_spec_comes_first() -> None:
    net = netc.parse(HEAD + "    y = x[5]\n    output y\n    assert T >= 5, \"five at least\"\n").build()
    with pytest.raises(NetcError, match="E0801"):
        net.evaluate({"x": [SHORT]}, "y")
