"""How far gradients reach: the gradient at the first of 50 states, as a share of that at the last, untrained."""

from __future__ import annotations

import netc
import numpy as np

from docs.systems.place import SPECS

_POINTS, _SAMPLES = 50, 8


def elman(largest: float) -> float:
    """Of an Elman net whose recurrent matrix is a rotation times `largest`: all its singular values are that."""
    rng = np.random.default_rng(0)
    net = netc.load(SPECS / "sequence" / "elman.net")["ManyToOne"].build(dtype="float64")
    net.params["W"] = largest * np.linalg.qr(rng.normal(size=(16, 16)))[0]
    inputs = {"bits": rng.integers(0, 2, (_SAMPLES, _POINTS)), "odd": rng.integers(0, 2, _SAMPLES)}
    return _share(net.gradient(inputs, of=["s"]).equations["s"])


def lstm() -> float:
    """Of the cell of an LSTM whose gates begin at many time scales."""
    rng = np.random.default_rng(0)
    net = netc.load(SPECS / "sequence" / "lstm_forms.net")["AddingD"].build(dtype="float64")
    inputs = {"x": rng.random((_SAMPLES, _POINTS, 2)), "y": rng.random(_SAMPLES)}
    return _share(net.gradient(inputs, of=["m.LSTMd.c"]).equations["m.LSTMd.c"])


def told() -> str:
    """The result in words."""
    small, one, large = (f"{elman(s):.0e}".replace("e-0", "e-") for s in (0.7, 1.0, 1.6))
    return (
        f"|dL/ds(1)| to |dL/ds(50)|, untrained: {small} where all singular values of W are 0.7, {one} at 1.0, "
        f"{float(large):.0f} at 1.6; {lstm():.2f} for the cell of an LSTM with slow gates."
    )


def _share(slopes: np.ndarray) -> float:
    norms = np.linalg.norm(slopes, axis=2).mean(0)
    return float(norms[0] / norms[-1])
