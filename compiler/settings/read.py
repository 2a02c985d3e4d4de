"""Reads a `train` block, with what the command line and the environment override."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from functools import partial
from typing import Any

from netc.compiler.diagnostics.problems.settings import SettingsClash, SettingUnfit, UnknownTrainSetting
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.diagnostics.suggest import suggest
from netc.compiler.settings.calls import OTHER_NAMES as CONSTANTS
from netc.compiler.settings.calls import Argument
from netc.compiler.settings.data import Data
from netc.compiler.settings.groups import Groups, WeightsKind
from netc.compiler.settings.kinds import POSITIVE, OneOf, Texts, Unfit, Whole, flat
from netc.compiler.settings.model import PER, PRECISIONS, Origin, TrainSettings
from netc.compiler.settings.optimisers import OptimiserKind, gives_rate
from netc.compiler.settings.rules import RULES
from netc.compiler.settings.schedules import RATE, SHARE_DRAWN
from netc.compiler.source.text import Source, Span
from netc.compiler.syntax import tree
from netc.compiler.syntax.parser import parse

SETTINGS = tuple(f.name for f in fields(TrainSettings) if f.name not in ("origins", "given"))
KINDS: dict[str, Argument] = {
    "data": Argument(Data(), example="digits()"),
    "optimizer": Argument(OptimiserKind(), example="adam(1e-3)"),
    "lr": Argument(RATE, example="0.01"),
    "batch": Argument(Whole(), example="32"),
    "epochs": Argument(POSITIVE, example="10"),
    "steps": Argument(Whole(), example="1000"),
    "clip": Argument(POSITIVE, example="1"),
    "clip_value": Argument(POSITIVE, example="1"),
    "bptt": Argument(Whole(), example="50"),
    "scheduled_sampling": Argument(SHARE_DRAWN, example="linear(0, 0.25)"),
    "per": Argument(OneOf(PER), example=f'"{PER[0]}"'),
    "seed": Argument(Whole(0), example="1"),
    "lags": Argument(Whole(), example="25"),
    "patience": Argument(Whole(), example="5"),
    "restarts": Argument(Whole(), example="3"),
    "time_limit": Argument(POSITIVE, example="600"),
    "precision": Argument(OneOf(PRECISIONS), example=f'"{PRECISIONS[0]}"'),
    "freeze": Argument(Texts(), example='["features.*"]'),
    "rates": Argument(Groups("group", "factor", "10"), example='[group("*.W", 10)]'),
    "max_norm": Argument(Groups("limit", "norm", "3"), example='[limit("*.W", 3)]'),
    "load": Argument(WeightsKind(), example='weights("weights.safetensors")'),
}
ALIASES = {"optimiser": "optimizer", "early_stop": "patience", "rate": "lr"}
OTHER_NAMES = {"learning_rate": "lr", "dataset": "data", "source": "data", "iterations": "steps", "early_stopping": "patience", "dtype": "precision"}
_ORDER = ("default", "spec", "environment", "command line", "Python")  # the later goes before the earlier


def read_settings(
    block: tree.Block | None, overrides: Mapping[str, str], reporter: Reporter, environment: Mapping[str, str] | None = None,
    caller: str = "command line",
) -> TrainSettings:  # fmt: skip
    """The settings of a block; what is wrong is reported and left at its default. Overrides are texts as the caller typed them.

    The command line, or Python, goes before the environment, and that before the spec.
    """
    settings = TrainSettings()
    origins = {name: Origin("default") for name in SETTINGS}
    lines = [s for s in block.body if isinstance(s, tree.Equation)] if block else []
    outside = [("environment", _typed(environment or {}, "environment", reporter)), (caller, _typed(overrides, caller, reporter))]
    for source, statements in (("spec", lines), *outside):
        for name, statement in _each_once(statements, reporter).items():
            kind = KINDS[name]
            target = statement.target.span.text
            try:
                value = kind.kind.read(statement.value, target, partial(_instead, source, target), kind.example)
            except Unfit as unfit:
                for problem in unfit.problems:
                    reporter.report(problem)
                continue
            settings = _with(settings, name, value)
            origins["optimizer" if name == "lr" else name] = Origin(source, statement.span)
    if settings.epochs is not None and settings.steps is not None:
        spec, typed = origins["epochs"], origins["steps"]
        if spec.source == typed.source and spec.span is not None and typed.span is not None:
            reporter.report(SettingsClash(typed.span, "steps", "epochs", spec.span))
        elif _ORDER.index(typed.source) > _ORDER.index(spec.source):
            settings = replace(settings, epochs=None)
        else:
            settings = replace(settings, steps=None)
    return replace(settings, origins=origins, given=tuple({**(environment or {}), **overrides}.items()))


def _typed(given: Mapping[str, str], origin: str, reporter: Reporter) -> list[tree.Equation]:
    """`--set name=text` as lines of a train block."""
    found: list[tree.Equation] = []
    for name, text in given.items():
        head = f"train:\n    {name} = "
        source = Source(origin, f"{head}{text}\n")
        own = Reporter()
        blocks = [i for i in parse(source, own).items if isinstance(i, tree.Block)]
        lines = [s for b in blocks for s in b.body if isinstance(s, tree.Equation)]
        for problem in own.problems:
            reporter.report(problem)
        if len(lines) > 1 or len(blocks) > 1:
            whole = Span(source, len(head), len(head) + len(text))
            reporter.report(SettingUnfit(whole, name, text, "one value", _instead(origin, name, lines[0].value.span.text)))
        found += lines[:1]
    return found


def _instead(source: str, name: str, text: str) -> str:
    """How a setting is written where it was."""
    match source:
        case "command line":
            setting = f"{name}={text}"
            return f"--set {setting}" if re.fullmatch(r"[\w.=-]+", setting) else f"--set '{setting}'"
        case "environment":
            return f"NETC_{name.upper()}={text}"
        case _:
            return f"{name} = {text}"


def _each_once(statements: Iterable[tree.Equation], reporter: Reporter) -> dict[str, tree.Equation]:
    """The lines by what they set. A rate goes behind the optimiser that it is of."""
    found: dict[str, tree.Equation] = {}
    for statement in statements:
        written = statement.target.span.text
        name = ALIASES.get(written, written)
        if name not in KINDS:
            known = tuple(sorted(KINDS))
            guess = suggest(written, (*known, *ALIASES)) or OTHER_NAMES.get(written)
            reporter.report(UnknownTrainSetting(statement.target.span, written, known, guess, _in_optimiser(statement)))
        elif name in found:
            reporter.report(SettingsClash(statement.span, written, written, found[name].span))
        else:
            found[name] = statement
    if "lr" in found:
        rate = found.pop("lr")
        if "optimizer" in found and gives_rate(found["optimizer"].value):
            reporter.report(SettingsClash(rate.span, rate.target.span.text, "optimizer", found["optimizer"].span))
        else:
            found["lr"] = rate
    return found


def _in_optimiser(statement: tree.Equation) -> str:
    """A line that is a constant of an optimiser, in one that has it; nothing where none has."""
    written = statement.target.span.text
    name = CONSTANTS.get(written, written)
    rule = next((n for n, r in RULES.items() if name in r.constants), "")
    return f"optimizer = {rule}({name}={flat(statement.value)})" if rule else ""


def _with(settings: TrainSettings, name: str, value: Any) -> TrainSettings:
    if name == "lr":
        return replace(settings, optimizer=replace(settings.optimizer, rate=value))
    return replace(settings, **{name: value})
