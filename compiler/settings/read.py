"""Reads a `train` block, with what the command line and the environment override."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any

from netc.compiler.diagnostics.problems.settings import (
    SettingsClash,
    SettingUnfit,
    UnknownOptimiser,
    UnknownTrainSetting,
)
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.diagnostics.suggest import suggest
from netc.compiler.settings import schedules
from netc.compiler.settings.model import PER, PRECISIONS, Optimiser, Origin, Schedule, TrainSettings, Weights
from netc.compiler.settings.rules import RULES
from netc.compiler.settings.values import Unfit, choice, number, positive, texts, whole
from netc.compiler.source.text import Source
from netc.compiler.syntax import tree
from netc.compiler.syntax.parser import parse

SETTINGS = tuple(f.name for f in fields(TrainSettings) if f.name not in ("origins", "given"))
ALIASES = {"optimiser": "optimizer", "early_stop": "patience", "rate": "lr"}
_ORDER = ("default", "spec", "environment", "command line")  # the later goes before the earlier


def read_settings(
    block: tree.Block | None, overrides: Mapping[str, str], reporter: Reporter, environment: Mapping[str, str] | None = None
) -> TrainSettings:
    """The settings of a block; what is wrong is reported and left at its default. Overrides are texts as typed.

    The command line goes before the environment, and that before the spec.
    """
    settings = TrainSettings()
    origins = {name: Origin("default") for name in SETTINGS}
    found: list[tuple[tree.Equation, str]] = [(s, "spec") for s in block.body if isinstance(s, tree.Equation)] if block else []
    for given, source in ((environment or {}, "environment"), (overrides, "command line")):
        found += [(e, source) for k, v in given.items() if (e := _typed(k, v, source, reporter)) is not None]
    for statement, source in found:
        assert isinstance(statement.target, tree.Name)
        name = ALIASES.get(statement.target.name, statement.target.name)
        try:
            settings = _set(settings, name, statement)
            key = "optimizer" if name == "lr" else name
            origins[key] = Origin(source, statement.span)
        except Unfit as unfit:
            reporter.report(unfit.problem)
    if settings.epochs is not None and settings.steps is not None:
        spec, typed = origins["epochs"], origins["steps"]
        if spec.source == typed.source and spec.span is not None:
            reporter.report(SettingsClash(spec.span, "epochs", "steps"))
        elif _ORDER.index(typed.source) > _ORDER.index(spec.source):
            settings = replace(settings, epochs=None)
        else:
            settings = replace(settings, steps=None)
    return replace(settings, origins=origins, given=tuple({**(environment or {}), **overrides}.items()))


def _typed(name: str, text: str, origin: str, reporter: Reporter) -> tree.Equation | None:
    """`--set name=text` as a line of a train block."""
    source = Source(origin, f"train:\n    {name} = {text}\n")
    file = parse(source, reporter)
    block = next((i for i in file.items if isinstance(i, tree.Block)), None)
    return next((s for s in block.body if isinstance(s, tree.Equation)), None) if block else None


def _set(settings: TrainSettings, name: str, statement: tree.Equation) -> TrainSettings:
    value = statement.value
    readers: dict[str, Callable[[tree.Expr], Any]] = {
        "data": lambda v: v,
        "load": _weights,
        "optimizer": _optimiser,
        "batch": lambda v: whole(v, name),
        "epochs": lambda v: positive(v, name),
        "steps": lambda v: whole(v, name),
        "clip": lambda v: positive(v, name),
        "clip_value": lambda v: positive(v, name),
        "bptt": lambda v: whole(v, name),
        "scheduled_sampling": lambda v: schedules.share(v, name),
        "per": lambda v: choice(v, name, PER),
        "seed": lambda v: whole(v, name, 0),
        "lags": lambda v: whole(v, name),
        "patience": lambda v: whole(v, name),
        "restarts": lambda v: whole(v, name),
        "time_limit": lambda v: positive(v, name),
        "precision": lambda v: choice(v, name, PRECISIONS),
        "freeze": lambda v: texts(v, name),
        "rates": lambda v: _groups(v, name, "group"),
        "max_norm": lambda v: _groups(v, name, "limit"),
    }
    if name == "lr":
        return replace(settings, optimizer=replace(settings.optimizer, rate=schedules.rate(value)))
    if name not in readers:
        known = tuple(sorted(readers))
        raise Unfit(UnknownTrainSetting(statement.target.span, name, known, suggest(name, (*known, "optimiser", "early_stop"))))
    return replace(settings, **{name: readers[name](value)})


def _weights(node: tree.Expr) -> Weights:
    wanted = '`weights("file.safetensors", into="layer", names="map.txt", skip=["fc.*"])`'
    arguments = _arguments(node, "weights")
    if not arguments:
        raise Unfit(SettingUnfit(node.span, "load", f"`{node.span.text}`", wanted))
    given: dict[str, Any] = {}
    for k, argument in enumerate(arguments):
        key = argument.name.name if argument.name else "file" if k == 0 else ""
        if key not in ("file", "into", "names", "skip"):
            raise Unfit(UnknownTrainSetting(argument.span, key or argument.span.text, ("into", "names", "skip"), suggest(key, ("into", "names", "skip"))))
        found = texts(argument.value, key)
        if key != "skip" and (isinstance(argument.value, tree.ListOf) or not found[0]):
            raise Unfit(SettingUnfit(argument.span, key, f"`{argument.value.span.text}`", "one text in quotes"))
        given[key] = found if key == "skip" else found[0]
    return Weights(span=node.span, **given)


def _arguments(node: tree.Expr, word: str) -> tuple[tree.Argument, ...]:
    """What stands in the brackets of `word(...)`; nothing where this is something else."""
    match node:
        case tree.Call(function=tree.Name(name=named), arguments=arguments) if named == word:
            return arguments
        case _:
            return ()


def _groups(node: tree.Expr, name: str, word: str) -> tuple[tuple[str, float], ...]:
    items = node.items if isinstance(node, tree.ListOf) else (node,)
    found = []
    for item in items:
        match [a.value for a in _arguments(item, word)]:
            case [tree.String() as pattern, size]:
                found.append((pattern.value, positive(size, name)))
            case _:
                raise Unfit(SettingUnfit(item.span, name, f"`{item.span.text}`", f'a list such as [{word}("z.*", 10)]'))
    return tuple(found)


def _optimiser(node: tree.Expr) -> Optimiser:
    call = node if isinstance(node, tree.Call) else None
    head = call.function if call else node
    if not isinstance(head, tree.Name) or head.name not in RULES:
        name = head.name if isinstance(head, tree.Name) else head.span.text
        raise Unfit(UnknownOptimiser(head.span, name, tuple(RULES), suggest(name, RULES)))
    rule = RULES[head.name]
    names = ("rate", *rule.constants)
    rate = Schedule(values=(rule.rate,))
    constants: dict[str, float] = {}
    for k, argument in enumerate(call.arguments if call else ()):
        key = argument.name.name if argument.name else names[k] if k < len(names) else ""
        if key == "betas" and isinstance(argument.value, tree.ListOf) and len(argument.value.items) == 2:
            constants["beta1"], constants["beta2"] = (number(v, key) for v in argument.value.items)
            continue
        if key not in names:
            raise Unfit(UnknownTrainSetting(argument.span, key or argument.span.text, names, suggest(key, names)))
        if key == "rate":
            rate = schedules.rate(argument.value)
        else:
            constants[key] = _constant(argument.value, key)
    return Optimiser(head.name, rate, tuple(constants.items()))


def _constant(node: tree.Expr, key: str) -> float:
    found = number(node, key)
    if not found >= 0 or key in ("momentum", "rho", "beta1", "beta2") and not found < 1:
        wanted = "a number from 0 to below 1" if key in ("momentum", "rho", "beta1", "beta2") else "a number of at least 0"
        raise Unfit(SettingUnfit(node.span, key, f"{found:g}", wanted))
    return found
