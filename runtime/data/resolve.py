"""`data = source(...) -> step(...)`: the setting as data."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

from netc.compiler.diagnostics.error import NetcError
from netc.compiler.diagnostics.problems.data import ArgumentUnfit, StepUnfit, UnknownSource
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.diagnostics.suggest import suggest
from netc.compiler.source.text import Source, Span
from netc.compiler.syntax import tree
from netc.compiler.syntax.parser import parse
from netc.runtime.data.arguments import arguments
from netc.runtime.data.model import Splits
from netc.runtime.data.place import Place
from netc.runtime.data.sources import (
    adding_problem,
    arrays,
    boolean_trees,
    brackets,
    captions,
    conll,
    copy,
    csv,
    dates,
    digits,
    generated,
    hello,
    mnist,
    pairs,
    parity,
    reber,
    sentences,
    series,
    text,
    trees,
    windows,
)
from netc.runtime.data.steps import STEPS, WHAT, unfit

SOURCES: dict[str, Callable[..., Splits]] = {
    "digits": digits.read, "mnist": mnist.read, "arrays": arrays.read, "csv": csv.read,
    "text": text.read, "sentences": sentences.read, "windows": windows.read, "conll": conll.read, "pairs": pairs.read, "trees": trees.read,
    "series": series.read,
    "spirals": generated.spirals, "xor": generated.xor, "sine": generated.sine, "hello": hello.read, "parity": parity.read, "copy": copy.read,
    "adding_problem": adding_problem.read, "reber": reber.read, "brackets": brackets.read, "boolean_trees": boolean_trees.read,
    "dates": dates.read, "captions": captions.read,
}  # fmt: skip


def resolve(pipeline: tree.Expr | None, *, folder: Path, seed: int, replace: str | None = None) -> Splits:
    """The data of a setting. `replace` (from the command line) takes the place of the source and keeps the steps.

    Raises NetcError with what is wrong, MissingError where files are absent.
    """
    calls = _calls(pipeline) if pipeline is not None else []
    source = calls[0] if calls else None
    steps = calls[1:]
    if replace is not None:
        place, source = _replacement(replace)
    else:
        place = Place(folder, source.span if source is not None else Span(Source("spec", "data"), 0, 4))
    if source is None:
        span = Span(Source("spec", "data"), 0, 4)
        raise NetcError(UnknownSource(span, "source", "(none)", tuple(SOURCES), None))
    splits = _read(source, place, seed)
    sizes = splits.sizes
    for step in steps:
        splits = _step(step, splits)
    return splits if splits.sizes == sizes else dataclasses.replace(splits, statement=f"{splits.statement}, of these {splits.sizes}")


def _replacement(text: str) -> tuple[Place, tree.Call]:
    """`--data mnist`, `--data 'csv("x.csv")'` or `--data path/to/file.npz`."""
    known = {".npz": "arrays", ".npy": "arrays", ".csv": "csv", ".tsv": "csv", ".txt": "text", ".conllu": "conll"}
    ending = Path(text).suffix.lower()
    written = f'{known[ending]}("{text}")' if ending in known and "(" not in text else text if "(" in text else f"{text}()"
    source = Source("command line", f"train:\n    data = {written}\n")
    reporter = Reporter()
    file = parse(source, reporter)
    block = next((i for i in file.items if isinstance(i, tree.Block)), None)
    value = next((s.value for s in block.body if isinstance(s, tree.Equation)), None) if block else None
    if not isinstance(value, tree.Call):
        if reporter.problems:
            raise NetcError(*reporter.problems)
        span = Span(Source("command line", text), 0, len(text))
        raise NetcError(UnknownSource(span, "source", text, tuple(SOURCES), suggest(text, SOURCES)))
    return Place(Path.cwd(), value.span, anywhere=True), value


def _calls(node: tree.Expr) -> list[tree.Call]:
    if isinstance(node, tree.Pipe):
        return [*_calls(node.left), *_calls(node.right)]
    if isinstance(node, tree.Call):
        return [node]
    if isinstance(node, tree.Name):
        return [tree.Call(node.span, node, ())]
    raise NetcError(ArgumentUnfit(node.span, "data", "is no source", "digits() -> range(0, 1)"))


def _named(call: tree.Call, table: dict[str, Any], what: str) -> str:
    name = call.function.name if isinstance(call.function, tree.Name) else call.function.span.text
    if name not in table:
        raise NetcError(UnknownSource(call.function.span, what, name, tuple(table), suggest(name, table)))
    return name


def _read(call: tree.Call, place: Place, seed: int) -> Splits:
    read = SOURCES[_named(call, SOURCES, "source")]
    return read(place, seed, **arguments(call, read))


def _step(call: tree.Call, splits: Splits) -> Splits:
    step = STEPS[_named(call, STEPS, "step")]
    given = arguments(call, step)
    name = call.function.span.text
    sequence = unfit(name, splits)
    if sequence is not None:
        raise NetcError(StepUnfit(call.function.span, name, sequence.name, sequence.sort, WHAT[name]))
    return step(splits, **given)
