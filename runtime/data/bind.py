"""Fields of the data to inputs of the net: by name, else in order where kind and sizes fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from netc.compiler.diagnostics.error import NetcError
from netc.compiler.diagnostics.problems.data import FieldsUnfit
from netc.compiler.source.text import Span
from netc.compiler.statements.expressions import Type, Variable
from netc.runtime.data.model import Dataset, Field, Splits


def bind(splits: Splits, inputs: Sequence[Variable], span: Span) -> Splits:
    """The data with its fields named and shaped as the inputs are. Raises NetcError where they do not fit."""
    chosen = _match(splits.train.fields, inputs, splits, span)

    def change(d: Dataset) -> Dataset:
        by_name = {f.name: f for f in d.fields}
        return Dataset(tuple(_shaped(by_name[chosen[v.name]], v) for v in inputs))

    return splits.each(change)


def sort_of(v: Variable) -> str:
    """An input's kind and sizes as the spec writes them."""
    sizes = ", ".join(map(str, v.axes))
    kind = "real" if v.type is Type.REAL else "bool" if v.type is Type.BOOLEAN else f"class({v.classes.size if v.classes else '?'})"
    return f"{kind}[{sizes}]" if sizes else kind


def _shape(v: Variable) -> tuple[int, ...]:
    return tuple(a.points() for a in v.axes)


def _fits(f: Field, v: Variable) -> bool:
    if (f.classes is None) != (v.type is not Type.INTEGER):
        return False
    if f.classes is not None and v.classes is not None and f.classes > v.classes.points():
        return False
    return _squeezed(f.values.shape[1:]) == _squeezed(_shape(v)) or f.values.shape[1:] == _shape(v)


def _squeezed(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Without leading axes of size 1: one channel needs no axis of its own."""
    while shape and shape[0] == 1:
        shape = shape[1:]
    return shape


def _shaped(f: Field, v: Variable) -> Field:
    return replace(f, name=v.name, values=f.values.reshape(len(f.values), *_shape(v)))


def _match(fields: Sequence[Field], inputs: Sequence[Variable], splits: Splits, span: Span) -> dict[str, str]:
    chosen: dict[str, str] = {}
    by_name = {f.name: f for f in fields}
    for v in inputs:
        if v.name in by_name:
            chosen[v.name] = v.name
    left = [f for f in fields if f.name not in chosen.values()]
    for v in inputs:
        if v.name in chosen:
            continue
        kind = [f for f in left if (f.classes is None) == (v.type is not Type.INTEGER)]
        if not kind:
            raise _unfit(splits, inputs, span, f"nothing is left for the input `{v.name}`", "name the inputs as the fields are named")
        chosen[v.name] = kind[0].name
        left.remove(kind[0])
    for v in inputs:
        field = by_name[chosen[v.name]]
        if not _fits(field, v):
            reason = f"the field `{field.name}` is {field.sort}, and the input `{v.name}` is {sort_of(v)}"
            raise _unfit(splits, inputs, span, reason, _mend(field, v))
    return chosen


def _mend(f: Field, v: Variable) -> str:
    """The step that would make the field fit, where there is one."""
    have, want = _squeezed(f.values.shape[1:]), _squeezed(_shape(v))
    if f.classes is not None:
        return f"declare the input as `{f.sort}`"
    count = 1
    for n in have:
        count *= n
    if len(want) == 1 and count == want[0]:
        return "add `-> flatten()` to the data"
    if len(have) == len(want) == 2 and want[0] == want[1] and have[0] == have[1]:
        more = want[0] - have[0]
        if more > 0 and more % 2 == 0 and more <= have[0]:
            return f"add `-> border({more // 2})` (or `-> resize({want[0]})`) to the data"
        return f"add `-> resize({want[0]})` to the data"
    return f"declare the input as `{f.sort}`, or change the data"


def _unfit(splits: Splits, inputs: Sequence[Variable], span: Span, reason: str, mend: str) -> NetcError:
    fields = tuple(f"`{f.name}` {f.sort}" for f in splits.train.fields)
    wanted = tuple(f"`{v.name}` {sort_of(v)}" for v in inputs)
    return NetcError(FieldsUnfit(span, fields, wanted, reason, mend))
