"""Random well-typed nets come to the same on the native backend as on NumPy: values, gradients, whatever the batch and threads.

The nets are those of the tests of the rewrites; here what is compared is the C text, so it is compiled without optimisation.
"""

from __future__ import annotations

import netc
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from netc.runtime.backends.choose import Choice
from netc.runtime.backends.native import NativeBackend, toolchain
from properties import test_recurrent_rewrites, test_rewrites

pytestmark = pytest.mark.compiler
EXACT = 1e-11
SYMBOLS, WIDTH = test_recurrent_rewrites.SYMBOLS, test_recurrent_rewrites.WIDTH
Inputs = dict[str, list[np.ndarray]]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toolchain, "_COMMON", tuple("-O0" if o == "-O3" else o for o in toolchain._COMMON))


def agree(text: str, inputs: Inputs, threads: int) -> None:
    spec = netc.parse(text)
    results = []
    for choice in ("numpy", Choice(NativeBackend(threads), "cpu", "")):
        g = spec.build(choice, dtype="float64", seed=3).gradient(inputs)
        results.append({"loss": np.array(g.loss), **g.params, **{f"input {n}": a for n, a in g.inputs.items()}})
    expected, found = results
    scale = max(1.0, *(float(np.abs(v).max(initial=0)) for v in expected.values()))
    for name, value in expected.items():
        assert np.allclose(value, found[name], rtol=0, atol=EXACT * scale), f"{name} in\n{text}"


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(test_rewrites.nets(), st.sampled_from([1, 2, 9, 17]), st.integers(1, 3))
def test_a_random_net_is_what_numpy_makes_of_it(text: str, batch: int, threads: int) -> None:
    rng = np.random.default_rng(5)
    sizes = {v.name: v.axes[0].points() for v in netc.parse(text).build("numpy").inputs if v.classes is None}
    agree(text, {"w": rng.integers(0, 3, batch), **{n: rng.uniform(0.05, 0.95, (batch, k)) for n, k in sizes.items()}}, threads)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(test_recurrent_rewrites.nets(), st.sampled_from([(1,), (2,), (9,), (3, 3), (4, 2), (5, 1, 3)]), st.integers(1, 3))
def test_a_random_recurrent_net_is_what_numpy_makes_of_it(text: str, lengths: tuple[int, ...], threads: int) -> None:
    rng = np.random.default_rng(5)
    x, w = [rng.uniform(-1, 1, (n, WIDTH)) for n in lengths], [rng.integers(0, SYMBOLS, n) for n in lengths]
    agree(text, {"x": x, "w": w}, threads)


@st.composite
def pictures(draw: st.DrawFn) -> str:
    """Convolutions, some by a table of connections, pools of which windows may overlap, and a likelihood."""
    maps, made = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    rows = [[draw(st.booleans()) for _ in range(made)] for _ in range(maps)]
    for k in range(max(maps, made)):  # every map has a connection
        rows[k % maps][k % made] = True
    table = "".join("    " + " ".join("X" if x else "." for x in row) + "\n" for row in rows)
    pool, window, stride = draw(st.sampled_from(["MaxPool", "AvgPool", "SumPool"])), draw(st.integers(1, 3)), draw(st.integers(1, 2))
    act, links = draw(st.sampled_from(["tanh", "relu", "identity"])), draw(st.sampled_from(["C", "all"]))
    likelihood, end = draw(st.sampled_from([
        ("class(3)", "softmax(z)"), ("real[3]", "normal(z, 1)"), ("real[3]", "sigmoid(z)"), ("real[3]", "poisson(exp(z))"),
    ]))  # fmt: skip
    return f"""table C:
{table}
net N:
    input image: real[1, 9, 9]
    input y: {likelihood}
    a = image -> Conv({maps}, {draw(st.integers(1, 3))}, act={act})
    b = a -> {pool}({window}, stride={stride})
    c = b -> Conv({made}, {draw(st.integers(1, 2))}, links={links}) -> tanh
    z = c -> flatten -> Dense(3)
    y ~ {end}
"""


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(pictures(), st.sampled_from([1, 9, 17]), st.integers(1, 3))
def test_a_random_net_over_pictures_is_what_numpy_makes_of_it(text: str, batch: int, threads: int) -> None:
    rng = np.random.default_rng(5)
    y = rng.integers(0, 3, batch) if "y: class" in text else rng.integers(0, 2, (batch, 3)).astype(float)
    agree(text, {"image": list(rng.uniform(-1, 1, (batch, 1, 9, 9))), "y": list(y)}, threads)


@pytest.mark.parametrize("width", [1, 2, 3])
def test_windows_whose_gradient_is_one_number_spread_out(width: int) -> None:
    """Each place of a window gets the same: what is read does not know where in the window it goes."""
    text = f"net N:\n    input x: real[6]\n    v[i] = sum[u in 0..{width - 1}](x[i + u])\n    z = Dense(1, act=tanh)(v)\n    loss l = sum(z^2)\n"
    agree(text, {"x": list(np.random.default_rng(0).normal(size=(3, 6)))}, 2)
