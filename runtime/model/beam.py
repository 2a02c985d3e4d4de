"""Beam search: the most likely sequence, found by going on with the best few beginnings.

The score of a sequence is the sum of the logarithms of its symbols' probabilities (Sutskever, Vinyals, Le 2014). The net is run
once: its loop stops before each symbol, and goes on with the symbols and the states of the beginnings that were kept. Where
no loop comes to the symbols (they do not depend on each other) it is run for each symbol again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from netc.compiler.diagnostics.error import NetcError
from netc.compiler.diagnostics.problems.generation import NoDrawFrom
from netc.compiler.pipeline import Request
from netc.compiler.plan.model import Loop
from netc.compiler.rewrites import Wanted
from netc.compiler.schedule import Scan
from netc.compiler.statements.domains import difference
from netc.compiler.statements.expressions import Affine, Read, Variable
from netc.compiler.statements.program import Operation, Statement
from netc.compiler.variants.draw_sequences import GIVEN, PROMPT, Drawing
from netc.compiler.variants.draws import SCORES
from netc.runtime.backends.backend import Bound
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
    lengths = sampler.total(source)
    points = int(values_of(sampler.variable.axes[0].size, lengths).max())
    low = sampler.variable.classes.first if sampler.variable.classes is not None else 0
    several = repeated(replace(source, lengths=lengths), width)
    rows = np.full((width, points), low, np.int32)
    rows[:, : len(sampler.prompt)] = sampler.prompt[:points]
    reader: _Loop | _Again = _loop(sampler, several, rows) or _Again(sampler, several)
    scores = np.full(width, -np.inf)
    scores[0] = 0.0  # at first all beginnings are the same: one counts
    done: list[tuple[float, Array]] = []
    for at in range(len(sampler.prompt), points):
        chances = reader.chances(rows, at)
        sums = (scores[:, None] + np.log(np.maximum(chances, _LEAST))).ravel()
        best = np.argsort(-sums, kind="stable")[: 2 * width]
        going: list[tuple[float, Array]] = []
        parents = list(range(width))
        for b in best:
            if not np.isfinite(sums[b]) or len(going) == width:
                continue
            row = rows[b // chances.shape[1]].copy()
            row[at] = low + b % chances.shape[1]
            ended = row[at] == sampler.stop
            if not ended:
                parents[len(going)] = int(b // chances.shape[1])
            (done if ended else going).append((float(sums[b]), row[: at + 1] if ended else row))
        done = sorted(done, key=lambda d: -d[0])[:width]
        scores = np.array([s for s, _ in going] + [-np.inf] * (width - len(going)))
        for k, (_, row) in enumerate(going):
            rows[k] = row
        reader.go_on(parents, rows, at)
        if not going or len(done) == width and scores.max() <= done[-1][0]:
            break
    open_ends = [(float(s), row.copy()) for s, row in zip(scores, rows, strict=True) if np.isfinite(s)]
    ranked = done if len(done) >= sampler.settings.count else sorted([*done, *open_ends], key=lambda d: -d[0])
    return [sampler.finished(row, score) for score, row in ranked[: sampler.settings.count]]


class _Again:
    """The net run over all beginnings again for each symbol."""

    def __init__(self, sampler: Sampler, several: Samples) -> None:
        self.sampler, self.several = sampler, several

    def chances(self, rows: Array, at: int) -> Array:
        """The probabilities of each class at one point, for each beginning."""
        name = self.sampler.variable.name
        request = Request(False, Wanted(False, False, predictions=True, updates=False))
        samples = Samples({**self.several.arrays, name: rows}, self.several.batch, self.several.lengths)
        compiled, bound = self.sampler.net.engine.run(request, samples)
        predicted = compiled.program.values[f"{name}.prediction"]
        found = bound.read(predicted)
        if not predicted.per_sample:  # made of parameters alone: the same for all beginnings
            found = np.broadcast_to(found, (len(rows), *found.shape))
        return np.asarray(found[:, at - self.sampler.undrawn], np.float64)

    def go_on(self, parents: list[int], rows: Array, at: int) -> None:
        """Nothing is kept between symbols."""


class _Loop:
    """The net's own loop, stopped before each symbol; what it has computed goes on with the beginnings that are kept."""

    def __init__(self, bound: Bound, turns: Iterator[int], given: Array, scores: Array, states: list[tuple[Array, int, int]], first: int) -> None:
        """`states` are what the loop computes: batch first, then its points; how many lie before the first symbol, how many are read again."""
        self.bound, self.turns, self.given, self.scores, self.states, self.first = bound, turns, given, scores, states, first

    def chances(self, rows: Array, at: int) -> Array:
        """The probabilities of each class at one point, for each beginning."""
        while next(self.turns) < at - self.first:
            pass
        scores = np.asarray(self.bound.backend.to_host(self.scores[:, at - self.first]), np.float64)
        high = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(high / high.sum(axis=1, keepdims=True))

    def go_on(self, parents: list[int], rows: Array, at: int) -> None:
        """Each row takes the state of the beginning that it goes on from, and its new symbol."""
        if parents != list(range(len(parents))):
            for array, ahead, depth in self.states:
                behind = max(at + ahead, 0)
                known = array[:, max(behind - depth, 0) : behind]
                known[...] = known[parents]
        self.given[...] = self.bound.backend.xp.asarray(rows)


