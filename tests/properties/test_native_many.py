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


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(test_rewrites.nets(), st.sampled_from([1, 2, 9, 17]), st.integers(1, 3))
def test_a_random_net_is_what_numpy_makes_of_it(text: str, batch: int, threads: int) -> None:
    rng = np.random.default_rng(5)
    sizes = {v.name: v.axes[0].points() for v in netc.parse(text).build("numpy").inputs if v.classes is None}
    agree(text, {"w": rng.integers(0, 3, batch), **{n: rng.uniform(0.05, 0.95, (batch, k)) for n, k in sizes.items()}}, threads)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(test_recurrent_rewrites.nets(), st.sampled_from([(1,), (2,), (9,), (3, 3), (4, 2), (5, 1, 3)]), st.integers(1, 3))
def test_a_random_recurrent_net_is_what_numpy_makes_of_it(text: str, lengths: tuple[int, ...], threads: int) -> None:
    rng = np.random.default_rng(5)
    x, w = [rng.uniform(-1, 1, (n, WIDTH)) for n in lengths], [rng.integers(0, SYMBOLS, n) for n in lengths]
    agree(text, {"x": x, "w": w}, threads)


@pytest.mark.parametrize("width", [1, 2, 3])
def test_windows_whose_gradient_is_one_number_spread_out(width: int) -> None:
    """Each place of a window gets the same: what is read does not know where in the window it goes."""
    text = f"net N:\n    input x: real[6]\n    v[i] = sum[u in 0..{width - 1}](x[i + u])\n    z = Dense(1, act=tanh)(v)\n    loss l = sum(z^2)\n"
    agree(text, {"x": list(np.random.default_rng(0).normal(size=(3, 6)))}, 2)
