"""Beam search: the most likely sequence, found by going on with the best few beginnings.

The score of a sequence is the sum of the logarithms of its symbols' probabilities (Sutskever, Vinyals, Le 2014). Each step
runs the net over the whole limit for all beginnings at once, so a symbol costs as much as a sequence read: fit for answers
of tens of symbols, not for long texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from netc.compiler.diagnostics.error import NetcError
from netc.compiler.diagnostics.problems.generation import NoDrawFrom
from netc.compiler.rewrites import Wanted
from netc.compiler.session import Request
from netc.runtime.model.initialise import Array
from netc.runtime.model.inputs import Samples
from netc.runtime.model.lengths import values_of
from netc.runtime.model.sampling import Sample, Sampler, repeated

_LEAST = 1e-38  # keeps the logarithm of a probability finite


def search(sampler: Sampler, inputs: Mapping[str, Any]) -> list[Sample]:
    """For each input the `count` best sequences, best first."""
    o = sampler.observation
    if o.rule not in ("softmax", "categorical") or len(o.variable.axes) != 1:
        raise NetcError(NoDrawFrom(o.span, o.variable.name, o.rule, "beam search needs one class for each point"))
    sources = sampler.sources(inputs)
    found: list[Sample] = []
    for k in range(sources.batch):
        one = Samples({n: a[k : k + 1] for n, a in sources.arrays.items()}, 1, {n: v[k : k + 1] for n, v in sources.lengths.items()})
        found += _best(sampler, one)
    return found


def _best(sampler: Sampler, source: Samples) -> list[Sample]:
    """The best sequences for one input."""
    width = max(sampler.settings.beam, 1)
    name, lengths = sampler.variable.name, sampler.total(source)
    points = int(values_of(sampler.variable.axes[0].size, lengths).max())
    low = sampler.variable.classes.lo if sampler.variable.classes and isinstance(sampler.variable.classes.lo, int) else 0
    several = repeated(replace(source, lengths=lengths), width)
    rows = np.full((width, points), low, np.int32)
    rows[:, : len(sampler.prompt)] = sampler.prompt[:points]
    scores = np.full(width, -np.inf)
    scores[0] = 0.0  # at first all beginnings are the same: one counts
    done: list[tuple[float, Array]] = []
    for at in range(len(sampler.prompt), points):
        chances = _chances(sampler, several, name, rows, at)
        sums = (scores[:, None] + np.log(np.maximum(chances, _LEAST))).ravel()
        best = np.argsort(-sums, kind="stable")[: 2 * width]
        going: list[tuple[float, Array]] = []
        for b in best:
            if not np.isfinite(sums[b]) or len(going) == width:
                continue
            row = rows[b // chances.shape[1]].copy()
            row[at] = low + b % chances.shape[1]
            ended = row[at] == sampler.stop
            (done if ended else going).append((float(sums[b]), row[: at + 1] if ended else row))
        done = sorted(done, key=lambda d: -d[0])[:width]
        scores = np.array([s for s, _ in going] + [-np.inf] * (width - len(going)))
        for k, (_, row) in enumerate(going):
            rows[k] = row
        if not going or len(done) == width and scores.max() <= done[-1][0]:
            break
    open_ends = [(float(s), row.copy()) for s, row in zip(scores, rows, strict=True) if np.isfinite(s)]
    ranked = done if len(done) >= sampler.settings.count else sorted([*done, *open_ends], key=lambda d: -d[0])
    return [sampler.finished(row, score) for score, row in ranked[: sampler.settings.count]]


def _chances(sampler: Sampler, several: Samples, name: str, rows: Array, at: int) -> Array:
    """The probabilities of each class at one point, for each beginning."""
    request = Request(False, Wanted(False, False, predictions=True, updates=False))
    samples = Samples({**several.arrays, name: rows}, several.batch, several.lengths)
    compiled, bound = sampler.net.engine.run(request, samples)
    predicted = compiled.program.values[f"{name}.prediction"]
    return np.asarray(bound.read(predicted)[:, at - sampler.undrawn], np.float64)
