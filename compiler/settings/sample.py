"""Reads a `sample` block: how sequences are drawn from a net."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from netc.compiler.diagnostics.problems.generation import SampleSettingUnfit, UnknownSampleSetting
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.diagnostics.suggest import suggest
from netc.compiler.source.text import typed
from netc.compiler.syntax import tree


@dataclass(frozen=True)
class SampleSettings:
    """What decides a sample besides the net and its inputs."""

    prompt: Any = ""  # a text, or the numbers themselves
    limit: int = 200  # how many symbols are drawn behind the prompt
    stop: str | int | None = None  # a symbol or its number
    temperature: float = 1.0  # 0: always the most likely
    top_k: int = 0  # only the k most likely can come; 0: all
    seed: int = 1
    count: int = 1  # samples of each input
    beam: int = 0  # hypotheses kept by beam search; 0: symbols are drawn


_RANGES = {"limit": (1, 20_000), "top_k": (0, 1000), "seed": (0, 1 << 62), "count": (1, 10_000), "beam": (0, 1000)}
_WANTED = {
    "prompt": "a text is wanted", "stop": "a symbol or its number is wanted", "temperature": "a number of at least 0 is wanted",
    "seed": "a whole number of at least 0 is wanted",
    **{n: f"a whole number from {lo} to {hi:,} is wanted" for n, (lo, hi) in _RANGES.items() if n != "seed"},
}  # fmt: skip
SAMPLE_SETTINGS = tuple(f.name for f in fields(SampleSettings))


def read_sample(
    block: tree.Block | None, names: Mapping[str, float], reporter: Reporter, statements: tuple[object, ...] = ()
) -> SampleSettings:  # fmt: skip
    """The settings of a block; `names` are the sizes and constants that it may speak of; what is wrong is reported, of a name by the statements."""
    found: dict[str, Any] = {}
    for statement in block.body if block else ():
        if not isinstance(statement, tree.Equation) or not isinstance(statement.target, tree.Name):
            continue
        name = statement.target.name
        if name not in _WANTED:
            reporter.report(UnknownSampleSetting(statement.target.span, name, SAMPLE_SETTINGS, suggest(name, SAMPLE_SETTINGS)))
            continue
        value = _value(statement.value, names)
        if value is None or not fits(name, value):
            reporter.report(_unfit(statement, name, names, statements))
            continue
        found[name] = value
    return replace(SampleSettings(), **found)


def _unfit(statement: tree.Equation, name: str, names: Mapping[str, float], statements: tuple[object, ...]) -> SampleSettingUnfit:
    """What is wrong with a value; of a stop symbol that is named, why the name is none."""
    value = statement.value
    declared = {b.item.name.name for s in statements if isinstance(s, tree.Const | tree.Dims) for b in s.bindings}
    unknown = name == "stop" and isinstance(value, tree.Name) and value.name not in declared
    return SampleSettingUnfit(
        value.span, name, f"`{value.span.text}`", _WANTED[name], tuple(names) if unknown else None,
        equations_of(statements).get(value.span.text, "") if unknown else "",
    )  # fmt: skip


def override(settings: SampleSettings, given: Mapping[str, Any], reporter: Reporter) -> SampleSettings:
    """The settings with what a caller gives; None leaves one as it is."""
    for name, value in given.items():
        if value is None:
            continue
        if name not in _WANTED or not fits(name, value):
            wanted = _WANTED.get(name, f"the settings are {', '.join(SAMPLE_SETTINGS)}")
            reporter.report(SampleSettingUnfit(typed("settings", name), name, repr(value), wanted))
            continue
        settings = replace(settings, **{name: value})
    return settings


def fits(name: str, value: Any) -> bool:
    """Whether a value can be this setting."""
    match name:
        case "prompt":
            return not isinstance(value, int | float)
        case "stop":
            return isinstance(value, str) or isinstance(value, int) and value >= 0
        case "temperature":
            return isinstance(value, int | float) and value >= 0 and math.isfinite(value)
        case _:
            lo, hi = _RANGES[name]
            return isinstance(value, int) and lo <= value <= hi


def _value(node: tree.Expr, names: Mapping[str, float]) -> str | int | float | None:
    match node:
        case tree.String():
            return node.value
        case tree.Number():
            found: float = node.value
        case tree.Sign(operator="-", operand=tree.Number(value=value)):
            found = -value
        case tree.Name(name=name) if name in names:
            found = names[name]
        case _:
            return None
    return int(found) if found == int(found) else found


def equations_of(statements: tuple[object, ...]) -> dict[str, str]:
    """The single numbers that equations give, as they are written."""
    return {
        s.target.name: s.value.span.text
        for s in statements if isinstance(s, tree.Equation) and isinstance(s.target, tree.Name) and isinstance(s.value, tree.Number)
    }  # fmt: skip


def constants_of(statements: tuple[object, ...]) -> dict[str, float]:
    """The single numbers that `const` and `dim` lines give by themselves."""
    return {
        b.item.name.name: b.value.value
        for s in statements if isinstance(s, tree.Const | tree.Dims)
        for b in s.bindings if isinstance(b.value, tree.Number) and not b.item.axes
    }  # fmt: skip
