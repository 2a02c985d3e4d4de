"""Fields of the data to inputs of the net: by name, else in order where kind and sizes fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from netc.compiler.diagnostics.error import NetcError
from netc.compiler.diagnostics.problems.data import FieldsUnfit, LengthsDiffer, SequenceEmpty
from netc.compiler.source.text import Span
from netc.compiler.statements.domains import Length
from netc.compiler.statements.expressions import Type, Variable
from netc.runtime.data.fields.model import Array, Dataset, Field, Splits
from netc.runtime.data.fields.ragged import Ragged
from netc.runtime.data.fields.vocabulary import recoded
from netc.runtime.data.formats.tables import number

Labels = Mapping[str, Sequence[str] | None]


def bind(splits: Splits, inputs: Sequence[Variable], span: Span, labels: Labels | None = None) -> Splits:
    """The data with its fields named and shaped as the inputs are, and the structure of trees where an input stands on nodes.

    `labels` are those of a run, by input: the data then takes the run's numbers for its symbols. Raises NetcError where fields do
    not fit, where a sequence is empty, and where inputs that share a length differ in it.
    """
    known = labels or {}
    structure = next((v for v in inputs if v.tree), None)
    inputs = [v for v in inputs if not v.tree]
    splits = _measured(splits, inputs)
    chosen = _match(splits, inputs, span, known)
    nodes = structure.name if structure is not None else None

    def change(d: Dataset) -> Dataset:
        by_name = {f.name: f for f in d.fields}
        trees = [replace(f, name=nodes) for f in d.fields if f.tree and nodes is not None]
        coded = (recoded(by_name[chosen[v.name]], known.get(v.name), span) for v in inputs)
        return Dataset((*(_shaped(f, v) for f, v in zip(coded, inputs, strict=True)), *trees[:1]))

    parts = {part: change(d) for part, d in splits.parts().items()}
    for part, data in parts.items():
        check_lengths(part, data, inputs, chosen, span)
    return replace(splits, train=parts["train"], validation=parts.get("validation"), test=parts.get("test"))


def _measured(splits: Splits, inputs: Sequence[Variable]) -> Splits:
    """Whole numbers that a table gave as classes are numbers where the net takes them as such: a price, not one of 40 kinds."""
    taken = {v.name for v in inputs if v.type is Type.REAL}
    counted = any(v.type is Type.INTEGER for v in inputs)

    def one(f: Field) -> Field:
        meant = f.name in taken or not counted
        if f.labels is None or isinstance(f.values, Ragged) or not meant:
            return f
        numbers = [number(label) for label in f.labels]
        if any(n is None for n in numbers):
            return f
        return replace(f, values=np.array(numbers, np.float32)[f.values], classes=None, labels=None)

    return splits.each(lambda d: Dataset(tuple(map(one, d.fields))))


def check_lengths(part: str, data: Dataset, inputs: Sequence[Variable], fields: Mapping[str, str], span: Span) -> None:
    """Raise NetcError at a sequence without a point, and where two inputs of one length differ in it."""
    first: dict[Length, tuple[str, int, Array]] = {}  # an input with this length: its name, what its size has beyond, the lengths
    for v, f in zip(inputs, data.fields, strict=False):
        if not isinstance(f.values, Ragged):
            continue
        points = f.values.lengths
        if (points < 1).any():
            raise NetcError(SequenceEmpty(span, fields[v.name], part, int(np.argmax(points < 1))))
        size = v.axes[0].size
        if isinstance(size, int) or len(size.terms) != 1 or size.terms[0][1] != 1:
            continue  # an expression of lengths: the net checks it
        length = size.terms[0][0]
        other, beyond, known = first.setdefault(length, (v.name, size.const, points))
        differ = points - size.const != known - beyond
        if differ.any():
            k = int(np.argmax(differ))
            one, two = (other, fields[other], int(known[k])), (v.name, fields[v.name], int(points[k]))
            raise NetcError(LengthsDiffer(span, part, k, length.name, one, two))


def sort_of(v: Variable) -> str:
    """An input's kind and sizes as the spec writes them."""
    sizes = ", ".join(map(str, v.axes))
    kind = "real" if v.type is Type.REAL else "bool" if v.type is Type.BOOLEAN else f"class({v.classes.size if v.classes else '?'})"
    return f"{kind}[{sizes}]" if sizes else kind


def _open(v: Variable) -> list[int]:
    """The axes whose size each sample brings along."""
    return [k for k, a in enumerate(v.axes) if not a.known]


