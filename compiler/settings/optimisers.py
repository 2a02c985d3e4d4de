"""Reads an optimiser, `sgd(0.1, momentum=0.9)`: a rule with its rate and its constants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from netc.compiler.diagnostics.problems.settings import UnknownOptimiser
from netc.compiler.diagnostics.suggest import suggest
from netc.compiler.settings.calls import Argument, Signature
from netc.compiler.settings.kinds import BELOW_ONE, NOT_NEGATIVE, Flag, Kind, Unfit
from netc.compiler.settings.model import Optimiser, Schedule
from netc.compiler.settings.rules import RULES, Rule
from netc.compiler.settings.schedules import RATE
from netc.compiler.syntax import tree

_BELOW_ONE = ("momentum", "rho", "beta1", "beta2")  # shares of what was before


def signature_of(rule: Rule) -> Signature:
    """What an optimiser is given: its rate, then its constants."""
    constants = {k: _constant(k, v) for k, v in rule.constants.items()}
    return Signature({"rate": Argument(RATE, rule.rate), **constants})


def _constant(name: str, value: float) -> Argument:
    if name == "nesterov":
        return Argument(Flag(), bool(value))
    return Argument(BELOW_ONE, value, "0.9" if name == "momentum" else "") if name in _BELOW_ONE else Argument(NOT_NEGATIVE, value)


class OptimiserKind(Kind):
    """One of the rules, with what it is given; the rule alone has its defaults."""

    @property
    def wanted(self) -> str:
        return " or ".join(f"`{name}`" for name in RULES)

    def take(self, value: Any) -> Any:
        return None

    def read(self, node: tree.Expr, name: str, instead: Callable[[str], str], example: str) -> Optimiser:
        head = node.function if isinstance(node, tree.Call) else node
        call = _with_betas_apart(node) if isinstance(node, tree.Call) else tree.Call(node.span, node, ())
        rule = head.name if isinstance(head, tree.Name) else ""
        if rule not in RULES:
            quoted = isinstance(head, tree.String)
            shown = head.value if isinstance(head, tree.String) else head.span.text
            guess = shown if shown in RULES else suggest(shown, RULES)
            if guess is None:
                raise Unfit(UnknownOptimiser(head.span, shown, tuple(RULES), None))
            signature = signature_of(RULES[guess])
            mended, left = signature.mended(tree.Call(call.span, tree.Name(head.span, guess), call.arguments))
            meant = mended if isinstance(node, tree.Call) else f"{guess}({signature.arguments['rate'].shown})" if quoted else guess
            raise Unfit(UnknownOptimiser(head.span, shown, tuple(RULES), instead(meant), quoted and shown in RULES), *left)
        values = signature_of(RULES[rule]).read(call)
        given = {a.name.name if a.name else list(values)[k] for k, a in enumerate(call.arguments)}
        rate = values["rate"] if isinstance(values["rate"], Schedule) else Schedule(values=(RULES[rule].rate,))
        return Optimiser(rule, rate, tuple((k, float(v)) for k, v in values.items() if k in given and k != "rate"))


def gives_rate(node: tree.Expr) -> bool:
    """Whether an optimiser is given its own rate."""
    arguments = node.arguments if isinstance(node, tree.Call) else ()
    return any(a.name is None and k == 0 or a.name is not None and a.name.name == "rate" for k, a in enumerate(arguments))


def _with_betas_apart(call: tree.Call) -> tree.Call:
    """`betas=[0.9, 0.999]`, as others write it, is `beta1` and `beta2`."""
    arguments: list[tree.Argument] = []
    for a in call.arguments:
        if a.name is not None and a.name.name == "betas" and isinstance(a.value, tree.ListOf) and len(a.value.items) == 2:
            arguments += (tree.Argument(v.span, tree.Name(v.span, f"beta{k}"), v) for k, v in enumerate(a.value.items, 1))
        else:
            arguments.append(a)
    return tree.Call(call.span, call.function, tuple(arguments))
