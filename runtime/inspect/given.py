"""What a user gives to look at: a text, numbers, a picture or arrays, for one input or for several."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from netc.compiler.diagnostics.error import NetcError, UsageError
from netc.compiler.diagnostics.problems.values import InputUnfit
from netc.compiler.source.text import typed
from netc.compiler.statements.expressions import Type, Variable
from netc.runtime.charts.model import Array
from netc.runtime.data.fields.ragged import Ragged
from netc.runtime.data.fields.vocabulary import Vocabulary
from netc.runtime.data.formats import npy
from netc.runtime.data.formats.place import Place
from netc.runtime.data.formats.text_files import read_text
from netc.runtime.inspect.subject import Labels
from netc.runtime.model.net import Net
from netc.runtime.model.sampling import Sampler, settings_for
from netc.runtime.train.answers import asked
from netc.runtime.train.files import ARRAYS, PICTURES, array_of, numbers_of, picture_of, place_of
from netc.runtime.train.runs import data_of, settings_of


def samples_of(net: Net, spec: Any, facts: dict[str, Any], count: int) -> tuple[dict[str, Any], str]:
    """The first samples of the run's validation part (else of its test or training part), and what they are in words."""
    splits = data_of(spec, settings_of(spec, facts["given"]), net, facts["data_argument"], facts["labels"])
    parts = splits.parts()
    part = next(p for p in ("validation", "test", "train") if p in parts and parts[p].size)
    count = min(count, parts[part].size)
    found: dict[str, Array | Ragged] = parts[part].arrays(slice(0, count))
    first = f"the first {count} samples" if count > 1 else "the first sample"
    return dict(found), f"{first} of the {part} part of {splits.name}"


def given(texts: Sequence[str], net: Net, spec: Any, facts: dict[str, Any], invert: bool | None = None) -> dict[str, Any]:
    """Inputs as typed: `VALUE` for the first input that was not named, or `NAME=VALUE`. A value is a file or what it says itself.

    Raises NetcError for what cannot be read as the input, and for a file with arrays that the net does not have.
    """
    by_name = {v.name: v for v in net.inputs}
    order = [*asked(net), *(v for v in net.inputs if v not in asked(net))]
    found: dict[str, Any] = {}
    for text in texts:
        name, equals, rest = text.partition("=")
        named = by_name.get(name.strip()) if equals else None
        value = rest if named is not None else text
        file = Path(value)
        if file.suffix.lower() == ".npz" and named is None:
            found.update(_arrays(file, by_name))
            continue
        variable = named or next((v for v in order if v.name not in found), None)
        if variable is None:
            raise UsageError(InputUnfit(typed("command line", text), text, "", "every input has a value already", "name the input: `--input x=…`"))
        found[variable.name] = _value(value, variable, facts["labels"], spec, facts, invert)
    return found


def answered(net: Net, inputs: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The inputs with what the net itself answers to them, and that in words, where it writes sequences and none was given."""
    try:
        sampler = Sampler(net, settings_for(net, {"count": 1}))
    except NetcError:  # it writes none, or not from its inputs alone
        return inputs, ""
    needed, name = sampler.asked, sampler.variable.name
    if not needed or not set(needed) <= set(inputs) or len(sampler.names) > 1 or name in inputs:
        return inputs, ""
    samples = net.sample({n: inputs[n] for n in needed}, count=1)
    if not all(len(s.values) for s in samples):
        return inputs, ""
    ends = [[sampler.stop] if s.stopped else [] for s in samples]
    own = [np.concatenate([s.values, np.array(end, s.values.dtype)]) for s, end in zip(samples, ends, strict=True)]
    told = ", ".join(f"“{s}”" for s in samples[:3])
    return {**inputs, name: own}, f" and the net's own answer {told}"


def _arrays(file: Path, by_name: dict[str, Variable]) -> dict[str, Array]:
    found = npy.load(file, place_of(file), file)
    for name in found:
        if name not in by_name:
            raise place_of(file).damaged(file, f"it holds `{name}`, and the net's inputs are {', '.join(by_name)}")
    return found


def _value(text: str, v: Variable, labels: Labels, spec: Any, facts: dict[str, Any], invert: bool | None) -> Any:
    file = Path(text)
    ending = file.suffix.lower()
    if ending in ARRAYS:
        return array_of(file, v)
    if ending in PICTURES:
        return picture_of(file, v, invert, facts, spec)
    if ending == ".txt":
        place: Place = place_of(file)
        text = read_text(str(file), place).rstrip("\n")
    if v.type is Type.INTEGER:
        return _classes(text, v, labels)
    return numbers_of(text, v)


def _classes(text: str, v: Variable, labels: Labels) -> Array:
    """One sample of symbols by the run's vocabulary; without one, numbers."""
    known = labels.get(v.name)
    low = v.classes.first if v.classes is not None else 0
    if not known:
        return numbers_of(text, v).astype(np.int64)
    if v.axes:
        return Vocabulary(tuple(known)).read(text, typed("command line", text))[None] + low
    if text not in known:
        reason, mend = f"it is none of its {len(known)} classes", f"the classes are {', '.join(known[:12])}"
        raise NetcError(InputUnfit(typed("command line", text), text, v.name, reason, mend))
    return np.array([list(known).index(text) + low])
