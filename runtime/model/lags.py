"""How far back gradients reach: the norm of dL/dh at each lag, for every recurrent equation of a net."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from netc.compiler.pipeline import Request
from netc.compiler.rewrites import Wanted
from netc.compiler.schedule import all_scans
from netc.compiler.statements.expressions import Type
from netc.runtime.model.net import Net


def recurrent_equations(net: Net) -> dict[str, int]:
    """Equations of real numbers that are read at another point of the axis along which they are computed, and that axis."""
    paths = {v: n for n, v in net.elaborated().variables.items() if v.type is Type.REAL and v.per_sample}
    request = Request(True, Wanted(True, False, updates=False), tuple(net.params))
    found = all_scans(net.session.compile(net.name, request, net.per).schedule.items)
    return {paths[v]: axis for scan in found for v, axis in scan.carried().items() if v in paths}


def norms_by_lag(net: Net, inputs: Mapping[str, Any], count: int) -> dict[str, list[float]]:
    """For each recurrent equation the norm of dL/dh(t), a mean over the samples, at lags 0 to `count - 1`.

    Lag 0 is the last time at which the loss of a sample changes with the state; a sample that is shorter counts as 0.
    """
    axes = recurrent_equations(net)
    if not axes or net.elaborated().loss is None:
        return {}
    given = {v.name: inputs[v.name] for v in net.inputs if v.name in inputs}
    slopes = net.gradient(given, of=tuple(axes)).equations
    return {name: _by_lag(slopes[name], axis, count) for name, axis in axes.items()}


def _by_lag(slopes: np.ndarray[Any, Any], axis: int, count: int) -> list[float]:
    in_time = np.moveaxis(slopes, axis + 1, 1)
    norms = np.sqrt((in_time.reshape(*in_time.shape[:2], -1) ** 2).sum(2))
    total = np.zeros(count)
    for one in norms:
        reached = np.flatnonzero(one)
        back = one[: reached[-1] + 1][::-1][:count] if len(reached) else one[:0]
        total[: len(back)] += back
    return [float(x) for x in total / max(len(norms), 1)]
