"""`data = source(...) -> step(...)`: the setting as data."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

from netc.compiler.diagnostics.error import NetcError
from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.data import NoSource, StepUnfit
from netc.compiler.settings import data as settings
from netc.compiler.settings.calls import name_of
from netc.compiler.settings.kinds import Unfit
from netc.compiler.settings.sources import FILES
from netc.compiler.source.text import typed
from netc.compiler.syntax import tree
from netc.runtime.data.fields.model import Splits
from netc.runtime.data.formats.place import Place
from netc.runtime.data.pipeline.replacing import replacement
from netc.runtime.data.pipeline.steps import STEPS, WHAT, unfit
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
    idx,
    images,
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

SOURCES: dict[str, Callable[..., Splits]] = {
    "digits": digits.read, "mnist": mnist.read, "arrays": arrays.read, "csv": csv.read, "idx": idx.read, "images": images.read,
    "text": text.read, "sentences": sentences.read, "windows": windows.read, "conll": conll.read, "pairs": pairs.read, "trees": trees.read,
    "series": series.read,
    "spirals": generated.spirals, "xor": generated.xor, "sine": generated.sine, "hello": hello.read, "parity": parity.read, "copy": copy.read,
    "adding_problem": adding_problem.read, "reber": reber.read, "brackets": brackets.read, "boolean_trees": boolean_trees.read,
    "dates": dates.read, "captions": captions.read,
}  # fmt: skip


def resolve(
    pipeline: tree.Expr | None, *, folder: Path, seed: int, replace: str | None = None, before: str | None = None,
    all_symbols: bool = False,
) -> Splits:  # fmt: skip
    """The data of a setting. `replace` (from the command line) takes the place of the source and keeps the steps.

    A file named alone is read as the source reads its own, where its ending allows that; `before` is what took the source's place
    when the run was trained. With `all_symbols` a vocabulary holds those of all parts, for a run to number them anew.

    Raises NetcError with what is wrong, MissingError where files are absent.
    """
    steps = calls_of(pipeline)[1:]
    splits = source_of(pipeline, folder, seed, replace, before, all_symbols)
    sizes = splits.sizes
    for step in steps:
        splits = step_of(step, splits)
    return splits if splits.sizes == sizes else dataclasses.replace(splits, statement=f"{splits.statement}, of these {splits.sizes}")


def source_of(
    pipeline: tree.Expr | None, folder: Path, seed: int, replace: str | None, before: str | None = None, all_symbols: bool = False
) -> Splits:
    """What the source gives, before the steps."""
    calls = calls_of(pipeline)
    following = calls[1] if len(calls) > 1 else None
    if replace is not None:
        declared = calls[0] if calls else None
        if before is not None:
            declared = replacement(before, declared)[1]
        place, call = replacement(replace, declared)
        splits = _read(call, dataclasses.replace(place, all_symbols=all_symbols), seed, following)
        if replace != call.span.text and place.span.text == replace and call.function.span.text in FILES:  # the file alone was named
            splits = dataclasses.replace(splits, notes=(f"`{replace}` is read as `{call.span.text}`", *splits.notes))
        return splits
    if not calls:
        raise NetcError(NoSource(typed("settings", "data"), tuple(SOURCES)))
    return _read(calls[0], Place(folder, calls[0].span, all_symbols=all_symbols), seed, following)


def source_call(pipeline: tree.Expr | None, replace: str | None) -> tree.Call | None:
    """The call that names the source, or what took its place; None where there is none."""
    declared = next(iter(calls_of(pipeline)), None)
    return replacement(replace, declared)[1] if replace is not None else declared


def unfit_replacement(pipeline: tree.Expr | None, replace: str) -> tuple[Problem, ...]:
    """What is wrong with the name or the call that is to take the source's place."""
    try:
        call = source_call(pipeline, replace)
        if call is not None:
            arguments_of(call, source=True)
    except NetcError as error:
        return error.problems
    return ()


def calls_of(node: tree.Expr | None) -> list[tree.Call]:
    """The source and the steps of a setting; nothing for no setting. Raises NetcError where one is neither."""
    try:
        return settings.calls_of(node)
    except Unfit as unfit:
        raise NetcError(*unfit.problems) from None


def arguments_of(call: tree.Call, source: bool = False) -> dict[str, Any]:
    """What a source, or a step, is given, by name. Raises NetcError with all that is wrong."""
    try:
        return settings.arguments_of(call, source)
    except Unfit as unfit:
        raise NetcError(*unfit.problems) from None


def _read(call: tree.Call, place: Place, seed: int, following: tree.Call | None) -> Splits:
    """A `resize` right behind a source of files of any `size` is done while reading, where sizes may still differ."""
    given = arguments_of(call, source=True)
    if given.get("size") == 0 and following is not None and name_of(following) == "resize":
        given["size"] = arguments_of(following)["size"]
    return SOURCES[name_of(call)](place, seed, **given)


def step_of(call: tree.Call, splits: Splits) -> Splits:
    """The data after one step."""
    name, given = name_of(call), arguments_of(call)
    sequence = unfit(name, splits)
    if sequence is not None:
        raise NetcError(StepUnfit(call.function.span, name, sequence.name, sequence.sort, WHAT[name]))
    return STEPS[name](splits, **given)
