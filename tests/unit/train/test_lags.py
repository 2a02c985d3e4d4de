"""Gradients by lag: against the formula where it is known, and written in the log of a run."""

from importlib.resources import files
from pathlib import Path

import netc
import numpy as np
from netc import specs
from netc.runtime.model.lags import norms_by_lag, recurrent_equations

LINEAR = """
net Linear:
    input x: real[1..T]
    param w init 0.5
    h[0] = 0
    h[t] = w * h[t-1] + x[t]
    loss l = h[T]

train:
    data = copy(symbols=4, length=3, gap=2)
"""


def test_a_linear_recurrence_forgets_by_its_factor() -> None:
    net = netc.parse(LINEAR).build(dtype="float64")
    assert list(recurrent_equations(net)) == ["h"]
    found = norms_by_lag(net, {"x": [np.ones(6), np.ones(6)]}, 4)
    assert np.allclose(found["h"], [0.5, 0.25, 0.125, 0.0625], rtol=1e-12)  # a mean over two samples halves each


def test_samples_that_end_early_count_from_their_own_end() -> None:
    net = netc.parse(LINEAR).build(dtype="float64")
    found = norms_by_lag(net, {"x": [np.ones(6), np.ones(2)]}, 4)
    assert np.allclose(found["h"][:2], [0.5, 0.25], rtol=1e-12)
    assert found["h"][3] < 0.125 / 2 + 1e-12


def test_a_run_writes_them(tmp_path: Path) -> None:
    spec = netc.load(Path(str(files(specs))) / "sequence" / "gates.net", {"H": 4})["AddingMGU"]
    data = {"x": np.random.default_rng(0).random((64, 8, 2)), "y": np.zeros(64)}
    run = netc.train(spec, data=data, epochs=2, lags=5, out=tmp_path / "run")
    for entry in run.history:
        norms = entry["gradient_by_lag"]
        assert norms and all(len(n) == 5 and n[0] > 0 for n in norms.values())
    assert "gradient_by_lag" in (tmp_path / "run" / "log.jsonl").read_text()
