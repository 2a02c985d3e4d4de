"""How open each declared gate is, over time."""

from __future__ import annotations

import numpy as np
from netc.compiler.statements.expressions import Variable
from netc.runtime.charts.model import Axis, Heat
from netc.runtime.inspect.model import Section
from netc.runtime.inspect.subject import Subject


def gates(subject: Subject) -> Section | None:
    """A map for each gate and sample: units against time, 1 is open; above it the mean of the units."""
    pictures = [p for v in subject.declared("gate") for p in _pictures(subject, v)]
    if not pictures:
        return None
    about = "1 is open, 0 is closed. Each row of a map is one unit; the curve above is the mean of all units."
    return Section("Gates", about, tuple(pictures))


def _pictures(subject: Subject, gate: Variable) -> list[Heat]:
    time, values, name = subject.time(gate), subject.value(gate), subject.paths[gate]
    if time is None:  # one value for each unit and sample
        units = values.reshape(len(values), -1).T
        return [Heat(f"{name} · {len(values)} samples", units, Axis("unit"), Axis("sample", 1), line=units.mean(0))]
    found = []
    for k in subject.shown:
        one = np.moveaxis(subject.sample(gate, values, k), time, -1)
        units = one.reshape(-1, one.shape[-1])
        along = subject.axis(gate.axes[time], k, one.shape[-1])
        found.append(Heat(f"{name} · sample {k + 1}", units, Axis("unit"), along, line=units.mean(0)))
    return found
