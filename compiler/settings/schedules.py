"""Schedules: how a rate, or the share of draws that a net reads, changes over a training."""

from __future__ import annotations

from dataclasses import replace

from netc.compiler.diagnostics.problems.settings import SettingUnfit
from netc.compiler.diagnostics.suggest import suggest
from netc.compiler.settings.model import Schedule
from netc.compiler.settings.values import Unfit, number, positive, whole
from netc.compiler.syntax import tree

_RULES = ("steps", "linear", "cosine", "warmup")


def rate(node: tree.Expr) -> Schedule:
    """A rate, above 0."""
    if not (isinstance(node, tree.Call) and isinstance(node.function, tree.Name)):
        return Schedule(values=(positive(node, "rate"),))
    rule, arguments = node.function.name, [a.value for a in node.arguments]
    if rule == "warmup" and len(arguments) == 2:
        return replace(rate(arguments[1]), warmup=whole(arguments[0], "warmup"))
    if rule in ("linear", "cosine") and len(arguments) == 2:
        values = tuple(number(a, "rate") for a in arguments)
        if not values[0] > 0 or not values[1] >= 0:
            raise Unfit(SettingUnfit(node.span, "rate", node.span.text, "numbers above 0"))
        return Schedule(rule, values)
    found = _steps(node, "rate")
    if found is not None and all(v > 0 for v in found.values):
        return found
    if rule == "steps":
        wanted = "`steps([epochs], [rates])` with a rate above 0 for each epoch, the epochs in order"
        raise Unfit(SettingUnfit(node.span, "rate", f"`{node.span.text}`", f"{wanted}, such as `steps([0, 5], [0.1, 0.01])`"))
    wanted = "a number, `steps([epochs], [rates])`, `linear(a, b)`, `cosine(a, b)` or `warmup(steps, schedule)`"
    guess = suggest(rule, _RULES) if rule not in _RULES else None
    raise Unfit(SettingUnfit(node.span, "rate", f"`{node.span.text}`", wanted, guess))


def share(node: tree.Expr, name: str) -> Schedule:
    """A probability over the training: from 0 to 1 at every step."""
    wanted = "a number from 0 to 1, `linear(a, b)`, `cosine(a, b)`, `steps([epochs], [shares])`, `exponential(k)` with k below 1 or"
    unfit = Unfit(SettingUnfit(node.span, name, f"`{node.span.text}`", f"{wanted} `inverse_sigmoid(k)` with k of at least 1"))
    if not (isinstance(node, tree.Call) and isinstance(node.function, tree.Name)):
        found: Schedule | None = Schedule(values=(number(node, name),))
    else:
        rule, arguments = node.function.name, [a.value for a in node.arguments]
        found = _steps(node, name)
        if rule in ("linear", "cosine") and len(arguments) == 2:
            found = Schedule(rule, tuple(number(a, name) for a in arguments))
        elif rule in ("exponential", "inverse_sigmoid") and len(arguments) == 1:
            k = number(arguments[0], name)
            if not (0 < k < 1 if rule == "exponential" else 1 <= k < float("inf")):
                raise unfit
            return Schedule(rule, (k,))
    if found is None or not all(0 <= v <= 1 for v in found.values):
        raise unfit
    return found


def _steps(node: tree.Call, name: str) -> Schedule | None:
    """`steps([0, 5], [0.1, 0.01])`: values by epoch."""
    lists = [a.value for a in node.arguments if isinstance(a.value, tree.ListOf)]
    if not isinstance(node.function, tree.Name) or node.function.name != "steps" or len(lists) != 2 or len(node.arguments) != 2:
        return None
    epochs, values = (tuple(number(v, name) for v in one.items) for one in lists)
    if len(epochs) != len(values) or not epochs or list(epochs) != sorted(epochs):
        return None
    return Schedule("steps", values, epochs)
