"""Every row of `check` in numbers and drawn: how large its values and their gradients are, and how many values are zero."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from netc.compiler.counting.report import make_report
from netc.runtime.charts.marks import number
from netc.runtime.charts.model import Array, Axis, Lines
from netc.runtime.inspect.model import Section, Table
from netc.runtime.inspect.subject import Subject

_MOST = 200_000  # values of one row that its distribution is drawn from


def layers(subject: Subject) -> Section | None:
    """The table; gradients are those of the mean loss over the samples."""
    if not subject.layers:
        return None
    report, _ = make_report(subject.elaborated, subject.samples.batch, {})
    known = {r.name: r for r in report.rows}
    rows, strips, ranges = [], [], []
    for layer in subject.layers:
        variable = layer.variable
        values = subject.present(variable, subject.value(variable))
        found = subject.adjoint(variable)
        slopes = None if found is None else subject.present(variable, found)
        zeros = f"{100 * float((values == 0).mean()):.0f}%" if values.size else "–"
        described = layer.described(subject.elaborated, known.get(layer.name))
        rows.append((layer.name, *described, *_ends(values), zeros, *_ends(slopes), _size(slopes)))
        ranges.append((layer.name, values, slopes))
        strips.append(values[:: max(1, values.size // _MOST)])
    header = (
        "name", "what", "output", "params", "smallest", "largest", "zeros", "smallest gradient", "largest gradient", "gradient norm", "values",
    )  # fmt: skip
    return Section("Layers", _about(subject), _drawn(ranges), Table(header, tuple(rows), tuple(range(3, 10)), tuple(strips)))


def _drawn(layers: Sequence[tuple[str, Array, Array | None]]) -> tuple[Lines, ...]:
    """From the input's side to the output's: the ends of the values, and how large the gradients are."""
    if len(layers) < 2:
        return ()
    axis = Axis("", 0, tuple(name for name, _, _ in layers))

    def each(of: Callable[[Array], float], arrays: Sequence[Array | None]) -> Array:
        return np.array([of(a) if a is not None and a.size else np.nan for a in arrays])

    values, slopes = [v for _, v, _ in layers], [s for _, _, s in layers]
    ends = (("largest", each(np.max, values)), ("mean", each(np.mean, values)), ("smallest", each(np.min, values)))
    found = [Lines("Values, layer by layer", ends, axis, "value")]
    if any(s is not None and s.any() for s in slopes):
        sizes = (("largest", each(lambda a: float(np.abs(a).max()), slopes)), ("root mean square", each(lambda a: float(np.sqrt((a * a).mean())), slopes)))
        found.append(Lines("Gradients, layer by layer", sizes, axis, "|dL/dvalue|", log=True))
    return tuple(found)


def _about(subject: Subject) -> str:
    count = subject.samples.batch
    text = f"Values over {count:,} {'sample' if count == 1 else 'samples'}; the strip shows how often which value occurs, with a mark at 0."
    if subject.has_loss:
        return f"{text} Gradients are those of the mean loss with respect to the values."
    if subject.elaborated.loss is None:
        return f"{text} The net has no loss, and so no gradients."
    missing = ", ".join(f"`{n}`" for n in sorted(subject.missing(subject.elaborated.loss)))
    return f"{text} Gradients need {missing}, which the input does not give."


def _ends(values: Array | None) -> tuple[str, str]:
    if values is None or not values.size:
        return "–", "–"
    return number(float(values.min())), number(float(values.max()))


def _size(values: Array | None) -> str:
    return "–" if values is None else number(float(np.sqrt((values * values).sum())))
