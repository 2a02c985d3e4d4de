"""Reads a `train` block, with what the command line and the environment override."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any

from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.settings import (
    SettingsClash,
    SettingUnfit,
    UnknownOptimiser,
    UnknownTrainSetting,
)
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.diagnostics.suggest import suggest
from netc.compiler.settings.model import Optimiser, Origin, Schedule, TrainSettings, Weights
from netc.compiler.source.text import Source
from netc.compiler.syntax import tree
from netc.compiler.syntax.parser import parse

OPTIMISERS: dict[str, tuple[str, ...]] = {
    "sgd": ("rate", "momentum", "nesterov", "decay"),
    "adagrad": ("rate", "eps", "decay"),
    "rmsprop": ("rate", "rho", "eps", "momentum", "decay"),
    "adadelta": ("rate", "rho", "eps", "decay"),
    "adam": ("rate", "beta1", "beta2", "eps", "decay"),
    "adamw": ("rate", "beta1", "beta2", "eps", "decay"),
}
SCHEDULES = ("steps", "linear", "cosine", "warmup")
LATER = ("scheduled_sampling",)
SETTINGS = tuple(f.name for f in fields(TrainSettings) if f.name not in ("origins", "given"))
ALIASES = {"optimiser": "optimizer", "early_stop": "patience", "rate": "lr"}
_ORDER = ("default", "spec", "environment", "command line")  # the later goes before the earlier
_DEFAULT_RATES = {"sgd": 0.01, "adagrad": 0.01, "rmsprop": 1e-3, "adadelta": 1.0, "adam": 1e-3, "adamw": 1e-3}


class _Unfit(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


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
        except _Unfit as unfit:
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
        "batch": lambda v: _whole(v, name),
        "epochs": lambda v: _positive(v, name),
        "steps": lambda v: _whole(v, name),
        "clip": lambda v: _positive(v, name),
        "clip_value": lambda v: _positive(v, name),
        "bptt": lambda v: _whole(v, name),
        "per": lambda v: _choice(v, name, ("element", "sample")),
        "seed": lambda v: _whole(v, name, 0),
        "patience": lambda v: _whole(v, name),
        "restarts": lambda v: _whole(v, name),
        "time_limit": lambda v: _positive(v, name),
        "precision": lambda v: _choice(v, name, ("float32", "float64")),
        "freeze": lambda v: _texts(v, name),
        "rates": lambda v: _groups(v, name, "group"),
        "max_norm": lambda v: _groups(v, name, "limit"),
    }
    if name == "lr":
        return replace(settings, optimizer=replace(settings.optimizer, rate=_schedule(value)))
    if name in LATER:
        from netc.compiler.diagnostics.problems.causality import NotYet

        raise _Unfit(NotYet(statement.span, f"the setting `{name}`"))
    if name not in readers:
        known = tuple(sorted(readers))
        raise _Unfit(UnknownTrainSetting(statement.target.span, name, known, suggest(name, (*known, "optimiser", "early_stop"))))
    return replace(settings, **{name: readers[name](value)})


def number(node: tree.Expr, name: str) -> float:
    """A number, with a sign, as a fraction or as a product."""
    match node:
        case tree.Number():
            return node.value
        case tree.Sign():
            return -number(node.operand, name) if node.operator == "-" else number(node.operand, name)
        case tree.Name(name="inf"):
            return math.inf
        case tree.Name(name="nan"):
            return math.nan
        case tree.Name(name="true"):
            return 1
        case tree.Name(name="false"):
            return 0
        case tree.Binary(operator="/" | "*" | "^") as b:
            left, right = number(b.left, name), number(b.right, name)
            try:
                return left / right if b.operator == "/" else left * right if b.operator == "*" else left**right
            except (ZeroDivisionError, OverflowError):
                return math.nan
        case _:
            raise _Unfit(SettingUnfit(node.span, name, f"`{node.span.text}`", "a number"))


def _positive(node: tree.Expr, name: str) -> float:
    found = number(node, name)
    if not found > 0 or math.isinf(found):
        raise _Unfit(SettingUnfit(node.span, name, f"{found:g}", "a number above 0"))
    return found


def _whole(node: tree.Expr, name: str, least: int = 1) -> int:
    found = number(node, name)
    if math.isnan(found) or math.isinf(found) or found != int(found) or found < least:
        raise _Unfit(SettingUnfit(node.span, name, f"{found:g}", f"a whole number of at least {least}"))
    return int(found)


def _choice(node: tree.Expr, name: str, known: tuple[str, ...]) -> str:
    text = node.value if isinstance(node, tree.String) else node.name if isinstance(node, tree.Name) else ""
    if text not in known:
        raise _Unfit(SettingUnfit(node.span, name, f"`{node.span.text}`", " or ".join(f'"{k}"' for k in known)))
    return text


def _texts(node: tree.Expr, name: str) -> tuple[str, ...]:
    items = node.items if isinstance(node, tree.ListOf) else (node,)
    for item in items:
        if not isinstance(item, tree.String):
            raise _Unfit(SettingUnfit(item.span, name, f"`{item.span.text}`", 'a list of patterns such as ["features.*"]'))
    return tuple(i.value for i in items if isinstance(i, tree.String))


def _weights(node: tree.Expr) -> Weights:
    wanted = '`weights("file.safetensors", into="layer", names="map.txt", skip=["fc.*"])`'
    call = isinstance(node, tree.Call) and isinstance(node.function, tree.Name) and node.function.name == "weights"
    if not call or not node.arguments:  # type: ignore[union-attr]
        raise _Unfit(SettingUnfit(node.span, "load", f"`{node.span.text}`", wanted))
    given: dict[str, Any] = {}
    for k, argument in enumerate(node.arguments):  # type: ignore[union-attr]
        key = argument.name.name if argument.name else "file" if k == 0 else ""
        if key not in ("file", "into", "names", "skip"):
            raise _Unfit(UnknownTrainSetting(argument.span, key or argument.span.text, ("into", "names", "skip"), suggest(key, ("into", "names", "skip"))))
        found = _texts(argument.value, key)
        if key != "skip" and (isinstance(argument.value, tree.ListOf) or not found[0]):
            raise _Unfit(SettingUnfit(argument.span, key, f"`{argument.value.span.text}`", "one text in quotes"))
        given[key] = found if key == "skip" else found[0]
    return Weights(span=node.span, **given)


def _groups(node: tree.Expr, name: str, word: str) -> tuple[tuple[str, float], ...]:
    items = node.items if isinstance(node, tree.ListOf) else (node,)
    found = []
    for item in items:
        call = isinstance(item, tree.Call) and isinstance(item.function, tree.Name) and item.function.name == word
        if not call or len(item.arguments) != 2 or not isinstance(item.arguments[0].value, tree.String):  # type: ignore[union-attr]
            raise _Unfit(SettingUnfit(item.span, name, f"`{item.span.text}`", f'a list such as [{word}("z.*", 10)]'))
        found.append((item.arguments[0].value.value, _positive(item.arguments[1].value, name)))  # type: ignore[union-attr]
    return tuple(found)


def _optimiser(node: tree.Expr) -> Optimiser:
    call = node if isinstance(node, tree.Call) else None
    head = call.function if call else node
    if not isinstance(head, tree.Name) or head.name not in OPTIMISERS:
        name = head.name if isinstance(head, tree.Name) else head.span.text
        raise _Unfit(UnknownOptimiser(head.span, name, tuple(OPTIMISERS), suggest(name, OPTIMISERS)))
    names = OPTIMISERS[head.name]
    rate = Schedule(values=(_DEFAULT_RATES[head.name],))
    constants: dict[str, float] = {}
    for k, argument in enumerate(call.arguments if call else ()):
        key = argument.name.name if argument.name else names[k] if k < len(names) else ""
        if key == "betas" and isinstance(argument.value, tree.ListOf) and len(argument.value.items) == 2:
            constants["beta1"], constants["beta2"] = (number(v, key) for v in argument.value.items)
            continue
        if key not in names:
            raise _Unfit(UnknownTrainSetting(argument.span, key or argument.span.text, names, suggest(key, names)))
        if key == "rate":
            rate = _schedule(argument.value)
        else:
            constants[key] = _constant(argument.value, key)
    return Optimiser(head.name, rate, tuple(constants.items()))


def _constant(node: tree.Expr, key: str) -> float:
    found = number(node, key)
    if not found >= 0 or key in ("momentum", "rho", "beta1", "beta2") and not found < 1:
        wanted = "a number from 0 to below 1" if key in ("momentum", "rho", "beta1", "beta2") else "a number of at least 0"
        raise _Unfit(SettingUnfit(node.span, key, f"{found:g}", wanted))
    return found


def _schedule(node: tree.Expr) -> Schedule:
    if not (isinstance(node, tree.Call) and isinstance(node.function, tree.Name)):
        return Schedule(values=(_positive(node, "rate"),))
    rule, arguments = node.function.name, [a.value for a in node.arguments]
    if rule == "warmup" and len(arguments) == 2:
        return replace(_schedule(arguments[1]), warmup=_whole(arguments[0], "warmup"))
    if rule in ("linear", "cosine") and len(arguments) == 2:
        values = tuple(number(a, "rate") for a in arguments)
        if not values[0] > 0 or not values[1] >= 0:
            raise _Unfit(SettingUnfit(node.span, "rate", node.span.text, "numbers above 0"))
        return Schedule(rule, values)
    if rule == "steps" and len(arguments) == 2 and all(isinstance(a, tree.ListOf) for a in arguments):
        epochs, values = (tuple(number(v, "rate") for v in a.items) for a in arguments if isinstance(a, tree.ListOf))
        if len(epochs) == len(values) and epochs and all(v > 0 for v in values) and list(epochs) == sorted(epochs):
            return Schedule("steps", values, epochs)
    wanted = "a number, `steps([epochs], [rates])`, `linear(a, b)`, `cosine(a, b)` or `warmup(steps, schedule)`"
    raise _Unfit(SettingUnfit(node.span, "rate", f"`{node.span.text}`", wanted))