def _shape(v: Variable) -> tuple[int, ...]:
    """The sizes that all samples share."""
    return tuple(a.points() for a in v.axes if a.known)


def _fits(f: Field, v: Variable, splits: Splits, known: Labels) -> bool:
    if f.tree or f.real != (v.type is not Type.INTEGER):
        return False
    recoded_later = f.labels is not None and known.get(v.name) is not None
    if f.classes is not None and v.classes is not None and f.classes > v.classes.points() and not recoded_later:
        return False
    have, want = f.rest, _shape(v)
    if _open(v):
        if _open(v) != [0] or not isinstance(f.values, Ragged) and not have:
            return False
        have = have if isinstance(f.values, Ragged) else have[1:]
    elif isinstance(f.values, Ragged):
        if not want or any((one != want[0]).any() for one in _lengths(f.name, splits)):
            return False
        want = want[1:]
    return _squeezed(have) == _squeezed(want) or have == want


def _lengths(name: str, splits: Splits) -> list[Array]:
    """The lengths of a field in every part."""
    fields = [f for d in splits.parts().values() for f in d.fields if f.name == name]
    return [f.values.lengths for f in fields if isinstance(f.values, Ragged)]


def _squeezed(shape: Sequence[int]) -> tuple[int, ...]:
    """Without leading axes of size 1: one channel needs no axis of its own."""
    first = next((k for k, n in enumerate(shape) if n != 1), len(shape))
    return tuple(shape[first:])


def _shaped(f: Field, v: Variable) -> Field:
    values, shape = f.values, _shape(v)
    if _open(v):
        values = values if isinstance(values, Ragged) else Ragged.even(values)
        return replace(f, name=v.name, values=replace(values, flat=values.flat.reshape(len(values.flat), *shape)))
    if isinstance(values, Ragged):
        values = values.padded(shape[0])
    return replace(f, name=v.name, values=values.reshape(len(values), *shape))


def _match(splits: Splits, inputs: Sequence[Variable], span: Span, known: Labels) -> dict[str, str]:
    fields = splits.train.fields
    by_name = {f.name: f for f in fields}
    chosen = {v.name: v.name for v in inputs if v.name in by_name}
    left = [f for f in fields if f.name not in chosen and not f.tree]
    for v in inputs:
        if v.name in chosen:
            continue
        kind = [f for f in left if f.real == (v.type is not Type.INTEGER)]
        if not kind:
            raise _unfit(splits, inputs, span, f"nothing is left for the input `{v.name}`", "name the inputs as the fields are named")
        best = next((f for f in kind if _fits(f, v, splits, known)), kind[0])
        chosen[v.name] = best.name
        left.remove(best)
    for v in inputs:
        field = by_name[chosen[v.name]]
        if not _fits(field, v, splits, known):
            reason = f"the field `{field.name}` is {field.sort}, and the input `{v.name}` is {sort_of(v)}"
            raise _unfit(splits, inputs, span, reason, _mend(field, v))
    return chosen


def _mend(f: Field, v: Variable) -> str:
    """The step that would make the field fit, where there is one."""
    have, want = _squeezed(f.rest), _squeezed(_shape(v))
    if len(_open(v)) > 1 or _open(v) and _open(v) != [0]:
        return "the axis with a length of each sample's own stands first, and alone: declare the input as `real[1..T, 3]` is declared"
    if f.classes is not None:
        fewer = f", or keep fewer symbols: `symbols={v.classes.points()}`" if v.classes and f.labels and f.classes > v.classes.points() else ""
        return f"declare the input as `{f.sort}`{fewer}"
    if isinstance(f.values, Ragged) or _open(v):
        return f"declare the input as `{f.sort}`"
    count = 1
    for n in have:
        count *= n
    if len(want) == 1 and count == want[0]:
        return "add `-> flatten()` to the data"
    if len(have) == 2 and len(want) == 2 and want[0] == want[1] and have[0] == have[1]:
        more = want[0] - have[0]
        if more > 0 and more % 2 == 0 and more <= have[0]:
            return f"add `-> border({more // 2})` (or `-> resize({want[0]})`) to the data"
        return f"add `-> resize({want[0]})` to the data"
    return f"declare the input as `{f.sort}`, or change the data"


def _unfit(splits: Splits, inputs: Sequence[Variable], span: Span, reason: str, mend: str) -> NetcError:
    fields = tuple(f"`{f.name}` {f.sort}" for f in splits.train.fields)
    wanted = tuple(f"`{v.name}` {sort_of(v)}" for v in inputs)
    return NetcError(FieldsUnfit(span, fields, wanted, reason, mend))