def _loop(sampler: Sampler, several: Samples, rows: Array) -> _Loop | None:
    """The loop that comes to the symbols one by one, or None where there is none."""
    name = sampler.variable.name
    if sampler.names != (name,):
        return None
    scores = f"{name}.{SCORES}"
    request = Request(False, Wanted(False, False, updates=False, names=(name, scores)), drawing=Drawing(searched=True))
    given = {f"{name}.{GIVEN}": rows, f"{name}.{PROMPT}": np.full(len(rows), rows.shape[1])}
    compiled, bound = sampler.net.engine.fill(request, Samples({**several.arrays, **given}, several.batch, several.lengths))
    drawn = compiled.program.values[name]
    scan = next((i for i in compiled.schedule.items if isinstance(i, Scan) and drawn in i.axis), None)
    loops = [n for n, step in enumerate(bound.plan.steps) if isinstance(step, Loop) and any(getattr(s, "origin", None) is drawn for s in step.steps)]
    if scan is None or len(loops) != 1:
        return None
    states = []
    depths = _depths(scan)
    for v, axis in scan.axis.items():
        operand = bound.plan.operands[v]
        if v.per_sample and operand.buffer.first <= loops[0] <= operand.buffer.last:
            ahead = difference(drawn.axes[0].lo, v.axes[axis].lo)
            array = bound.backend.xp.moveaxis(bound.array(operand), 1 + axis, 1)
            points, depth = int(array.shape[1]), depths.get(v, 0)
            if ahead is None or depth is None:
                states.append((array, points, points))
            else:
                states.append((array, ahead + 2, depth + 4))  # a few more do no harm
    source, ahead = _within(scan, compiled.program.values[scores], compiled.program.statements)
    if source is None:
        return None
    shown = bound.array(bound.plan.operands[source])[:, ahead:]
    return _Loop(bound, bound.turns_to(drawn), bound.inputs[f"{name}.{GIVEN}"], shown, states, sampler.undrawn)


def _within(scan: Scan, scores: Variable, statements: Sequence[Statement]) -> tuple[Variable | None, int]:
    """What holds the scores while the loop runs, and how many of its points lie before the first; None where nothing does.

    Scores that are a copy of what the loop computes, `x.scores[t, k] = y[t-1, k]`, are made behind it: they are read there.
    """
    if scores in scan.axis:
        return scores, 0
    copies = [s for s in statements if s.target is scores]
    body = copies[0].body if len(copies) == 1 and copies[0].operation is Operation.MAP else None
    if not isinstance(body, Read) or body.variable not in scan.axis or len(body.indices) != len(scores.axes):
        return None, 0
    moves = [
        difference(theirs.const - axis.lo, ours.const - own.lo) if isinstance(theirs, Affine) and isinstance(ours, Affine) and theirs.plain is ours.plain is not None else None
        for theirs, axis, ours, own in zip(body.indices, body.variable.axes, copies[0].place, scores.axes, strict=True)
    ]
    ahead, *others = moves
    return (body.variable, ahead) if ahead is not None and ahead >= 0 and not any(m != 0 for m in others) else (None, 0)


def _depths(scan: Scan) -> dict[Variable, int | None]:
    """How many points back a loop reads what it has computed; None where that is not known."""
    found: dict[Variable, int | None] = {}
    for s in scan.statements():
        own = s.place[scan.axis[s.target]]
        for r in s.reads():
            if r.variable not in scan.axis:
                continue
            place = r.indices[scan.axis[r.variable]]
            plain = isinstance(own, Affine) and isinstance(place, Affine) and own.plain is place.plain is scan.index[s]
            back = difference(own.const, place.const) if plain and isinstance(own, Affine) and isinstance(place, Affine) else None
            before = found.get(r.variable, 0)
            found[r.variable] = None if back is None or before is None else max(before, back)
    return found
