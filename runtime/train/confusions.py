"""Which class was taken for which: counts [observed, predicted] of every class input that is guessed, at all points that count."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from netc.compiler.elaborate.model import Elaborated
from netc.compiler.statements.domains import Bound
from netc.compiler.statements.expressions import Affine, Variable
from netc.runtime.data.fields.ragged import Ragged
from netc.runtime.model.initialise import Array
from netc.runtime.model.inputs import Measure
from netc.runtime.model.lengths import inside, values_of
from netc.runtime.model.net import Net
from netc.runtime.train.answers import asked, judged

MOST = 1000  # classes; of more no table is kept


class Confusions:
    """Counts over the batches of an evaluation. A symbol that the net also reads, as of a text that it writes, is not counted."""

    def __init__(self, net: Net) -> None:
        classes = {v.name: v.classes.points() for v in net.inputs if v.classes is not None}
        if not classes:
            self.tables: dict[str, Array] = {}
            return
        elaborated = net.elaborated(False)
        read = {v.name for v in asked(net)}
        self.measure = Measure(net.inputs)
        self.guesses = {n: g for n, g in judged(net).items() if classes[n] <= MOST and n not in read}
        self.places = {n: found for n in self.guesses if (found := _place(elaborated, n)) is not None}
        one = {v.name for v in net.inputs if not v.axes}
        self.tables = {n: np.zeros((classes[n], classes[n]), np.int64) for n in self.guesses if n in self.places or n in one}

    def add(self, arrays: Mapping[str, Array | Ragged], outputs: Mapping[str, Array]) -> None:
        """Count one batch."""
        for name, counts in self.tables.items():
            predicted = outputs.get(self.guesses[name])
            if predicted is None:
                continue
            observed = arrays[name]
            if name in self.places:
                observed, predicted = self._paired(name, observed, predicted, arrays, outputs.get(f"{name}.observed"))
            guessed = predicted.argmax(-1) if predicted.ndim > 1 else predicted.astype(int)
            np.add.at(counts, (np.asarray(observed).astype(int), guessed), 1)

    def _paired(
        self, name: str, observed: Array | Ragged, predicted: Array, arrays: Mapping[str, Array | Ragged], counted: Array | None
    ) -> tuple[Array, Array]:  # fmt: skip
        """What was observed and what was predicted, point by point, where the likelihood observes."""
        prediction, places = self.places[name]
        grid = predicted.shape[:-1]
        values = observed.padded() if isinstance(observed, Ragged) else np.asarray(observed)
        lengths = self.measure(arrays, len(values)).lengths
        at = [_along(0, np.arange(grid[0]), grid)]
        for size, (axis, offset) in zip(values.shape[1:], places, strict=True):
            point = values_of(offset, lengths) + (0 if axis is None else np.arange(grid[axis + 1]))
            at.append(_along(0 if axis is None else axis + 1, np.minimum(point, size - 1), grid))
        values = np.broadcast_to(values[tuple(at)], grid)
        own = inside(prediction, lengths, grid)
        valid = np.broadcast_to(True if own is None else own, grid)
        if counted is not None:
            valid = valid & counted
        return values[valid], predicted[valid]


def _along(axis: int, points: Array, grid: tuple[int, ...]) -> Array:
    """One number for all, or one for each point along an axis of the grid."""
    return points.reshape([-1 if k == axis else 1 for k in range(len(grid))]) if points.ndim else points


Place = tuple[int | None, Bound]  # the axis of the prediction that runs along, if any, and how far off it begins


def _place(elaborated: Elaborated, name: str) -> tuple[Variable, list[Place]] | None:
    """The prediction of an input that one likelihood observes, and where along each of the input's axes it stands."""
    found = [o for o in elaborated.observations if o.variable.name == name]
    prediction = elaborated.predictions.get(name)
    if len(found) != 1 or prediction is None or not found[0].variable.axes:
        return None
    target, equation = found[0].target, next(e for e in elaborated.equations if e.target is prediction)
    plain = [p.plain for p in target.indices if isinstance(p, Affine) and p.plain is not None]
    own = [i for i in equation.indices if i in plain]
    order = [*own, *(i for i in plain if i not in own)]
    places: list[Place] = []
    for place, axis in zip(target.indices, found[0].variable.axes, strict=True):
        if not isinstance(place, Affine) or place.terms and place.plain is None:
            return None
        along = order.index(place.plain) if place.plain is not None else None
        begin = prediction.axes[along].lo if along is not None else 0
        offset = begin + place.const - axis.lo
        if along is not None and not isinstance(offset, int):
            return None
        places.append((along, offset))
    return prediction, places


def most_confused(table: Array, labels: tuple[str, ...] | None, count: int = 2) -> str:
    """`4 taken for 9 (9 times), 7 for 2 (8)`."""
    wrong = table.copy()
    np.fill_diagonal(wrong, 0)
    places = np.dstack(np.unravel_index(np.argsort(-wrong, axis=None, kind="stable")[:count], wrong.shape))[0]
    found = [(called(a, labels), called(b, labels), int(wrong[a, b])) for a, b in places if wrong[a, b]]
    times = [("once" if n == 1 else f"{n} times") if k == 0 else "once" if n == 1 else str(n) for k, (_, _, n) in enumerate(found)]
    return ", ".join(f"{a} {'taken ' * (k == 0)}for {b} ({times[k]})" for k, (a, b, _) in enumerate(found))


def called(k: int, labels: tuple[str, ...] | None) -> str:
    """What a class is called; a net may have more classes than its data."""
    return labels[k] if labels and k < len(labels) else str(k)
