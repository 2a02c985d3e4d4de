"""Recurrences: states over time, gradients that vanish or explode on their way back, and the matrices that decide it."""

from __future__ import annotations

import numpy as np
from netc.compiler.statements.expressions import Kind, Variable, reads
from netc.runtime.charts.model import Array, Axis, Heat, Lines
from netc.runtime.inspect.model import Section
from netc.runtime.inspect.subject import Subject


def gradients_over_time(subject: Subject) -> Section | None:
    """The norm of dL/dh(t) against t, for every recurrent variable."""
    pictures = []
    for v in subject.recurrent:
        slopes, time = subject.adjoint(v), subject.time(v)
        if slopes is None or time is None:
            continue
        series = []
        for k in subject.shown:
            one = np.moveaxis(subject.sample(v, slopes, k), time, 0)
            series.append((f"sample {k + 1}", np.sqrt((one.reshape(len(one), -1) ** 2).sum(1))))
        longest = max(range(len(series)), key=lambda k: len(series[k][1]))
        count = len(series[longest][1])
        along = subject.axis(v.axes[time], longest, count) if len(series) == 1 else Axis("t", _first(v, time))
        name = subject.paths[v]
        pictures.append(Lines(f"‖dL/d{name}(t)‖", tuple(series), along, "norm", log=True))
    if not pictures:
        return None
    about = "How much the loss changes with the state at each time. A fall to the left is a gradient that vanishes, a rise"
    about += " one that explodes."
    about += " The scale is logarithmic; what is 0 is left out."
    return Section("Gradients through time", about, tuple(pictures))


def _first(v: Variable, time: int) -> int:
    lo = v.axes[time].lo
    return lo if isinstance(lo, int) else 0


def spectra(subject: Subject) -> Section | None:
    """The singular values of the parameters that a recurrence multiplies its own state with."""
    pictures = []
    for v in recurrent_matrices(subject):
        name = subject.paths[v]
        matrix = subject.net.params.exact(name)
        values = np.linalg.svd(matrix, compute_uv=False)
        sizes = "×".join(map(str, matrix.shape))
        if matrix.ndim == 2:
            series: tuple[tuple[str, Array], ...] = ((name, values),)
        else:
            series = tuple((f"{name}[{k}]", s) for k, s in enumerate(values.reshape(-1, values.shape[-1])))[:6]
        pictures.append(Lines(f"{name} · {sizes}", series, Axis("k", 1), "singular value", mark=1.0, dots=True))
    if not pictures:
        return None
    about = "Singular values of the recurrent matrices, largest first. Below the dashed line, at 1, a step makes a state"
    about += " shorter; above it, longer."
    return Section("Recurrent matrices", about, tuple(pictures))


def recurrent_matrices(subject: Subject) -> list[Variable]:
    """Parameters with two axes or more that stand in a product with what their scan computes."""
    found: dict[Variable, None] = {}
    for scan in subject.scans:
        for s in scan.statements():
            touched = reads(s.body)
            if any(r.variable in scan.axis for r in touched):
                matrices = (r.variable for r in touched if r.variable.kind is Kind.PARAMETER and len(r.variable.axes) > 1)
                found.update(dict.fromkeys(matrices))
    return [v for v in found if v in subject.paths]


def states(subject: Subject) -> Section | None:
    """What each recurrent variable holds, over time."""
    pictures = []
    for v in subject.recurrent:
        time = subject.time(v)
        if time is None:
            continue
        values = subject.value(v)
        scale = float(np.abs(values).max(initial=0.0)) or 1.0
        for k in subject.shown:
            one = np.moveaxis(subject.sample(v, values, k), time, -1)
            units = one.reshape(-1, one.shape[-1])
            along = subject.axis(v.axes[time], k, one.shape[-1])
            pictures.append(Heat(f"{subject.paths[v]} · sample {k + 1}", units, Axis("unit"), along, -scale, scale))
    if not pictures:
        return None
    return Section("States", "What is carried from one time to the next; orange is positive, blue negative.", tuple(pictures))
