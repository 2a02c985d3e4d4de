"""Where declared attention looks: one map for each head."""

from __future__ import annotations

import numpy as np
from netc.compiler.statements.expressions import Normalise, Read, Variable, walk
from netc.runtime.charts.model import Heat
from netc.runtime.inspect.model import Section
from netc.runtime.inspect.subject import Subject

_HEADS = 16  # maps of one equation and sample


def attention(subject: Subject) -> Section | None:
    """A map for each head and sample: each line is one point that asks, and its weights add up to 1."""
    pictures = [p for v in subject.declared("attention") for p in _pictures(subject, v)]
    if not pictures:
        return None
    about = "Each row of a map is a point that asks; the columns are the points it looks at. The weights of a row add up to 1."
    about += " The colour goes with the root of a weight, up to the largest of its map, so that small ones are seen, too."
    return Section("Attention", about, tuple(pictures))


def _pictures(subject: Subject, weights: Variable) -> list[Heat]:
    """The axis that is normalised over runs to the right, the one before it down; all others are heads."""
    source = _source(subject, weights)
    if len(weights.axes) < 2:
        return []
    asking = max(a for a in range(len(weights.axes)) if a != source)
    values, name, found = subject.value(weights), subject.paths[weights], []
    for k in subject.shown:
        one = np.moveaxis(subject.sample(weights, values, k), (asking, source), (-2, -1))
        heads = one.reshape(-1, *one.shape[-2:])
        rows = subject.axis(weights.axes[asking], k, one.shape[-2])
        columns = subject.axis(weights.axes[source], k, one.shape[-1])
        for h, head in enumerate(heads[:_HEADS]):
            title = f"{name} · head {h + 1} · sample {k + 1}" if len(heads) > 1 else f"{name} · sample {k + 1}"
            found.append(Heat(title, head, rows, columns, high=float(head.max()), root=True))
    return found


def _source(subject: Subject, weights: Variable) -> int:
    """The axis over which the weights are normalised: where the softmax's own index stands on the left; else the last."""
    for e in subject.elaborated.equations:
        if e.target is not weights:
            continue
        for x in walk(e.value):
            if isinstance(x, Normalise):
                at = [a for a, p in enumerate(e.place) if not isinstance(p, Read) and p.plain in x.indices]
                if at:
                    return at[-1]
    return len(weights.axes) - 1
